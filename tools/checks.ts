/** Every check of `make test`, in the order they run: cheap ones first. To add one, add it to the list at the end. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type CommandOptions, type CommandResult, runCommand } from './run-command.ts'
import { type Counts, countOpaTests, countVitest } from './test-counts.ts'

/** `report` is shown when something failed. */
export type CheckResult = Counts & { readonly report: string }

export type Check = {
  readonly group: 'code' | 'policies' | 'tests'
  readonly name: string
  run(): Promise<CheckResult>
}

const MINUTE_MS = 60_000
const STATIC_TIMEOUT_MS = 15 * MINUTE_MS
const ENSURE_TIMEOUT_MS = 20 * MINUTE_MS
const VITEST_TIMEOUT_MS = 60 * MINUTE_MS
const OPA_COVERAGE_MIN_PERCENT = 90
/** How long generated policies and poison are tried in each run; `make fuzz` takes longer. */
const FUZZ_MS = 10_000

/** Fetched or built before the suites start, so that no test's time limit has to allow for that. */
const TOOLS = ['opa', 'conftest', 'java', 'kafka', 'redis']

const POLICY_FOLDERS = ['policies', 'opa-tests']

/** A check that is itself one pass or one fail. */
function verdict(result: CommandResult): CheckResult {
  const counts = result.ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
  return { ...counts, report: result.stdout + result.stderr }
}

function command(group: Check['group'], name: string, program: string, ...args: string[]): Check {
  return { group, name, run: async () => verdict(await runCommand(program, args, { timeoutMs: STATIC_TIMEOUT_MS })) }
}

async function ensured(tool: string): Promise<string> {
  const { ok, stdout, stderr } = await runCommand('tools/ensure', [tool], { timeoutMs: ENSURE_TIMEOUT_MS })
  if (!ok) throw new Error(stderr)
  return stdout.trim()
}

async function opa(...args: string[]): Promise<CommandResult> {
  return runCommand(await ensured('opa'), args, { timeoutMs: STATIC_TIMEOUT_MS })
}

async function opaFormat(): Promise<CheckResult> {
  return verdict(await opa('fmt', '--fail', '--list', ...POLICY_FOLDERS))
}

async function opaCheck(): Promise<CheckResult> {
  const schemas = existsSync('schemas') ? ['--schema', 'schemas'] : []
  return verdict(await opa('check', '--strict', ...schemas, ...POLICY_FOLDERS))
}

async function opaTest(): Promise<CheckResult> {
  const { stdout, stderr } = await opa('test', '--format', 'json', ...POLICY_FOLDERS)
  const tests = parsed(stdout)
  // No test at all, or files that don't compile: the report is then no list.
  const counts = countOpaTests(Array.isArray(tests) ? tests : [])
  if (counts.failed === 0) return { ...counts, report: '' }
  const readable = await opa('test', '--verbose', ...POLICY_FOLDERS)
  return { ...counts, report: readable.stdout + readable.stderr + stderr }
}

async function opaCoverage(): Promise<CheckResult> {
  const limit = ['--coverage', '--threshold', String(OPA_COVERAGE_MIN_PERCENT)]
  return verdict(await opa('test', ...limit, '--format', 'json', ...POLICY_FOLDERS))
}

async function toolsAreThere(): Promise<CheckResult> {
  for (const tool of TOOLS) await ensured(tool)
  return { passed: 1, failed: 0, report: '' }
}

async function bundlesEqualFreshBuild(): Promise<CheckResult> {
  const options: CommandOptions = { timeoutMs: STATIC_TIMEOUT_MS, env: { OPA: await ensured('opa') } }
  return verdict(await runCommand('bin/portcullis', ['bundle', 'verify'], options))
}

async function fuzzRun(): Promise<CheckResult> {
  const env = { OPA: await ensured('opa'), FUZZ_MS: String(FUZZ_MS) }
  return verdict(await runCommand('tsx', ['test/fuzz/policy-engine.ts'], { timeoutMs: STATIC_TIMEOUT_MS, env }))
}

/** The second example is a checkout of its own, with the access/ of this one. */
function clinic(name: string, ...args: string[]): Check {
  const run = async () => {
    const options: CommandOptions = { timeoutMs: STATIC_TIMEOUT_MS, env: { OPA: await ensured('opa') } }
    return verdict(await runCommand('tsx', ['src/cli/main.ts', ...args, '--root', 'examples/clinic'], options))
  }
  return { group: 'policies', name: `examples/clinic: ${name}`, run }
}

/** A lockfile that names a registry would tie every clone to it. */
async function lockfileNamesNoHost(): Promise<CheckResult> {
  const named = (await readFile('package-lock.json', 'utf8'))
    .split('\n')
    .filter((line) => line.includes('"resolved": "http'))
  const counts = named.length === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
  return { ...counts, report: `package-lock.json names a host ${named.length} times\n` }
}

async function vitest(): Promise<CheckResult> {
  const cache = 'node_modules/.cache'
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'vitest-report-'))
  const file = join(folder, 'report.json')
  try {
    const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const { ok } = await runCommand('vitest', args, {
      timeoutMs: VITEST_TIMEOUT_MS,
      output: 'show',
      env: { OPA: await ensured('opa'), ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }) },
    })
    const report = await readFile(file, 'utf8').catch(() => '')
    if (report === '') return { passed: 0, failed: 1, report: 'vitest wrote no report\n' }
    const counts = countVitest(JSON.parse(report))
    return ok || counts.failed > 0
      ? { ...counts, report: '' }
      : { ...counts, failed: 1, report: 'vitest failed outside of its tests\n' }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

export const checks: readonly Check[] = [
  { group: 'code', name: 'lockfile names no registry', run: lockfileNamesNoHost },
  command('code', 'format and lint (biome)', 'biome', 'check', '.'),
  command('code', 'types (tsc)', 'npm', 'run', '--silent', 'typecheck'),
  command('code', 'typed lint (eslint)', 'eslint', '--cache', '--cache-location', 'node_modules/.cache/eslint/', 'src'),
  command('code', 'build to dist/', 'npm', 'run', '--silent', 'build'),
  { group: 'policies', name: 'policies are formatted (opa fmt)', run: opaFormat },
  { group: 'policies', name: 'policies compile strictly (opa check)', run: opaCheck },
  { group: 'policies', name: 'policy tests (opa test)', run: opaTest },
  { group: 'policies', name: `policy tests cover at least ${OPA_COVERAGE_MIN_PERCENT} %`, run: opaCoverage },
  clinic('policy tests cover at least 95 %', 'policy', 'test', '--threshold', '95'),
  clinic('policies are sound (policy lint)', 'policy', 'lint'),
  clinic('bundles/ equals a fresh build', 'bundle', 'verify'),
  { group: 'tests', name: `tools are there (${TOOLS.join(', ')})`, run: toolsAreThere },
  command('tests', 'the demo runs as built', 'bin/portcullis', 'demo'),
  { group: 'tests', name: 'bundles/ equals a fresh build', run: bundlesEqualFreshBuild },
  { group: 'tests', name: 'the policy engine bears generated policies and poison', run: fuzzRun },
  { group: 'tests', name: 'test suites (vitest)', run: vitest },
]
