/** Carries out one mask on one value. */
import type { Mask } from '../../domain/decision.ts'
import type { Json } from '../../domain/json.ts'
import type { MaskAction, MaskOptions } from './actions/mask-action.ts'
import { maskActions } from './mask-actions.ts'

export type MaskValue = (mask: Mask, value: Json) => Json | undefined

/** undefined: the value is to be removed. A value of an unexpected type becomes null, never passes. @throws mask.key_unknown */
export function maskValue(mask: Mask, value: Json, options: MaskOptions = {}): Json | undefined {
  // each entry of the table takes the masks of its own action, which the compiler cannot follow through the look-up
  const { apply } = maskActions[mask.action] as MaskAction<Mask['action']>
  return apply(mask, value, options)
}

/** With its options bound: what formats are given. */
export function createMaskValue(options: MaskOptions): MaskValue {
  return (mask, value) => maskValue(mask, value, options)
}
