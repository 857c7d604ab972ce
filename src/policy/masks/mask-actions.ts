/** All mask actions: the one list to add to. */
import type { Mask } from '../../domain/decision.ts'
import { constantAction } from './actions/constant.ts'
import { dateAction } from './actions/date.ts'
import { hashAction } from './actions/hash.ts'
import type { MaskAction } from './actions/mask-action.ts'
import { nullAction } from './actions/null.ts'
import { partialAction } from './actions/partial.ts'
import { removeAction } from './actions/remove.ts'
import { roundAction } from './actions/round.ts'
import { truncateAction } from './actions/truncate.ts'

export const maskActions = {
  constant: constantAction,
  date: dateAction,
  hash: hashAction,
  null: nullAction,
  partial: partialAction,
  remove: removeAction,
  round: roundAction,
  truncate: truncateAction,
} as const satisfies { readonly [Action in Mask['action']]: MaskAction<Action> }
