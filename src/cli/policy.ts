/** `portcullis policy`: tests policies, and finds what would fail open. */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { describe, isWarning } from '../bundles/finding.ts'
import { lintPolicies } from '../bundles/lint.ts'
import { findOpa, type Opa } from '../bundles/opa.ts'
import { coverageOfTests, junitOfTests, testPolicies } from '../bundles/policy-test.ts'
import { diffCommand } from './policy-diff.ts'
import { impactCommand } from './policy-impact.ts'
import { coverageCommand, fieldsCommand } from './policy-traffic.ts'

type Places = { readonly root: string; readonly opa?: string }
type TestOptions = Places & {
  readonly run?: string
  readonly verbose: boolean
  readonly coverage: boolean
  readonly threshold?: string
  readonly junit?: string
}

export function policyCommand(): Command {
  const command = new Command('policy').description('test and lint policies/ (needs OPA)')
  withPlaces(
    command.command('test').description('run opa-tests/ over policies/: exit code 1 where one fails, or there is none'),
  )
    .option('--run <pattern>', 'only tests whose names match this regular expression')
    .option('-v, --verbose', 'say each test, and why one fails', false)
    .option('--coverage', 'say which lines no test reaches, as JSON', false)
    .option('--threshold <percent>', 'exit code 1 where tests reach less of the lines')
    .option('--junit <file>', 'write a report in JUnit XML')
    .action(async (options: TestOptions) => {
      const { ok, stdout, stderr } = await testPolicies(await opaOf(options), resolve(options.root), options)
      process.stdout.write(stdout)
      process.stderr.write(stderr)
      if (!ok) process.exitCode = 1
      await reportTests(options, ok)
    })
  withPlaces(
    command.command('lint').description('find what would fail open: exit code 1 where there is something'),
  ).action(async (options: Places) => {
    const findings = await lintPolicies(await opaOf(options), resolve(options.root))
    for (const finding of findings)
      process.stdout.write(`${isWarning(finding) ? 'warning: ' : ''}${describe(finding)}\n`)
    const errors = findings.filter((finding) => !isWarning(finding)).length
    process.stdout.write(`${errors} findings, ${findings.length - errors} warnings\n`)
    if (errors > 0) process.exitCode = 1
  })
  command.addCommand(diffCommand())
  command.addCommand(impactCommand())
  command.addCommand(coverageCommand())
  command.addCommand(fieldsCommand())
  return command
}

async function reportTests({ junit, threshold, run, ...places }: TestOptions, ok: boolean): Promise<void> {
  const root = resolve(places.root)
  if (junit !== undefined) await writeFile(junit, await junitOfTests(await opaOf(places), root, run))
  if (threshold === undefined) return
  // opa reports no coverage of tests that fail
  if (!ok) {
    process.stderr.write('portcullis: what tests reach is told once they all pass\n')
    return
  }
  const reached = await coverageOfTests(await opaOf(places), root)
  const isEnough = reached >= Number(threshold)
  process.stdout.write(
    `tests reach ${reached} % of the lines${isEnough ? '' : `, which is less than ${threshold} %`}\n`,
  )
  if (!isEnough) process.exitCode = 1
}

function withPlaces(command: Command): Command {
  return command
    .option('--root <folder>', 'root of the checkout', '.')
    .option('--opa <program>', 'OPA, where it is not found by itself')
}

function opaOf({ root, opa: explicit }: Places): Promise<Opa> {
  return findOpa({ explicit, environment: process.env.OPA, root: resolve(root) })
}
