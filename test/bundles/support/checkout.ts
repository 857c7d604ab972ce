/** A checkout of its own with the product's policies, changed as a test needs it, and OPA beside it. */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isWarning, type PolicyFinding } from '../../../src/bundles/finding.ts'
import { lintPolicies } from '../../../src/bundles/lint.ts'
import { findOpa, type Opa } from '../../../src/bundles/opa.ts'
import { ensureTool } from '../../support/ensure-tool.ts'
import { createTempFolder, type TempFolder } from '../../support/temp-folder.ts'

export const repository = fileURLToPath(new URL('../../..', import.meta.url))

/** By path below policies/: its new text, a change to the text that is there, or undefined to remove it. */
export type Changes = Readonly<Record<string, string | ((text: string) => string) | undefined>>

export async function pinnedOpa(): Promise<Opa> {
  return findOpa({ explicit: await ensureTool('opa'), root: repository })
}

export async function createCheckout(changes: Changes): Promise<TempFolder> {
  const folder = await createTempFolder('checkout')
  await cp(join(repository, 'policies'), join(folder.path, 'policies'), { recursive: true })
  for (const [path, change] of Object.entries(changes)) {
    const file = join(folder.path, 'policies', path)
    if (change === undefined) await rm(file)
    else {
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, typeof change === 'string' ? change : changed(path, await readFile(file, 'utf8'), change))
    }
  }
  return folder
}

function changed(path: string, text: string, change: (text: string) => string): string {
  const result = change(text)
  if (result === text) throw new Error(`${path} was not changed`)
  return result
}

/** `file:line code` of each finding that these changes cause; warnings are marked. */
export async function lint(changes: Changes): Promise<readonly string[]> {
  await using checkout = await createCheckout(changes)
  const findings = await lintPolicies(await pinnedOpa(), checkout.path)
  return findings.map(
    (finding: PolicyFinding) =>
      `${isWarning(finding) ? 'warning: ' : ''}${finding.file.replace(/^policies\//, '')}:${finding.line} ${finding.code}`,
  )
}

/** A rule with METADATA on lines 1 to 5, its package on line 6, and its body from line 8 on. */
export function ruleText(id: string, body: string): string {
  return `# METADATA
# title: A rule of a test
# description: For a test.
# custom:
#   code: ${id}
package rules.${id}

${body}
`
}

export function rulePath(id: string): string {
  const [domain, name] = id.split('.')
  return `rules/${domain}/${name}/${name}.rego`
}
