/** The value becomes null. */
import type { MaskAction } from './mask-action.ts'

export const nullAction: MaskAction<'null'> = {
  action: 'null',
  parameters: [],
  parse: (path) => ({ path, action: 'null' }),
  apply: () => null,
}
