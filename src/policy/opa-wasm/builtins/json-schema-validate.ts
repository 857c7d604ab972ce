/** Validates a value by a JSON schema, with the errors that the library which OPA uses would find, in its words. Members are visited in order. */
import { getKey, isArray, isNumber, isObject, type RegoObject, type Value } from '../value.ts'
import { BuiltinError } from './builtin.ts'
import {
  below,
  best,
  type Context,
  fail,
  hasErrors,
  merge,
  type Result,
  root,
  type SchemaError,
} from './json-schema-result.ts'
import { checkAny, checkNumber, checkString } from './json-schema-scalars.ts'
import type { Schema } from './json-schema-types.ts'
import { canonicalJson, isWhole, jsonType } from './json-schema-value.ts'
import { matchesPattern } from './regex.ts'

const depthMax = 200

export function validate(schema: Schema, value: Value): readonly SchemaError[] {
  return createValidation().run(schema, value, root).errors
}

function createValidation() {
  let depth = 0

  function run(schema: Schema, value: Value, context: Context): Result {
    const result: Result = { errors: [], score: 0 }
    check(schema, value, result, context)
    return result
  }

  function check(schema: Schema, value: Value, result: Result, context: Context): void {
    if (++depth > depthMax) throw new BuiltinError('the schema refers to itself without end')
    if (schema.passes !== undefined) {
      if (!schema.passes) fail(result, context, 'false', 'False always fails validation')
    } else if (schema.ref !== undefined) check(schema.ref, value, result, context)
    else if (fitsType(schema, value)) {
      keywords(schema, value, result, context)
      result.score++
    } else {
      const { types = [] } = schema
      const expected = types.length === 1 ? types[0] : `[${types.join(',')}]`
      fail(result, context, 'invalid_type', `Invalid type. Expected: ${expected}, given: ${jsonType(value)}`)
    }
    depth--
  }

  function keywords(schema: Schema, value: Value, result: Result, context: Context): void {
    combinations(schema, value, result, context)
    if (isNumber(value)) checkNumber(schema, value, result, context)
    if (isArray(value)) arrays(schema, value, result, context)
    if (isObject(value)) objects(schema, value, result, context)
    checkAny(schema, value, result, context)
    if (typeof value === 'string') checkString(schema, value, result, context)
    if (!isObject(value)) return
    for (const [name, inner] of schema.properties ?? []) {
      const member = getKey(value, name)
      if (member !== undefined) check(inner, member, result, below(context, name))
    }
  }

  function combinations(schema: Schema, value: Value, result: Result, context: Context): void {
    anyOf(schema.anyOf ?? [], value, result, context)
    oneOf(schema.oneOf ?? [], value, result, context)
    if (schema.allOf !== undefined) {
      const results = schema.allOf.map((inner) => run(inner, value, context))
      for (const inner of results) merge(result, inner)
      if (results.some(hasErrors)) {
        fail(result, context, 'number_all_of', 'Must validate all the schemas (allOf)')
      }
    }
    if (schema.not !== undefined && !hasErrors(run(schema.not, value, context))) {
      fail(result, context, 'number_not', 'Must not validate the schema (not)')
    }
    if (isObject(value)) dependencies(schema, value, result, context)
    if (schema.if !== undefined) condition(schema, schema.if, value, result, context)
    result.score++
  }

  function anyOf(schemas: readonly Schema[], value: Value, result: Result, context: Context): void {
    if (schemas.length === 0) return
    const tried: Result[] = []
    for (const schema of schemas) {
      const inner = run(schema, value, context)
      if (!hasErrors(inner)) return
      tried.push(inner)
    }
    fail(result, context, 'number_any_of', 'Must validate at least one schema (anyOf)')
    merge(result, best(tried))
  }

  function oneOf(schemas: readonly Schema[], value: Value, result: Result, context: Context): void {
    if (schemas.length === 0) return
    const tried = schemas.map((schema) => run(schema, value, context))
    const valid = tried.filter((inner) => !hasErrors(inner)).length
    if (valid === 1) return
    fail(result, context, 'number_one_of', 'Must validate one and only one schema (oneOf)')
    if (valid === 0) merge(result, best(tried))
  }

  function dependencies(schema: Schema, value: RegoObject, result: Result, context: Context): void {
    if (schema.dependencies === undefined) return
    for (const [name] of value.entries) {
      const dependency = schema.dependencies.get(name as string)
      if (dependency === undefined) continue
      if (!('length' in dependency)) check(dependency, value, result, context)
      else {
        for (const other of dependency) {
          if (getKey(value, other) !== undefined) continue
          fail(result, context, 'missing_dependency', `Has a dependency on ${other}`)
        }
      }
    }
  }

  function condition(schema: Schema, test: Schema, value: Value, result: Result, context: Context): void {
    const holds = !hasErrors(run(test, value, context))
    const branch = holds ? schema.then : schema.else
    const inner = branch === undefined ? undefined : run(branch, value, context)
    if (inner === undefined || !hasErrors(inner)) return
    const [type, description] = holds
      ? ['condition_then', 'Must validate "then" as "if" was valid']
      : ['condition_else', 'Must validate "else" as "if" was not valid']
    fail(result, context, type!, description!)
    merge(result, inner)
  }

  function arrays(schema: Schema, value: readonly Value[], result: Result, context: Context): void {
    const { items, additionalItems } = schema
    const itemwise = (inner: Schema, from: number, to: number) => {
      for (let index = from; index < to; index++)
        merge(result, run(inner, value[index]!, below(context, String(index))))
    }
    if (items !== undefined && !('length' in items)) itemwise(items, 0, value.length)
    else if (items !== undefined && items.length > 0) {
      for (const [index, inner] of items.entries()) itemwise(inner, index, Math.min(index + 1, value.length))
      if (value.length > items.length) {
        if (additionalItems === false) {
          fail(result, context, 'array_no_additional_items', 'No additional items allowed on array')
        } else if (typeof additionalItems === 'object') itemwise(additionalItems, items.length, value.length)
      }
    }
    if (value.length < (schema.minItems ?? 0)) {
      fail(result, context, 'array_min_items', `Array must have at least ${schema.minItems} items`)
    }
    if (value.length > (schema.maxItems ?? value.length)) {
      fail(result, context, 'array_max_items', `Array must have at most ${schema.maxItems} items`)
    }
    if (schema.uniqueItems === true) uniqueItems(value, result, context)
    if (schema.contains !== undefined) contains(schema.contains, value, result, context)
    result.score++
  }

  function uniqueItems(value: readonly Value[], result: Result, context: Context): void {
    const seen = new Map<string, number>()
    for (const [index, item] of value.entries()) {
      const text = canonicalJson(item)
      const first = seen.get(text)
      if (first !== undefined) fail(result, context, 'unique', `array items[${first},${index}] must be unique`)
      seen.set(text, index)
    }
  }

  function contains(schema: Schema, value: readonly Value[], result: Result, context: Context): void {
    const tried: Result[] = []
    for (const [index, item] of value.entries()) {
      const inner = run(schema, item, below(context, String(index)))
      if (!hasErrors(inner)) return
      tried.push(inner)
    }
    fail(result, context, 'contains', 'At least one of the items must match')
    if (tried.length > 0) merge(result, best(tried))
  }

  function objects(schema: Schema, value: RegoObject, result: Result, context: Context): void {
    const count = value.entries.length
    if (count < (schema.minProperties ?? 0)) {
      fail(result, context, 'array_min_properties', `Must have at least ${schema.minProperties} properties`)
    }
    if (count > (schema.maxProperties ?? count)) {
      fail(result, context, 'array_max_properties', `Must have at most ${schema.maxProperties} properties`)
    }
    for (const name of schema.required ?? []) {
      if (getKey(value, name) !== undefined) result.score++
      else fail(result, context, 'required', `${name} is required`)
    }
    for (const [name, member] of value.entries) otherProperties(schema, String(name), member, result, context)
    if (schema.propertyNames !== undefined) {
      for (const [name] of value.entries) {
        const inner = run(schema.propertyNames, name, context)
        if (!hasErrors(inner)) continue
        fail(result, context, 'invalid_property_name', `Property name of "${String(name)}" does not match`)
        merge(result, inner)
      }
    }
    result.score++
  }

  /** By pattern, or else by what is said of additional ones. */
  function otherProperties(schema: Schema, name: string, member: Value, result: Result, context: Context): void {
    const matching = (schema.patternProperties ?? []).filter(([pattern]) => matchesPattern(pattern, name))
    for (const [, inner] of matching) merge(result, run(inner, member, below(context, name)))
    if (matching.length > 0) {
      result.score++
      return
    }
    if (schema.properties?.some(([known]) => known === name) === true) return
    const { additionalProperties } = schema
    if (additionalProperties === false) {
      fail(result, context, 'additional_property_not_allowed', `Additional property ${name} is not allowed`)
    } else if (typeof additionalProperties === 'object') {
      merge(result, run(additionalProperties, member, below(context, name)))
    }
  }

  return { run }
}

function fitsType({ types }: Schema, value: Value): boolean {
  if (types === undefined || types.length === 0) return true
  if (isNumber(value)) return types.includes('number') || (types.includes('integer') && isWhole(value))
  return types.includes(jsonType(value))
}
