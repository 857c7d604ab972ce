/** From `policies/dataproduct/` to the bundle of rules on data products: checked, compiled, packed, and named by the hash of what is in it. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PortcullisError } from '../domain/errors.ts'
import { accessEvidence, evidencePath, evidenceSource } from './access-evidence.ts'
import { type BuildResult, type BuiltBundle, buildAccess, byKey, manifestEntry, revisionOf } from './build-access.ts'
import { dataproductCapabilities } from './capabilities.ts'
import { compileFindings } from './check/opa-findings.ts'
import { type Compiled, compileStage } from './compile.ts'
import { byPlace, isWarning, type PolicyFinding } from './finding.ts'
import type { Opa } from './opa.ts'
import { policiesFolder, readSources, type Source } from './sources.ts'
import { stageSources } from './stage.ts'
import { packTarGz, type TarEntry } from './tar-gz.ts'

export const dataproductBundleFile = 'dataproduct.tar.gz'
/** The same policies as Rego alone, for an OPA that was built without WASM. */
export const dataproductRegoFile = 'dataproduct-rego.tar.gz'
export const dataproductRoots = ['dataproduct'] as const
export const dataproductEntrypoints = [
  'dataproduct/report',
  'dataproduct/validation',
  'dataproduct/deny',
  'dataproduct/warn',
] as const

/** What the manifest says of a rule. */
type RuleMetadata = Readonly<Record<string, unknown>>

/** All bundles of a checkout; that of data products where it has rules on them. @throws tool.failed, bundle.missing */
export async function buildBundles(opa: Opa, root: string): Promise<BuildResult> {
  const access = await buildAccess(opa, root)
  if (!(await hasDataproductRules(root))) return access
  const dataproduct = await buildDataproduct(opa, root)
  const findings = [...access.findings, ...dataproduct.findings]
  const refused = access.bundles.length === 0 || dataproduct.bundles.length === 0
  return { findings, bundles: refused ? [] : [...access.bundles, ...dataproduct.bundles] }
}

/** @throws tool.failed, bundle.missing */
export async function buildDataproduct(opa: Opa, root: string): Promise<BuildResult> {
  const { sources: written, findings: unexpected } = await readSources(root, dataproductRoots)
  const sources = await withEvidence(opa, root, written)
  await using stage = await stageSources(opa, sources, dataproductRoots, dataproductCapabilities)
  const broken = [...unexpected, ...(await compileFindings(opa, sources, stage.sources))]
  if (broken.length > 0) return { findings: broken.sort(byPlace), bundles: [] }
  const { findings, rules } = await readRules(opa, sources, stage.sources)
  if (findings.some((finding) => !isWarning(finding))) return { findings: findings.sort(byPlace), bundles: [] }
  return { findings, bundles: pack(await compileStage(opa, stage, dataproductEntrypoints), sources, rules) }
}

/** What the access rules of the checkout show is data of the bundle, in place of what a checkout keeps of it for conftest. */
async function withEvidence(opa: Opa, root: string, written: readonly Source[]): Promise<readonly Source[]> {
  if ((await stat(join(root, policiesFolder, 'rules')).catch(() => undefined))?.isDirectory() !== true) return written
  const others = written.filter(({ path }) => path !== evidencePath)
  return [...others, evidenceSource(await accessEvidence(opa, root))].sort((left, right) =>
    left.path < right.path ? -1 : 1,
  )
}

async function hasDataproductRules(root: string): Promise<boolean> {
  return (await stat(join(root, policiesFolder, 'dataproduct')).catch(() => undefined))?.isDirectory() === true
}

/** Without a plan: nobody asks for more than a check, and it would be four fifths of what each check reads. */
function pack(
  { wasm, data, rego, resolvers }: Compiled,
  sources: readonly Source[],
  rules: ReadonlyMap<string, RuleMetadata>,
): readonly BuiltBundle[] {
  const common = {
    roots: dataproductRoots,
    rego_version: 1,
    metadata: { rules: Object.fromEntries([...rules].sort(byKey)) },
  }
  const manifest = { ...common, wasm: resolvers }
  const contents: readonly TarEntry[] = [
    { path: 'policy.wasm', bytes: wasm },
    { path: 'data.json', bytes: data },
    ...[...rego].sort(byKey).map(([path, bytes]) => ({ path, bytes })),
  ]
  const revision = revisionOf(manifest, contents)
  const modules = [{ path: 'data.json', bytes: data }, ...sources.filter(({ path }) => path.endsWith('.rego'))]
  return [
    {
      name: dataproductBundleFile,
      revision,
      bytes: packTarGz([manifestEntry({ revision, ...manifest }), ...contents]),
    },
    { name: dataproductRegoFile, revision, bytes: packTarGz([manifestEntry({ revision, ...common }), ...modules]) },
  ]
}

type Inspected = {
  readonly annotations?: readonly {
    readonly annotations: {
      readonly scope?: string
      readonly title?: string
      readonly description?: string
      readonly custom?: Readonly<Record<string, unknown>>
    }
    readonly location: { readonly file: string; readonly row: number }
  }[]
}

/** Rules are packages below `rules` and `domains` in a folder of their own; each has to say what it is. */
async function readRules(opa: Opa, sources: readonly Source[], staged: string) {
  const { ok, stdout, stderr } = await opa.run(['inspect', '--annotations', '--format', 'json', '.'], { cwd: staged })
  if (!ok) throw new PortcullisError('tool.failed', { message: `opa inspect: ${stderr.trim()}` })
  const { annotations = [] } = JSON.parse(stdout) as Inspected
  const ofPackage = new Map(
    annotations
      .filter(({ annotations: { scope } }) => scope === 'package')
      .map(({ annotations: each, location }) => [
        location.file.replace(/^(?:\.\/|\/)+/u, ''),
        { ...each, row: location.row },
      ]),
  )
  const findings: PolicyFinding[] = []
  const rules = new Map<string, RuleMetadata>()
  const report = (file: string, line: number, message: string) =>
    findings.push({ code: 'rule.metadata_incomplete', file, line, message })
  for (const { path, file } of sources) {
    const folder = /^dataproduct\/(?:rules|domains\/[^/]+(?:\/rules)?)\/([^/]+)\/\1\.rego$/u.exec(path)?.[1]
    if (folder === undefined) continue
    const said = ofPackage.get(path)
    const custom = said?.custom ?? {}
    const id = typeof custom['id'] === 'string' ? custom['id'] : ''
    const missing = missingOf({ ...custom, title: said?.title, description: said?.description })
    if (missing.length > 0) report(file, said?.row ?? 1, `The rule does not say ${missing.join(', ')}.`)
    else if (id.toLowerCase().replaceAll('-', '_') !== folder)
      report(file, said!.row, `The id ${id} does not belong into the folder ${folder}.`)
    else if (rules.has(id)) report(file, said!.row, `The id ${id} is given to two rules.`)
    else rules.set(id, ruleMetadata(said!.title!, said!.description!, custom))
  }
  if (rules.size === 0 && findings.length === 0) report(`${policiesFolder}/dataproduct`, 1, 'There is no rule at all.')
  return { findings, rules }
}

function missingOf(said: Readonly<Record<string, unknown>>): readonly string[] {
  const texts = ['title', 'description', 'id', 'remedy'].filter(
    (key) => typeof said[key] !== 'string' || said[key] === '',
  )
  const { severity, scope, regulation } = said
  return [
    ...texts,
    ...(['critical', 'error', 'warning', 'info'].includes(String(severity)) ? [] : ['severity']),
    ...(['document', 'tree', 'change'].includes(String(scope)) ? [] : ['scope']),
    ...(Array.isArray(regulation) ? [] : ['regulation']),
  ]
}

function ruleMetadata(title: string, description: string, custom: Readonly<Record<string, unknown>>): RuleMetadata {
  const { severity, scope, regulation, remedy, effective_from, severity_before, code } = custom
  return {
    title,
    description: description.trim(),
    severity,
    scope,
    regulation,
    remedy,
    ...(effective_from === undefined ? {} : { effectiveFrom: effective_from }),
    ...(severity_before === undefined ? {} : { severityBefore: severity_before }),
    ...(code === undefined ? {} : { code }),
  }
}
