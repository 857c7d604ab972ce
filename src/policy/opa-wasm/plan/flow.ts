/** Where execution goes from a statement, in every way that it could. */
import { type Abstract, copyState, type State } from './abstract.ts'
import type { Func, Statement } from './ir.ts'

/** `next`: where it goes on; `breaks`: states that leave a block, by how many more blocks they leave. */
export type Flow = { readonly next: State | undefined; readonly breaks?: Map<number, State> }
/** The same of a block: `ended` ran to its end, `left` left this block alone. */
export type Left = {
  readonly ended: State | undefined
  readonly left: State | undefined
  readonly breaks: Map<number, State>
}
export type Of<Op extends Statement['op']> = Extract<Statement, { readonly op: Op }>

/** What functions were called with, and came to; `note` is the observer's. */
export type Memo = Map<
  Func,
  { readonly args: readonly Abstract[]; readonly result: Abstract; readonly note: unknown }[]
>

/** As a number of blocks: out of the function. */
export const returning = Number.MAX_SAFE_INTEGER

export function outward(blocksLeft: number): number {
  return blocksLeft === returning ? returning : blocksLeft - 1
}

/** Goes on where the condition is certain, leaves the block where it certainly fails, and both where it is not known. */
export function branch(state: State, holds: boolean | undefined): Flow {
  if (holds === true) return { next: state }
  if (holds === false) return { next: undefined, breaks: new Map([[0, state]]) }
  return { next: state, breaks: new Map([[0, copyState(state)]]) }
}
