/** A token that is nobody's, or not the caller's, is refused in one way, and the refusal is in the audit log. */
import type { AuditTrail } from '../audit/audit-trail.ts'
import { PortcullisError } from '../domain/errors.ts'
import type { ResourceId, Token, UserId } from '../domain/ids.ts'
import type { AuditEvents } from './audit-events.ts'

export type KnownTokenDeps = { readonly trail: AuditTrail; readonly events: AuditEvents }

/** What `find` finds. @throws token.unknown, once it is recorded */
export async function knownToken<Found>(
  deps: KnownTokenDeps,
  asked: { readonly token: Token; readonly owner?: UserId; readonly leaf?: ResourceId },
  find: () => Promise<Found>,
): Promise<Found> {
  try {
    return await find()
  } catch (thrown) {
    if (thrown instanceof PortcullisError && thrown.code === 'token.unknown') {
      const who = {
        ...(asked.owner === undefined ? {} : { userId: asked.owner }),
        ...(asked.leaf === undefined ? {} : { leafId: asked.leaf }),
      }
      await deps.trail.record([
        deps.events.each('request.refused', asked.token, { ...who, code: thrown.code, decision: 'deny' }),
      ])
    }
    throw thrown
  }
}
