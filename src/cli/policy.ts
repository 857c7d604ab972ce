/** `portcullis policy`: tests policies, and finds what would fail open. */
import { resolve } from 'node:path'
import { Command } from 'commander'
import { describe, isWarning } from '../bundles/finding.ts'
import { lintPolicies } from '../bundles/lint.ts'
import { findOpa, type Opa } from '../bundles/opa.ts'
import { testPolicies } from '../bundles/policy-test.ts'

type Places = { readonly root: string; readonly opa?: string }
type TestOptions = Places & { readonly run?: string; readonly verbose: boolean; readonly coverage: boolean }

export function policyCommand(): Command {
  const command = new Command('policy').description('test and lint policies/ (needs OPA)')
  withPlaces(
    command.command('test').description('run opa-tests/ over policies/: exit code 1 where one fails, or there is none'),
  )
    .option('--run <pattern>', 'only tests whose names match this regular expression')
    .option('-v, --verbose', 'say each test, and why one fails', false)
    .option('--coverage', 'say which lines no test reaches, as JSON', false)
    .action(async (options: TestOptions) => {
      const { ok, stdout, stderr } = await testPolicies(await opaOf(options), resolve(options.root), options)
      process.stdout.write(stdout)
      process.stderr.write(stderr)
      if (!ok) process.exitCode = 1
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
  return command
}

function withPlaces(command: Command): Command {
  return command
    .option('--root <folder>', 'root of the checkout', '.')
    .option('--opa <program>', 'OPA, where it is not found by itself')
}

function opaOf({ root, opa: explicit }: Places): Promise<Opa> {
  return findOpa({ explicit, environment: process.env.OPA, root: resolve(root) })
}
