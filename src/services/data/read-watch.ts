/** Checks a read under way again: what may no longer be seen stops within a second, also while the client is slow. */
import { type PortcullisError, toPortcullisError } from '../../domain/errors.ts'
import type { RecordPolicy, RecordSchema } from '../../domain/record-policy.ts'
import { mayPass } from '../../pipeline/retry.ts'
import { type Access, type AuthorizeDeps, authorize, denied } from './authorize.ts'

/** How long a store or directory that cannot be reached is waited for before the read ends, in milliseconds. */
const unreachableMsMax = 5_000

export type ReadWatchDeps = AuthorizeDeps & {
  readonly input: Parameters<typeof authorize>[1]
  readonly access: Access
  readonly recheckMs: number
}

export type ReadWatch = {
  /** Fires when the read must end. */
  readonly signal: AbortSignal
  /** What the policy in force was made for. */
  access(): Access
  readonly policyFor: (schema: RecordSchema) => RecordPolicy
  /** The policy for the next records where it has changed; throws when the read must end. */
  readonly checkpoint: () => RecordPolicy | undefined
  reason(): PortcullisError | undefined
  stop(): void
}

export function createReadWatch(deps: ReadWatchDeps): ReadWatch {
  const controller = new AbortController()
  let access = deps.access
  let schema: RecordSchema | undefined
  let renewed: RecordPolicy | undefined
  let reason: PortcullisError | undefined
  let reachedAt = deps.now()
  let stopped = false
  let timer = setTimeout(recheck, deps.recheckMs)
  timer.unref()

  function recheck(): void {
    check().then(
      () => schedule(),
      (thrown: unknown) => {
        if (mayPass(thrown) && deps.now() - reachedAt < unreachableMsMax) return schedule()
        end(toPortcullisError(thrown))
      },
    )
  }

  function schedule(): void {
    if (stopped) return
    timer = setTimeout(recheck, deps.recheckMs)
    timer.unref()
  }

  function end(error: PortcullisError): void {
    reason = error
    if (!stopped) controller.abort(error)
  }

  async function check(): Promise<void> {
    const next = await authorize(deps, deps.input)
    reachedAt = deps.now()
    access = next
    // time goes on for rules that read the clock, and user or bundle may have changed
    if (schema !== undefined) renewed = prepare(next, schema)
  }

  function prepare({ engine, user, leaf, registration }: Access, forSchema: RecordSchema): RecordPolicy {
    const policy = engine.prepare({ user, leaf, context: registration.context, now: deps.now() }, forSchema)
    if (policy.kind === 'deny') throw denied('policy.denied', policy.reasons)
    return policy
  }

  return {
    signal: controller.signal,
    access: () => access,
    policyFor(forSchema) {
      schema = forSchema
      return prepare(access, forSchema)
    },
    checkpoint() {
      if (reason !== undefined) throw reason
      const policy = renewed
      renewed = undefined
      return policy
    },
    reason: () => reason,
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
