/** Gives a client its ledger, one item at a time; a leaf is in the audit log before it is given. */
import type { AuditTrail } from '../../audit/audit-trail.ts'
import type { AuditEvents } from '../../pipeline/audit-events.ts'
import { knownToken } from '../../pipeline/known-token.ts'
import type { TokenStore } from '../../tokens/token-store.ts'
import type { DeliveryApi } from '../api.ts'

export type DeliveryServiceDeps = {
  readonly tokens: TokenStore
  readonly trail: AuditTrail
  readonly events: AuditEvents
}

export function createDeliveryService(deps: DeliveryServiceDeps): DeliveryApi {
  return {
    async *items(token, owner, { position, signal }) {
      const { resource, context } = await knownToken(deps, { token, owner }, () => deps.tokens.find(token, owner))
      for await (const item of deps.tokens.ledger(token, owner, { position, signal })) {
        if (item.kind === 'leaf') {
          const details = {
            userId: owner,
            resourceId: resource,
            leafId: item.leaf.id,
            index: item.index,
            context,
            decision: 'permit',
            ...(item.revision === undefined ? {} : { revision: item.revision }),
          } as const
          await deps.trail.record([deps.events.each('leaf.delivered', token, details)])
        }
        yield item
        if (item.kind === 'complete') return
      }
      // a position behind the end: the end is all there is to say
      if (signal.aborted) return
      const { complete, items } = await deps.tokens.state(token, owner)
      if (complete) yield { kind: 'complete', position: items }
    },
  }
}
