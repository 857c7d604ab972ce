/** The product's own access policies, compiled by the pinned OPA with the manifest that the bundle builder gives them. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { accessEntrypoints } from '../../../src/policy/opa-wasm/access-bundle.ts'
import { build, findOpa, type Sources, tarGz } from './opa.ts'

const folder = fileURLToPath(new URL('../../../policies', import.meta.url))
export const roots = ['access', 'attachments', 'lib', 'rules']

type Annotated = {
  readonly annotations: {
    readonly scope: string
    readonly title?: string
    readonly custom?: { readonly code?: string; readonly facts?: unknown }
  }
  readonly location: { readonly file: string; readonly row: number }
  readonly path?: readonly { readonly value: string }[]
}

export function productSources(): Sources {
  return Object.fromEntries(
    roots.flatMap((root) =>
      readdirSync(join(folder, root), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((file) => [relative(folder, file), readFileSync(file, 'utf8')]),
    ),
  )
}

/** What the manifest says of each rule: title, code, place, facts. */
export function productMetadata(): Readonly<Record<string, unknown>> {
  const output = execFileSync(findOpa(), ['inspect', '-a', '--format', 'json', '.'], { cwd: folder })
  const { annotations } = JSON.parse(output.toString('utf8')) as { readonly annotations: readonly Annotated[] }
  const rules: Record<string, unknown> = {}
  for (const { annotations: said, location, path = [] } of annotations) {
    const [, root, domain, rule, ...rest] = path.map(({ value }) => value)
    if (said.scope !== 'package' || root !== 'rules' || rule === undefined || rest.length > 0) continue
    rules[`${domain}.${rule}`] = {
      title: said.title,
      code: said.custom?.code,
      place: `${location.file}:${location.row}`,
      ...(said.custom?.facts === undefined ? {} : { facts: said.custom.facts }),
    }
  }
  return rules
}

export function productBundle(): Buffer {
  return bundleOf(productSources(), productMetadata(), roots)
}

export function bundleOf(sources: Sources, rules: Readonly<Record<string, unknown>>, roots: readonly string[]): Buffer {
  const { manifest, data, wasm, plan } = build(sources, accessEntrypoints)
  return tarGz({
    '.manifest': JSON.stringify({
      ...(JSON.parse(manifest) as object),
      revision: 'product',
      roots,
      metadata: { rules },
    }),
    'data.json': data,
    'policy.wasm': wasm,
    'plan.json': plan,
  })
}
