/** Stores what the token may read, then blanks what the client need not know of a leaf. rule → masked-resource. */
import type { Stage } from '../../pipeline/stage.ts'
import type { TokenStore } from '../../tokens/token-store.ts'

export type MaskingStageDeps = { readonly tokens: TokenStore; readonly now: () => number }

export function createMaskingStage(deps: MaskingStageDeps): Stage<'rule', 'masked-resource'> {
  return {
    name: 'masking',
    consumes: 'rule',
    produces: 'masked-resource',
    async *handle(items, { token }) {
      const grantedAt = deps.now()
      // the grant is stored before the leaf is announced
      await deps.tokens.grant(
        token,
        items.map(({ index, body }) => ({ index, leaf: body.leaf, revision: body.revision, grantedAt })),
      )
      for (const { index, body } of items) {
        const { userId, resourceId, context, leaf, revision } = body
        yield {
          kind: 'data',
          index,
          body: { userId, resourceId, context, leaf: { ...leaf, attributes: {} }, revision },
        }
      }
    },
  }
}
