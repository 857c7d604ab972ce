/** Who asks, and may they ask at all? request → user. */
import type { UserDirectory } from '../../directory/user-directory.ts'
import type { Reason } from '../../domain/decision.ts'
import { errorTable, PortcullisError } from '../../domain/errors.ts'
import type { AuditEvents } from '../../pipeline/audit-events.ts'
import type { Stage } from '../../pipeline/stage.ts'
import type { PolicyEngine } from '../../policy/policy-engine.ts'

export type UserStageDeps = {
  readonly directory: UserDirectory
  readonly engine: () => PolicyEngine
  readonly events: AuditEvents
  readonly now: () => number
}

export function createUserStage(deps: UserStageDeps): Stage<'request', 'user'> {
  return {
    name: 'user',
    consumes: 'request',
    produces: 'user',
    async *handle(items, { token, audit }) {
      for (const { index, body } of items) {
        const about = { userId: body.userId, resourceId: body.resourceId, context: body.context }
        const user = await deps.directory.find(body.userId).catch((thrown: unknown) => {
          if (thrown instanceof PortcullisError && thrown.code === 'user.unknown') return thrown
          throw thrown
        })
        if (user instanceof PortcullisError) {
          audit(deps.events.once('request.refused', token, index, { ...about, code: user.code, decision: 'deny' }))
          yield { kind: 'failed', index, failure: { code: user.code, message: user.message, stage: 'user' } }
          continue
        }
        const decision = deps
          .engine()
          .decideUser({ user, context: body.context, resource: body.resourceId, now: deps.now() })
        if (decision.effect === 'permit') yield { kind: 'data', index, body: { ...body, user } }
        else {
          audit(
            deps.events.once('request.refused', token, index, {
              ...about,
              code: 'user.denied',
              decision: 'deny',
              reasons: decision.reasons,
              revision: decision.revision,
            }),
          )
          // where nothing is attached nothing may be seen, which must look like a path that does not exist
          if (isUnattached(decision.reasons)) yield { kind: 'withheld', index, reasons: decision.reasons }
          else
            yield {
              kind: 'failed',
              index,
              failure: { code: 'user.denied', message: whyNot(decision.reasons), stage: 'user' },
            }
        }
      }
    },
  }
}

function isUnattached(reasons: readonly Reason[]): boolean {
  return reasons.length > 0 && reasons.every(({ code }) => code === 'policy.missing')
}

/** The user decision says why not in words a person can act on: the titles of the rules that denied. */
export function whyNot(reasons: readonly Reason[]): string {
  const titles = [...new Set(reasons.flatMap((reason) => (reason.title === undefined ? [] : [reason.title])))]
  return titles.length === 0
    ? errorTable['user.denied'].message
    : `${errorTable['user.denied'].message} ${titles.join(' ')}`
}
