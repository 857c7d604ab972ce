/** Values as JSON schemas see them: JSON only, numbers compared as doubles in `const`, `enum` and `uniqueItems`. */
import { isArray, isNumber, isObject, isSet, type Value } from '../value.ts'
import { doubleOf, integerOf, type RegoNumber } from '../value-number.ts'
import { valueFromLenientJson, valueToJson } from '../value-text.ts'
import { goJson } from './go-json.ts'
import { jsonFloat } from './yaml-scalar.ts'

/** Sets become arrays, and all keys strings. */
export function jsonValue(value: Value): Value {
  return valueFromLenientJson(valueToJson(value))
}

/** Equal for values that are equal in a schema's eyes. */
export function canonicalJson(value: Value): string {
  return goJson(asDoubles(value))
}

function asDoubles(value: Value): Value {
  if (isNumber(value)) return { kind: 'decimal', text: jsonFloat(doubleOf(value)) }
  if (isArray(value)) return value.map(asDoubles)
  if (isObject(value)) return { kind: 'object', entries: value.entries.map(([key, item]) => [key, asDoubles(item)]) }
  return value
}

export function jsonType(value: Value): string {
  if (value === null) return 'null'
  if (isNumber(value)) return isWhole(value) ? 'integer' : 'number'
  if (isArray(value) || isSet(value)) return 'array'
  return isObject(value) ? 'object' : typeof value
}

export function isWhole(value: RegoNumber): boolean {
  return integerOf(value) !== undefined
}
