/** The checks of a build, without a build. */
import { checkPolicies } from './check/check-policies.ts'
import type { PolicyFinding } from './finding.ts'
import type { Opa } from './opa.ts'
import { readSources } from './sources.ts'
import { stageSources } from './stage.ts'

/** Findings by place, warnings among them. @throws tool.failed, bundle.missing */
export async function lintPolicies(opa: Opa, root: string): Promise<readonly PolicyFinding[]> {
  const read = await readSources(root)
  await using stage = await stageSources(opa, read.sources)
  return (await checkPolicies(opa, read, stage.sources)).findings
}
