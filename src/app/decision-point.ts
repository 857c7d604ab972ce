/** The decision point as the configuration asks for it: which bundles answer, and what is kept of the answers. */
import type { Logger } from 'pino'
import type { DecisionLog } from '../audit/decision-log.ts'
import { accessRoots } from '../bundles/sources.ts'
import { PortcullisError } from '../domain/errors.ts'
import type { Json } from '../domain/json.ts'
import { loadBundle } from '../policy/opa-wasm/index.ts'
import type { DecisionPolicy } from '../services/api.ts'
import { createAccessDecisions } from '../services/decision/access-decisions.ts'
import type { Config } from './config.ts'
import { describeError } from './log.ts'
import type { PolicyHolder, ProductPolicyHolder } from './open-policy.ts'

/** Of what a whole data product may take; an access decision has the engine's own limits. */
export const productLimits = {
  timeMsMax: 5_000,
  memoryPagesMax: 4_096,
  inputBytesMax: 16 * 1_048_576,
  resultBytesMax: 16 * 1_048_576,
} as const

export type ProductPolicy = Disposable & {
  readonly revision: string
  readonly roots: readonly string[]
  readonly entrypoints: readonly string[]
  evaluateToText(input: Uint8Array | undefined, entrypoint: string): string | undefined
}

/** @throws bundle.corrupt, builtin.missing; bundle.refused where it answers for a part of `data` that is the access bundle's */
export function loadProductPolicy(bytes: Uint8Array): ProductPolicy {
  const policy = loadBundle(bytes, { limits: productLimits, builtinErrors: 'undefined' })
  for (const root of policy.roots)
    if (accessRoots.some((other) => root === '' || other === root || root.startsWith(`${other}/`)))
      throw new PortcullisError('bundle.refused', {
        message: `The policies were refused: the root ${JSON.stringify(root)} belongs to the access bundle.`,
      })
  return { ...policy, [Symbol.dispose]() {} }
}

export function accessDecisions(policy: PolicyHolder, now: () => number): DecisionPolicy {
  return createAccessDecisions({ engine: policy.engine, now })
}

export function productDecisions(policy: ProductPolicyHolder): DecisionPolicy {
  return {
    bundle: 'dataproduct',
    revision: () => policy.engine().revision,
    get entrypoints() {
      return policy.engine().entrypoints
    },
    decide: (entrypoint, input) => ({
      result: policy.engine().evaluateToText(input === undefined ? undefined : Buffer.from(input), entrypoint),
    }),
  }
}

/** undefined: none is configured. @throws bundle.*, audit.failed */
export async function openDecisionLog(config: Config['decisionLog'], log: Logger): Promise<DecisionLog | undefined> {
  if (config === undefined) return undefined
  const [{ createDecisionLogFile }, { createRedaction }] = await Promise.all([
    import('../audit/file/decision-log-file.ts'),
    import('../services/decision/redact-decision.ts'),
  ])
  const onProblem = (thrown: unknown) => log.error(describeError(thrown), 'decision_log.failed')
  const rules = config.policy === undefined ? undefined : logRules(config.policy)
  return createDecisionLogFile({
    folder: config.folder,
    redact: createRedaction({
      recordValues: config.recordValues ?? false,
      onProblem,
      ...(rules === undefined ? {} : { rules }),
    }),
    onProblem,
    ...(config.waitingMax === undefined ? {} : { waitingMax: config.waitingMax }),
  })
}

/** @throws bundle.missing, bundle.corrupt, bundle.refused */
function logRules(file: string) {
  const policy = loadBundle(file)
  const entrypoints = ['system/log/mask', 'system/log/drop'].filter((name) => policy.entrypoints.includes(name))
  if (entrypoints.length === 0)
    throw new PortcullisError('bundle.refused', {
      message: 'decisionLog.policy: has neither of the entrypoints system/log/mask and system/log/drop.',
    })
  const ask =
    (name: string) =>
    (event: object): Json | undefined =>
      entrypoints.includes(name) ? policy.evaluate(event, name) : undefined
  return { mask: ask('system/log/mask'), drop: ask('system/log/drop') }
}
