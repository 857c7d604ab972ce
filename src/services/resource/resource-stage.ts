/** From the resource asked for to its leaves: 1 → n, numbered; END then carries n. user → resource. */
import type { ResourceCatalogue } from '../../catalogue/resource-catalogue.ts'
import { PortcullisError } from '../../domain/errors.ts'
import type { Token } from '../../domain/ids.ts'
import type { AuditEvents } from '../../pipeline/audit-events.ts'
import type { Stage } from '../../pipeline/stage.ts'
import type { TokenStore } from '../../tokens/token-store.ts'

export type ResourceStageDeps = {
  readonly catalogue: ResourceCatalogue
  readonly tokens: TokenStore
  readonly events: AuditEvents
}

export function createResourceStage(deps: ResourceStageDeps): Stage<'user', 'resource'> {
  /** How many leaves of a token are on their way already, while its listing goes on. */
  const underWay = new Map<Token, number>()
  return {
    name: 'resource',
    consumes: 'user',
    produces: 'resource',
    async *handle(items, { token, signal, audit }) {
      for (const { body } of items) {
        let found = 0
        try {
          for await (const leaf of deps.catalogue.leaves(body.resourceId, { signal })) {
            underWay.set(token, found + 1)
            yield { kind: 'data', index: found++, body: { ...body, leaf } }
          }
        } catch (thrown) {
          // a path that does not exist equals one where nothing may be seen; audit knows better
          if (!(thrown instanceof PortcullisError && thrown.code === 'resource.unknown')) throw thrown
          audit(
            deps.events.once('request.failed', token, found, {
              userId: body.userId,
              resourceId: body.resourceId,
              context: body.context,
              code: thrown.code,
            }),
          )
        }
        await deps.tokens.setTotal(token, found)
        underWay.delete(token)
      }
    },
    failureIndex: (token) => underWay.get(token) ?? 0,
    // the request failed, or was withheld, as a whole: that is its last item, and where nothing was listed its only one
    async passing(envelope) {
      if (envelope.kind !== 'failed' && envelope.kind !== 'withheld') return
      await deps.tokens.setTotal(envelope.token, envelope.index + 1)
      underWay.delete(envelope.token)
    },
    total: (token) => deps.tokens.total(token),
  }
}
