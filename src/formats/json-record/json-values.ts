/** The values of scanned nodes. */
import type { Json } from '../../domain/json.ts'
import { endOf, type JsonTape, kindOf, kinds, startOf, textOf } from './json-tape.ts'

/** undefined for a list or an object, and for a number of which `numberOf` makes nothing. */
export function scalarOf<Numeral extends Json | undefined>(
  tape: JsonTape,
  node: number,
  numberOf: (text: string) => Numeral,
): Numeral | null | boolean | string | undefined {
  switch (kindOf(tape, node)) {
    case kinds.null:
      return null
    case kinds.true:
      return true
    case kinds.false:
      return false
    case kinds.number:
      return numberOf(tape.bytes.toString('latin1', startOf(tape, node), endOf(tape, node)))
    case kinds.text:
    case kinds.escapedText:
      return textOf(tape, node)
    default:
      return undefined
  }
}
