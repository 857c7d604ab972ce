/** The value disappears: the member from its object, the item from its list. */
import type { MaskAction } from './mask-action.ts'

export const removeAction: MaskAction<'remove'> = {
  action: 'remove',
  parameters: [],
  parse: (path) => ({ path, action: 'remove' }),
  apply: () => undefined,
}
