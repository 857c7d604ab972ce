/** `opa test` over policies/ and opa-tests/, as anybody with OPA would run it. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { PortcullisError } from '../domain/errors.ts'
import type { Opa, OpaResult } from './opa.ts'
import { policiesFolder } from './sources.ts'

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
  for (const folder of [policiesFolder, policyTestsFolder])
    await access(join(root, folder)).catch((cause: unknown) => {
      throw new PortcullisError('bundle.missing', {
        message: `${folder}: there is no such folder here. Name the root of the checkout with --root.`,
        cause,
      })
    })
  const flags = [
    ...(run === undefined ? [] : ['--run', run]),
    ...(verbose ? ['--verbose'] : []),
    ...(coverage ? ['--coverage', '--format', 'json'] : []),
  ]
  return opa.run(['test', '--fail-on-empty', ...flags, policiesFolder, policyTestsFolder], { cwd: root })
}
