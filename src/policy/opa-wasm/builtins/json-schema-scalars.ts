/** What a JSON schema says of single values: numbers, strings, and what any value must equal. */
import type { Value } from '../value.ts'
import { compareNumbers, doubleOf, exactOf, type RegoNumber } from '../value-number.ts'
import { BuiltinError } from './builtin.ts'
import { formatFloat } from './go-float.ts'
import { hasFormat } from './json-schema-format.ts'
import { type Context, fail, fieldOf, type Result } from './json-schema-result.ts'
import type { Schema } from './json-schema-types.ts'
import { canonicalJson } from './json-schema-value.ts'
import { matchesPattern } from './regex.ts'

export function checkAny(schema: Schema, value: Value, result: Result, context: Context): void {
  const field = fieldOf(context)
  if (schema.const !== undefined && canonicalJson(value) !== schema.const) {
    fail(result, context, 'const', `${field} does not match: ${schema.const}`)
  }
  if (schema.enum !== undefined && !schema.enum.includes(canonicalJson(value))) {
    fail(result, context, 'enum', `${field} must be one of the following: ${schema.enum.join(', ')}`)
  }
  if (schema.format !== undefined && !hasFormat(value, schema.format)) {
    fail(result, context, 'format', `Does not match format '${schema.format}'`)
  }
  result.score++
}

export function checkString(schema: Schema, value: string, result: Result, context: Context): void {
  const length = [...value].length
  if (length < (schema.minLength ?? 0)) {
    fail(result, context, 'string_gte', `String length must be greater than or equal to ${schema.minLength}`)
  }
  if (length > (schema.maxLength ?? length)) {
    fail(result, context, 'string_lte', `String length must be less than or equal to ${schema.maxLength}`)
  }
  if (schema.pattern !== undefined && !matchesPattern(schema.pattern, value)) {
    fail(result, context, 'pattern', `Does not match pattern '${schema.pattern}'`)
  }
  result.score++
}

export function checkNumber(schema: Schema, value: RegoNumber, result: Result, context: Context): void {
  const { multipleOf, maximum, exclusiveMaximum, minimum, exclusiveMinimum } = schema
  const shown = (limit: RegoNumber) => formatFloat(doubleOf(limit), 'g', 10)
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
    fail(result, context, 'multiple_of', `Must be a multiple of ${shown(multipleOf)}`)
  }
  if (maximum !== undefined && compareNumbers(value, maximum) > 0) {
    fail(result, context, 'number_lte', `Must be less than or equal to ${shown(maximum)}`)
  }
  if (exclusiveMaximum !== undefined && compareNumbers(value, exclusiveMaximum) >= 0) {
    fail(result, context, 'number_lt', `Must be less than ${shown(exclusiveMaximum)}`)
  }
  if (minimum !== undefined && compareNumbers(value, minimum) < 0) {
    fail(result, context, 'number_gte', `Must be greater than or equal to ${shown(minimum)}`)
  }
  if (exclusiveMinimum !== undefined && compareNumbers(value, exclusiveMinimum) <= 0) {
    fail(result, context, 'number_gt', `Must be greater than ${shown(exclusiveMinimum)}`)
  }
  result.score++
}

/** Powers of ten that two numbers may be apart. */
const exponentsMax = 10_000

function isMultiple(value: RegoNumber, of: RegoNumber): boolean {
  const [a, b] = [exactOf(value), exactOf(of)]
  const exponent = Math.min(a.exponent, b.exponent)
  if (Math.max(a.exponent, b.exponent) - exponent > exponentsMax) throw new BuiltinError('the number is out of range')
  const scaled = ({ mantissa, exponent: own }: typeof a) => mantissa * 10n ** BigInt(own - exponent)
  return scaled(a) % scaled(b) === 0n
}
