/** Reads a built-in's operands, and says in OPA's words what is wrong with one. */
import {
  emptyObject,
  isArray,
  isNumber,
  isObject,
  isSet,
  type RegoObject,
  type RegoSet,
  typeName,
  type Value,
} from '../value.ts'
import { integerOf, numberText, type RegoNumber } from '../value-number.ts'
import { BuiltinError } from './builtin.ts'

export function operandError(position: number, what: string): BuiltinError {
  return new BuiltinError(`operand ${position} ${what}`, 'eval_type_error')
}

export function operandTypeError(position: number, got: Value, ...expected: readonly string[]): BuiltinError {
  const wanted = expected.length === 1 ? expected[0] : `one of {${expected.join(', ')}}`
  return operandError(position, `must be ${wanted} but got ${typeName(got)}`)
}

function elementError(position: number, composite: Value, got: Value, expected: string): BuiltinError {
  const type = typeName(composite)
  return operandError(position, `must be ${type} of ${expected}s but got ${type} containing ${typeName(got)}`)
}

/** An argument that isn't there reads as null, which fails like any wrong type. */
export function operand(args: readonly Value[], position: number): Value {
  return args[position - 1] ?? null
}

export function stringOperand(args: readonly Value[], position: number): string {
  const value = operand(args, position)
  if (typeof value !== 'string') throw operandTypeError(position, value, 'string')
  return value
}

export function numberOperand(args: readonly Value[], position: number): RegoNumber {
  const value = operand(args, position)
  if (!isNumber(value)) throw operandTypeError(position, value, 'number')
  return value
}

/** Digits, and the point, of what Go's Int64 reads at most. */
const intLengthMax = 19

/** As OPA reads an int64: without an exponent, and with nothing but zeros behind a point. */
export function int64Of(value: RegoNumber): bigint | undefined {
  const parts = /^(-?)([0-9]*)(\.0*)?$/.exec(numberText(value))
  if (parts === null || parts[2]!.length + (parts[3] ?? '').length > intLengthMax) return undefined
  const whole = BigInt(parts[1]! + (parts[2]! || '0'))
  return BigInt.asIntN(64, whole) === whole ? whole : undefined
}

export function intOperand(args: readonly Value[], position: number): bigint {
  const whole = int64Of(numberOperand(args, position))
  if (whole === undefined) throw operandError(position, 'must be integer number but got floating-point number')
  return whole
}

/** Any number without a fraction, of any size. */
export function bigIntOperand(args: readonly Value[], position: number): bigint {
  const value = operand(args, position)
  if (!isNumber(value)) throw operandTypeError(position, value, 'integer')
  const whole = integerOf(value)
  if (whole === undefined) throw operandError(position, 'must be integer number but got floating-point number')
  return whole
}

export function objectOperand(args: readonly Value[], position: number): RegoObject {
  const value = operand(args, position)
  if (!isObject(value)) throw operandTypeError(position, value, 'object')
  return value
}

export function arrayOperand(args: readonly Value[], position: number): readonly Value[] {
  const value = operand(args, position)
  if (!isArray(value)) throw operandTypeError(position, value, 'array')
  return value
}

export function setOperand(args: readonly Value[], position: number): RegoSet {
  const value = operand(args, position)
  if (!isSet(value)) throw operandTypeError(position, value, 'set')
  return value
}

/** The items of an array or a set. */
export function itemsOperand(args: readonly Value[], position: number): readonly Value[] {
  const value = operand(args, position)
  if (isArray(value)) return value
  if (isSet(value)) return value.items
  throw operandTypeError(position, value, 'array', 'set')
}

/** The items of an array or a set of strings. */
export function stringsOperand(args: readonly Value[], position: number): readonly string[] {
  return itemsOperand(args, position).map((item) => {
    if (typeof item !== 'string') throw elementError(position, operand(args, position), item, 'string')
    return item
  })
}

export function optionsOperand(args: readonly Value[], position: number): RegoObject {
  return args.length < position ? emptyObject : objectOperand(args, position)
}
