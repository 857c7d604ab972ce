/** `opa test` over policies/ and opa-tests/, as anybody with OPA would run it. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { PortcullisError } from '../domain/errors.ts'
import type { Opa, OpaResult } from './opa.ts'
import { type OpaTest, printJunit } from './policy-test-report.ts'
import { lacksShared, packageRoot, policiesFolder, sharedRoot } from './sources.ts'

export const policyTestsFolder = 'opa-tests'

export type PolicyTestOptions = {
  readonly run?: string | undefined
  readonly verbose?: boolean
  readonly coverage?: boolean
}

/** No test at all is a failure: what was not tested must not look tested. @throws tool.failed, bundle.missing */
export async function testPolicies(
  opa: Opa,
  root: string,
  { run, verbose = false, coverage = false }: PolicyTestOptions,
): Promise<OpaResult> {
  const flags = [
    ...(run === undefined ? [] : ['--run', run]),
    ...(verbose ? ['--verbose'] : []),
    ...(coverage ? ['--coverage', '--format', 'json'] : []),
  ]
  return opaTest(opa, root, flags)
}

/** JUnit XML of all tests. @throws tool.failed, bundle.missing */
export async function junitOfTests(opa: Opa, root: string, run: string | undefined): Promise<string> {
  const flags = ['--format', 'json', ...(run === undefined ? [] : ['--run', run])]
  const { stdout, stderr } = await opaTest(opa, root, flags)
  try {
    return printJunit(JSON.parse(stdout) as readonly OpaTest[])
  } catch (cause) {
    throw new PortcullisError('tool.failed', {
      message: `opa test gave no report: ${stderr.trim().split('\n')[0] ?? ''}`,
      cause,
    })
  }
}

/** Share of lines of the checkout's own that tests reach, in percent. @throws tool.failed, bundle.missing */
export async function coverageOfTests(opa: Opa, root: string): Promise<number> {
  const { stdout } = await opaTest(opa, root, ['--coverage', '--format', 'json'])
  const { coverage, files } = JSON.parse(stdout) as Coverage
  if (!(await lacksShared(root))) return coverage
  const own = Object.entries(files).flatMap(([file, lines]) => (file.startsWith(lentFolder) ? [] : [lines]))
  const sum = (kind: keyof FileCoverage) => own.reduce((all, lines) => all + (lines[kind] ?? 0), 0)
  const [covered, missed] = [sum('covered_lines'), sum('not_covered_lines')]
  return covered === 0 ? 0 : Math.round((10_000 * covered) / (covered + missed)) / 100
}

type FileCoverage = { readonly covered_lines?: number; readonly not_covered_lines?: number }
type Coverage = { readonly coverage: number; readonly files: Readonly<Record<string, FileCoverage>> }

/** Tests of a checkout that has none of its own run with what its bundle is built with. */
const lentFolder = join(packageRoot, policiesFolder, sharedRoot)

async function opaTest(opa: Opa, root: string, flags: readonly string[]): Promise<OpaResult> {
  for (const folder of [policiesFolder, policyTestsFolder])
    await access(join(root, folder)).catch((cause: unknown) => {
      throw new PortcullisError('bundle.missing', {
        message: `${folder}: there is no such folder here. Name the root of the checkout with --root.`,
        cause,
      })
    })
  const lent = (await lacksShared(root)) ? [lentFolder] : []
  return opa.run(['test', '--fail-on-empty', ...flags, policiesFolder, policyTestsFolder, ...lent], { cwd: root })
}
