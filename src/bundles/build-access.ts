/** From the sources in `policies/` to the bundle of access rules: checked, compiled, packed, and named by the hash of what is in it. */
import { createHash } from 'node:crypto'
import { checkPolicies } from './check/check-policies.ts'
import type { CheckedRule } from './check/check-rule.ts'
import { type Compiled, compileStage, planStage } from './compile.ts'
import { isWarning, type PolicyFinding } from './finding.ts'
import type { Opa } from './opa.ts'
import { readAccessSources } from './products/access-sources.ts'
import { revisionFindings } from './products/policy-revisions.ts'
import { accessRoots, type Source } from './sources.ts'
import { stageSources } from './stage.ts'
import { packTarGz, type TarEntry } from './tar-gz.ts'

export type BuiltBundle = { readonly name: string; readonly revision: string; readonly bytes: Buffer }
/** No bundles when a finding forbids them. */
export type BuildResult = { readonly findings: readonly PolicyFinding[]; readonly bundles: readonly BuiltBundle[] }

/** Compiled: what serves. */
export const accessBundleFile = 'access.tar.gz'
/** The same policies as Rego alone, for an OPA that was built without WASM. */
export const regoBundleFile = 'access-rego.tar.gz'

/** @throws tool.failed, bundle.missing */
export async function buildAccess(opa: Opa, root: string): Promise<BuildResult> {
  const read = await readAccessSources(root)
  await using stage = await stageSources(opa, read.sources)
  const { findings, rules } = await checkPolicies(opa, read, stage.sources)
  if (findings.some((finding) => !isWarning(finding))) return { findings, bundles: [] }
  const [compiled, plan] = await Promise.all([compileStage(opa, stage), planStage(opa, stage)])
  const bundles = pack(compiled, plan, read.sources, rules)
  return { findings: [...findings, ...(await revisionFindings(root, read.products, bundles[0]!))], bundles }
}

/** The same contents have the same revision, whoever builds them, wherever and when; both bundles have that of the compiled one. */
function pack(
  compiled: Compiled,
  plan: Buffer,
  sources: readonly Source[],
  rules: ReadonlyMap<string, CheckedRule>,
): readonly BuiltBundle[] {
  const { wasm, data, rego } = compiled
  const common = {
    roots: accessRoots,
    rego_version: 1,
    metadata: { rules: Object.fromEntries([...rules].sort(byKey).map(([id, { metadata }]) => [id, metadata])) },
  }
  const manifest = { ...common, wasm: compiled.resolvers }
  const contents: readonly TarEntry[] = [
    { path: 'policy.wasm', bytes: wasm },
    { path: 'plan.json', bytes: plan },
    { path: 'data.json', bytes: data },
    ...[...rego].sort(byKey).map(([path, bytes]) => ({ path, bytes })),
  ]
  const revision = revisionOf(manifest, contents)
  const modules = sources.filter(({ path }) => path.endsWith('.rego'))
  return [
    { name: accessBundleFile, revision, bytes: packTarGz([manifestEntry({ revision, ...manifest }), ...contents]) },
    {
      name: regoBundleFile,
      revision,
      bytes: packTarGz([manifestEntry({ revision, ...common }), { path: 'data.json', bytes: data }, ...modules]),
    },
  ]
}

export function manifestEntry(manifest: unknown): TarEntry {
  return { path: '.manifest', bytes: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) }
}

export function revisionOf(manifest: unknown, contents: readonly TarEntry[]): string {
  const hash = createHash('sha256').update(JSON.stringify(manifest))
  for (const { path, bytes } of contents) hash.update(`\n${path} ${bytes.length}\n`).update(bytes)
  return hash.digest('hex')
}

export function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1
}
