/** glob.quote_meta; matching itself is in WASM. */
import type { Builtin } from './builtin.ts'
import { stringOperand } from './operands.ts'

export const globBuiltins: Readonly<Record<string, Builtin>> = {
  'glob.quote_meta': (args) => stringOperand(args, 1).replace(/[*?\\[\]{}]/g, '\\$&'),
}
