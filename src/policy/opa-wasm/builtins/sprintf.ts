/** sprintf, print, trace and template strings: values as text for people. */
import { isArray, isNumber, isSet, typeName, type Value } from '../value.ts'
import { doubleOf, numberText } from '../value-number.ts'
import { type Builtin, type BuiltinContext, BuiltinError } from './builtin.ts'
import { goSprintf } from './go-format.ts'
import type { FormatArg } from './go-format-args.ts'
import { goText } from './go-quote.ts'
import { arrayOperand, stringOperand } from './operands.ts'

export const textBuiltins: Readonly<Record<string, Builtin>> = {
  sprintf: (args) => goSprintf(stringOperand(args, 1), arrayOperand(args, 2).map(formatArg)),
  'internal.template_string': (args) => templateString(arrayOperand(args, 1)),
  'internal.print': (args, context) => print(arrayOperand(args, 1), context),
  trace: (args, context) => {
    context.note?.(stringOperand(args, 1))
    return true
  },
}

export function formatArg(value: Value): FormatArg {
  if (typeof value === 'string') return { type: 'string', value }
  if (!isNumber(value)) return { type: 'string', value: goText(value) }
  const text = numberText(value)
  if (!/[.eE]/.test(text)) return { type: 'integer', value: BigInt(text) }
  const double = doubleOf(value)
  return Number.isFinite(double) ? { type: 'float', value: double } : { type: 'string', value: text }
}

/** Each part is a set of at most one value, or a scalar; an empty set shows as undefined. */
function templateString(parts: readonly Value[]): string {
  const combined = combinations(parts)
  if (combined.length > 1) {
    throw new BuiltinError('template-strings must not produce multiple outputs', 'eval_conflict_error')
  }
  return (combined[0] ?? []).join('')
}

function print(operands: readonly Value[], context: BuiltinContext): undefined {
  if (context.note !== undefined) for (const line of combinations(operands)) context.note(line.join(' '))
  return undefined
}

/** Lines that one print can write; a bound on what sets multiply to. */
const combinationsMax = 10_000

function combinations(operands: readonly Value[]): readonly (readonly string[])[] {
  let lines: readonly (readonly string[])[] = [[]]
  for (const operand of operands) {
    const shown = alternatives(operand)
    if (lines.length * shown.length > combinationsMax) throw new BuiltinError('too many combinations of operands')
    lines = lines.flatMap((line) => shown.map((text) => [...line, text]))
  }
  return lines
}

function alternatives(operand: Value): readonly string[] {
  if (isSet(operand)) return operand.items.length === 0 ? ['<undefined>'] : operand.items.map(show)
  if (isArray(operand) || typeName(operand) === 'object') {
    throw new BuiltinError(`illegal argument type: ${typeName(operand)}`, 'eval_conflict_error')
  }
  return [show(operand)]
}

function show(value: Value): string {
  return typeof value === 'string' ? value : goText(value)
}
