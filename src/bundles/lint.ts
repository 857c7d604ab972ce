/** The checks of a build, without a build, and what a reviewer would ask for besides: format, and a test for each rule. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { checkPolicies } from './check/check-policies.ts'
import type { CheckedRule } from './check/check-rule.ts'
import { byPlace, type PolicyFinding } from './finding.ts'
import type { Opa } from './opa.ts'
import { policyTestsFolder } from './policy-test.ts'
import { readAccessSources } from './products/access-sources.ts'
import { policiesFolder, type Source } from './sources.ts'
import { stageSources } from './stage.ts'

/** Findings by place, warnings among them. @throws tool.failed, bundle.missing */
export async function lintPolicies(opa: Opa, root: string): Promise<readonly PolicyFinding[]> {
  const read = await readAccessSources(root)
  await using stage = await stageSources(opa, read.sources)
  const { findings, rules } = await checkPolicies(opa, read, stage.sources)
  return [
    ...findings,
    ...(await unformatted(opa, root)),
    ...(await untested(root, ownRules(rules, read.sources))),
  ].sort(byPlace)
}

async function unformatted(opa: Opa, root: string): Promise<readonly PolicyFinding[]> {
  const tests = await isThere(join(root, policyTestsFolder))
  const folders = [policiesFolder, ...(tests ? [policyTestsFolder] : [])]
  const { stdout } = await opa.run(['fmt', '--list', ...folders], { cwd: root })
  return stdout
    .split('\n')
    .filter((file) => file !== '')
    .map((file) => ({ code: 'source.unformatted', file, line: 1, message: 'Not formatted as opa fmt does it.' }))
}

/** Rules of other repositories are tested there. */
function ownRules(rules: ReadonlyMap<string, CheckedRule>, sources: readonly Source[]) {
  const elsewhere = new Set(sources.flatMap(({ file, origin }) => (origin === undefined ? [] : [file])))
  return new Map([...rules].filter(([, { metadata }]) => !elsewhere.has(metadata.place.replace(/:\d+$/, ''))))
}

/** Tests of a rule lie where the rule does, below opa-tests/. */
async function untested(root: string, rules: ReadonlyMap<string, CheckedRule>): Promise<readonly PolicyFinding[]> {
  // a checkout without tests at all is what `policy test` fails for
  if (!(await isThere(join(root, policyTestsFolder)))) return []
  const names = await readdir(join(root, policyTestsFolder), { recursive: true })
  const tests = names.map((name) => name.replaceAll('\\', '/')).filter((name) => name.endsWith('_test.rego'))
  return [...rules].flatMap(([id, rule]) => {
    const [domain, name] = id.split('.') as [string, string]
    if (tests.some((test) => test.startsWith(`rules/${domain}/${name}/`))) return []
    const [file = '', line = '1'] = rule.metadata.place?.split(':') ?? []
    return [{ code: 'rule.untested', file, line: Number(line), message: `${id} has no test.` }]
  })
}

async function isThere(folder: string): Promise<boolean> {
  return readdir(folder).then(
    () => true,
    () => false,
  )
}
