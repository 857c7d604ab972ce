/** strings.*, indexof_n: what WASM leaves to the host. Positions and lengths count code points. */
import { isArray, isSet, type Value } from '../value.ts'
import { type Builtin, BuiltinError } from './builtin.ts'
import { intOperand, objectOperand, operand, operandTypeError, stringOperand, stringsOperand } from './operands.ts'
import { renderTemplate } from './template.ts'

export const stringBuiltins: Readonly<Record<string, Builtin>> = {
  'strings.any_prefix_match': (args) => anyMatch(args, (text, affix) => text.startsWith(affix)),
  'strings.any_suffix_match': (args) => anyMatch(args, (text, affix) => text.endsWith(affix)),
  'strings.count': (args) => count(stringOperand(args, 1), stringOperand(args, 2)),
  'strings.split_n': (args) => splitN(stringOperand(args, 1), stringOperand(args, 2), intOperand(args, 3)),
  'strings.render_template': (args) => renderTemplate(stringOperand(args, 1), objectOperand(args, 2)),
  indexof_n: (args) => indexesOf(stringOperand(args, 1), stringOperand(args, 2)),
}

function anyMatch(args: readonly Value[], match: (text: string, affix: string) => boolean): boolean {
  const texts = stringOrStrings(args, 1)
  const affixes = stringOrStrings(args, 2)
  return texts.some((text) => affixes.some((affix) => match(text, affix)))
}

function stringOrStrings(args: readonly Value[], position: number): readonly string[] {
  const value = operand(args, position)
  if (typeof value === 'string') return [value]
  if (isArray(value) || isSet(value)) return stringsOperand(args, position)
  throw operandTypeError(position, value, 'string', 'set', 'array')
}

function count(text: string, search: string): number {
  return search === '' ? [...text].length + 1 : text.split(search).length - 1
}

/** The first n parts, or with a negative n the last ones; the rest of the text is dropped. */
function splitN(text: string, delimiter: string, limit: bigint): readonly string[] {
  const parts = delimiter === '' ? [...text] : text.split(delimiter)
  const length = BigInt(parts.length)
  if (limit >= 0n) return limit >= length ? parts : parts.slice(0, Number(limit))
  return -limit >= length ? parts : parts.slice(Number(limit))
}

function indexesOf(text: string, search: string): readonly number[] {
  if (search === '') throw new BuiltinError('empty search character')
  const found: number[] = []
  let codePoints = 0
  let counted = 0
  for (let at = text.indexOf(search); at >= 0; at = text.indexOf(search, at + 1)) {
    codePoints += [...text.slice(counted, at)].length
    counted = at
    found.push(codePoints)
  }
  return found
}
