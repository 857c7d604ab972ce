/** The value becomes one that the rule names, whatever it was. */
import type { MaskAction } from './mask-action.ts'

export const constantAction: MaskAction<'constant'> = {
  action: 'constant',
  parameters: ['value'],
  parse: (path, { value }) => (value === undefined ? undefined : { path, action: 'constant', value }),
  apply: ({ value }) => value,
}
