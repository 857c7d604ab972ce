/** What can be told of a plan while it is followed, to those who want to know why it came to its answer. */
import type { Value } from '../value.ts'
import type { Abstract, perhaps } from './abstract.ts'
import type { Func, Operand, Statement } from './ir.ts'

/** Calls nest: what is told between `enter` and `leave` belongs to that call. */
export type Observer = {
  enter(func: Func): void
  /** `note` is kept with the result, for `recalled`. */
  leave(func: Func, result: Abstract): unknown
  /** A call with these arguments was made before, and its result is used again. */
  recalled(note: unknown): void
  /** After a statement, inner ones first; `held`: it goes on from there. `read` gives the value of an operand as it is then. */
  step(statement: Statement, held: boolean, read: (operand: Operand) => Abstract): void
}

/** Built-ins beyond those that this reader of plans knows by itself; `perhaps`: there is an answer, but not here. */
export type MoreBuiltins = (name: string, args: readonly Value[]) => Value | undefined | typeof perhaps
