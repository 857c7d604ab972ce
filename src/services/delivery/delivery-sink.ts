/** Takes the pipeline's end into the token's ledger, which clients read at their own pace. */
import type { Sink } from '../../pipeline/stage.ts'
import type { LedgerEntry, TokenStore } from '../../tokens/token-store.ts'

export function createDeliverySink(deps: { readonly tokens: TokenStore }): Sink<'masked-resource'> {
  return {
    name: 'delivery',
    consumes: 'masked-resource',
    async take(token, envelopes) {
      const entries = envelopes.flatMap((envelope): LedgerEntry[] => {
        switch (envelope.kind) {
          case 'start':
            return []
          case 'data':
            return [{ kind: 'leaf', index: envelope.index, leaf: envelope.body.leaf, revision: envelope.body.revision }]
          case 'withheld':
            return [{ kind: 'hidden', index: envelope.index }]
          case 'failed':
            return [{ kind: 'error', index: envelope.index, failure: envelope.failure }]
          case 'end':
            // without a total the request never reached the resource step whole: nothing is complete, and the client keeps waiting for what is still under way
            return envelope.total === undefined ? [] : [{ kind: 'end', total: envelope.total }]
        }
      })
      if (entries.length > 0) await deps.tokens.append(token, entries)
    },
  }
}
