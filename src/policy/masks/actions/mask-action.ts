/** What one mask action is: how its parameters are read, and what it makes of a value. Adding one is a file here and a line in `../mask-actions.ts`. */
import type { Mask } from '../../../domain/decision.ts'
import type { Json } from '../../../domain/json.ts'
import type { HashKeys } from '../hash-keys.ts'

export type MaskOptions = {
  /** Absent: the action `hash` cannot be carried out. */
  readonly hashKeys?: HashKeys | undefined
}

type MaskOf<Action extends Mask['action']> = Mask & { readonly action: Action }
/** A mask without path and action, as it stands in the answer of a policy. */
export type Parameters = Readonly<Record<string, Json>>

export type MaskAction<Action extends Mask['action']> = {
  readonly action: Action
  /** Names of all parameters there are; any other is refused before `parse` is asked. */
  readonly parameters: readonly string[]
  /** undefined: a parameter is missing or not valid. */
  parse(path: string, parameters: Parameters): MaskOf<Action> | undefined
  /** undefined: the value is to be removed. A value of a type that the action does not know becomes null: it never passes. */
  apply(mask: MaskOf<Action>, value: Json, options: MaskOptions): Json | undefined
}

export function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
