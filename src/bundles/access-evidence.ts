/** What a checkout's own access rules and their tests show: the data that rules on data products judge a port's access policy by. */
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { PortcullisError } from '../domain/errors.ts'
import type { Opa } from './opa.ts'
import { policyTestsFolder } from './policy-test.ts'
import type { OpaTest } from './policy-test-report.ts'
import { readAccessSources } from './products/access-sources.ts'
import type { Source } from './sources.ts'
import { stageSources } from './stage.ts'

export type AccessEvidence = {
  readonly parses: boolean
  /** `deny` where the composition permits nothing that no rule permits. */
  readonly default: 'deny' | 'unknown'
  /** Tests that expect nothing to be denied or masked. */
  readonly positive_tests: number
  /** Tests that expect something to be denied or masked, or nothing to be permitted. */
  readonly negative_tests: number
  readonly failed_tests: number
}

/** Of data in the bundle, and of the file that a checkout may keep of it for conftest. */
export const evidencePath = 'dataproduct/access_policies/data.json'
const rulePath = /^rules\/([a-z][a-z0-9_]*)\/([a-z][a-z0-9_]*)\/\2\.rego$/u
/** Whom no rule can permit anything. */
const nobody = { user: {}, resource: { id: '/' }, request: { resource: '/' }, record: {} }
const testsOfDataproducts = 'dataproduct'

/** By `<domain>.<name>`, of rules that OPA compiles; none where they do not compile. @throws tool.failed, bundle.missing */
export async function accessEvidence(opa: Opa, root: string): Promise<Readonly<Record<string, AccessEvidence>>> {
  const { sources } = await readAccessSources(root)
  const rules = sources.flatMap(({ path }) => {
    const [, domain, name] = rulePath.exec(path) ?? []
    return domain === undefined ? [] : [`${domain}.${name}`]
  })
  if (rules.length === 0) return {}
  await using stage = await stageSources(opa, sources)
  const [fallback, tests] = await Promise.all([defaultOf(opa, stage.sources), testsOf(opa, root, stage.sources)])
  if (fallback === undefined) return {}
  const evidenceOf = (rule: string): AccessEvidence => {
    const own = tests.filter((test) => test.package === `data.test.rules.${rule}`)
    return {
      parses: true,
      default: fallback,
      positive_tests: own.filter(({ expects }) => expects.positive).length,
      negative_tests: own.filter(({ expects }) => expects.negative).length,
      failed_tests: own.filter(({ failed }) => failed).length,
    }
  }
  return Object.fromEntries([...rules].sort().map((rule) => [rule, evidenceOf(rule)]))
}

/** As a source of the bundle. */
export function evidenceSource(evidence: Readonly<Record<string, AccessEvidence>>): Source {
  return {
    path: evidencePath,
    file: `policies/${evidencePath}`,
    bytes: Buffer.from(`${JSON.stringify(evidence, null, 2)}\n`),
  }
}

/** Undefined where the rules do not compile. */
async function defaultOf(opa: Opa, staged: string): Promise<'deny' | 'unknown' | undefined> {
  const query = `answers := [data.access.user.allow, data.access.resource.allow, data.access.record.allow] with input as ${JSON.stringify(nobody)}`
  const { ok, stdout } = await opa.run(['eval', '--format', 'json', '-d', '.', query], { cwd: staged })
  if (!ok) return undefined
  const { result } = JSON.parse(stdout) as {
    readonly result?: readonly { readonly bindings?: { readonly answers?: unknown } }[]
  }
  return JSON.stringify(result?.[0]?.bindings?.answers) === '[false,false,false]' ? 'deny' : 'unknown'
}

type Test = {
  readonly package: string
  readonly failed: boolean
  readonly expects: { readonly positive: boolean; readonly negative: boolean }
}

async function testsOf(opa: Opa, root: string, staged: string): Promise<readonly Test[]> {
  const folder = resolve(root, policyTestsFolder)
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== testsOfDataproducts)
  if (folders.length === 0) return []
  const paths = folders.map(({ name }) => join(folder, name))
  const { stdout, stderr } = await opa.run(
    ['test', '--format', 'json', '--run', '^data\\.test\\.rules\\.', '.', ...paths],
    { cwd: staged },
  )
  const texts = new Map<string, string>()
  const tests: Test[] = []
  for (const { package: name = '', location: { file = '', row = 1 } = {}, fail, error } of parsed(stdout, stderr)) {
    if (!texts.has(file)) texts.set(file, await readFile(resolve(staged, file), 'utf8'))
    const expects = expectationsOf(texts.get(file)!, row)
    tests.push({ package: name, failed: fail === true || error !== undefined, expects })
  }
  return tests
}

function parsed(stdout: string, stderr: string): readonly OpaTest[] {
  try {
    return (JSON.parse(stdout) as readonly OpaTest[] | null) ?? []
  } catch (cause) {
    throw new PortcullisError('tool.failed', { message: `opa test: ${stderr.trim()}`, cause })
  }
}

/** From the text of one test, which ends where the next rule begins. */
function expectationsOf(text: string, row: number) {
  const [first = '', ...rest] = text.split('\n').slice(row - 1)
  const end = rest.findIndex((line) => /^[a-z_]/u.test(line))
  const lines = [first, ...(end === -1 ? rest : rest.slice(0, end))]
  const none = /==\s*set\(\)|count\([^)]*\)\s*==\s*0|^\s*not\s/u
  const said = (names: RegExp) => lines.filter((line) => names.test(line)).map((line) => none.test(line))
  const against = said(/\b(?:deny|mask|masked|denied|found)\b/u)
  const permitted = said(/\bpermit\b/u)
  return {
    positive: against.includes(true) || permitted.includes(false),
    negative: against.includes(false) || permitted.includes(true),
  }
}
