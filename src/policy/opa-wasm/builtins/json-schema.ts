/** json.match_schema and json.verify_schema. */
import { isArray, isObject, record, type Value } from '../value.ts'
import { valueFromLenientJson } from '../value-text.ts'
import { BuiltinError } from './builtin.ts'
import { readSchema } from './json-schema-read.ts'
import type { SchemaError } from './json-schema-result.ts'
import { validate } from './json-schema-validate.ts'
import { jsonValue } from './json-schema-value.ts'

export function matchSchema(document: Value, schema: Value): Value {
  const json = jsonOperand(document)
  const errors = validate(readSchema(jsonOperand(schema)), json)
  return [errors.length === 0, errors.map(errorObject)]
}

export function verifySchema(schema: Value): Value {
  try {
    readSchema(jsonOperand(schema))
    return [true, null]
  } catch (error) {
    if (error instanceof BuiltinError) return [false, `jsonschema: ${error.message}`]
    throw error
  }
}

function errorObject({ type, field, description }: SchemaError): Value {
  return record({ error: `${field}: ${description}`, type, field, desc: description })
}

/** A string is JSON text. */
function jsonOperand(value: Value): Value {
  if (isObject(value) || isArray(value)) return jsonValue(value)
  if (typeof value !== 'string') throw new BuiltinError('wrong type, expected string or object')
  try {
    return valueFromLenientJson(value)
  } catch (cause) {
    throw new BuiltinError('invalid JSON string', 'eval_builtin_error', { cause })
  }
}
