/** What a built-in of the host is: a total function of values, which says why it fails by a BuiltinError. */
import type { Value } from '../value.ts'

/** All that a built-in may know besides its arguments; one for each evaluation. */
export type BuiltinContext = {
  /** Nanoseconds since the epoch, fixed for one evaluation. */
  readonly now: bigint
  /** Fills with random bytes; the same source for all of an evaluation. */
  random(length: number): Uint8Array
  /** What `opa.runtime` answers; undefined: the built-in is refused. */
  readonly runtime?: Value
  /** What a built-in remembers within one evaluation, under keys of its own. */
  readonly memory: Map<string, unknown>
  /** Takes the lines that `print` and `trace` write. */
  note?(line: string): void
}

/** Undefined is Rego's undefined, which is no failure. Fails by throwing BuiltinError, and nothing else. */
export type Builtin = (args: readonly Value[], context: BuiltinContext) => Value | undefined

export type Builtins = ReadonlyMap<string, Builtin>

/** OPA's own codes: for an operand of the wrong type, for everything else, and for what ends the evaluation as a whole. */
export type BuiltinErrorCode = 'eval_type_error' | 'eval_builtin_error' | 'eval_conflict_error'

/** The message can quote data: it is for strict evaluation in tests and tools, and never leaves the process. */
export class BuiltinError extends Error {
  override readonly name = 'BuiltinError'
  readonly code: BuiltinErrorCode

  constructor(
    message: string,
    code: BuiltinErrorCode = 'eval_builtin_error',
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options)
    this.code = code
  }
}
