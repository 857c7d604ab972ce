/** Reads JSON schemas of drafts 4, 6 and 7, a mixture of them where none is named, as the library that OPA uses does. Nothing is ever fetched. */
import { getKey, isArray, isNumber, isObject, type RegoObject, type Value } from '../value.ts'
import { compareNumbers, integerOf, type RegoNumber } from '../value-number.ts'
import { BuiltinError } from './builtin.ts'
import { createReferences } from './json-schema-references.ts'
import type { Schema } from './json-schema-types.ts'
import { canonicalJson } from './json-schema-value.ts'
import { isPattern } from './regex.ts'

const typeNames = ['array', 'boolean', 'integer', 'number', 'null', 'object', 'string']
const drafts: Readonly<Record<string, number>> = {
  'http://json-schema.org/draft-04/schema': 4,
  'http://json-schema.org/draft-06/schema': 6,
  'http://json-schema.org/draft-07/schema': 7,
}
/** No draft is named: what any of them has is understood. */
const mixed = Number.POSITIVE_INFINITY
const depthMax = 200

/** @throws BuiltinError in the library's words */
export function readSchema(document: Value): Schema {
  const references = createReferences(document)
  const read = new Map<string, Schema>()
  const draft = draftOf(document)
  let depth = 0

  function schemaOf(value: Value, base: string, into: Schema = {}): Schema {
    if (++depth > depthMax) throw new BuiltinError('the schema is nested too deep')
    if (typeof value === 'boolean' && draft >= 6) into.passes = value
    else if (isObject(value)) members(value, references.baseOf(value, base), into)
    else throw new BuiltinError('Expected: Valid Schema, given: Invalid JSON')
    depth--
    return into
  }

  function referred(reference: string, base: string): Schema {
    const target = references.resolve(reference, base)
    const known = read.get(target.id)
    if (known !== undefined) return known
    const schema: Schema = {}
    read.set(target.id, schema)
    return schemaOf(target.value, target.base, schema)
  }

  function members(object: RegoObject, base: string, schema: Schema): void {
    const get = (name: string) => getKey(object, name)
    const inner = (value: Value) => schemaOf(value, base)
    const definitions = get('definitions')
    if (definitions !== undefined) for (const [, value] of objectMember(definitions, 'definitions')) inner(value)
    for (const name of ['title', 'description']) optionalString(get(name), name)
    const reference = optionalString(get('$ref'), '$ref')
    if (reference !== undefined) {
      schema.ref = referred(reference, base)
      return
    }
    assign(schema, 'types', typesOf(get('type')))
    objectKeywords(schema, get, inner)
    arrayKeywords(schema, get, inner)
    numberKeywords(schema, get, draft)
    stringKeywords(schema, get)
    valueKeywords(schema, get)
    combiningKeywords(schema, get, inner)
  }

  function objectKeywords(schema: Schema, get: Get, inner: Inner): void {
    const properties = get('properties')
    if (properties !== undefined) {
      if (!isObject(properties)) throw new BuiltinError('Properties must be of type object')
      schema.properties = properties.entries.map(([name, value]) => [String(name), inner(value)])
    }
    assign(schema, 'additionalProperties', booleanOrSchema(get('additionalProperties'), 'additionalProperties', inner))
    const patterns = get('patternProperties')
    if (patterns !== undefined) {
      schema.patternProperties = objectMember(patterns, 'patternProperties').map(([key, value]) => {
        const pattern = String(key)
        if (!isPattern(pattern)) throw new BuiltinError(`Invalid regex pattern '${pattern}'`)
        return [pattern, inner(value)]
      })
    }
    if (draft >= 6) assign(schema, 'propertyNames', optionalSchema(get('propertyNames'), inner))
    assign(schema, 'dependencies', dependenciesOf(get('dependencies'), inner))
    assign(schema, 'minProperties', count(get('minProperties'), 'minProperties'))
    assign(schema, 'maxProperties', count(get('maxProperties'), 'maxProperties'))
    if ((schema.minProperties ?? 0) > (schema.maxProperties ?? mixed)) {
      throw new BuiltinError('minProperties cannot be greater than maxProperties')
    }
    assign(schema, 'required', requiredOf(get('required')))
  }

  function arrayKeywords(schema: Schema, get: Get, inner: Inner): void {
    const items = get('items')
    if (items !== undefined) {
      if (isArray(items)) schema.items = items.map(inner)
      else if (isObject(items) || typeof items === 'boolean') schema.items = inner(items)
      else throw invalidType('Valid Schema/Array Of Schemas', 'items')
    }
    assign(schema, 'additionalItems', booleanOrSchema(get('additionalItems'), 'additionalItems', inner))
    assign(schema, 'minItems', count(get('minItems'), 'minItems'))
    assign(schema, 'maxItems', count(get('maxItems'), 'maxItems'))
    const unique = get('uniqueItems')
    if (unique !== undefined) {
      if (typeof unique !== 'boolean') throw new BuiltinError('uniqueItems must be of a boolean')
      schema.uniqueItems = unique
    }
    if (draft >= 6) assign(schema, 'contains', optionalSchema(get('contains'), inner))
  }

  function combiningKeywords(schema: Schema, get: Get, inner: Inner): void {
    for (const name of ['oneOf', 'anyOf', 'allOf'] as const) {
      const list = optionalList(get(name), name)
      if (list !== undefined) schema[name] = list.map(inner)
    }
    for (const name of draft >= 7 ? (['not', 'if', 'then', 'else'] as const) : (['not'] as const)) {
      const value = get(name)
      if (value === undefined) continue
      if (!isObject(value) && typeof value !== 'boolean') throw new BuiltinError(`${name} must be of an object`)
      schema[name] = inner(value)
    }
  }

  function valueKeywords(schema: Schema, get: Get): void {
    const constant = get('const')
    if (constant !== undefined && draft >= 6) schema.const = canonicalJson(constant)
    const values = optionalList(get('enum'), 'enum')?.map(canonicalJson)
    if (values === undefined) return
    if (new Set(values).size !== values.length) throw new BuiltinError('enum items must be unique')
    schema.enum = values
  }

  return schemaOf(document, references.root)
}

type Get = (name: string) => Value | undefined
type Inner = (value: Value) => Schema

function draftOf(document: Value): number {
  if (!isObject(document)) return mixed
  const named = getKey(document, '$schema')
  if (named === undefined) return mixed
  if (typeof named !== 'string') throw new BuiltinError('$schema must be of type string')
  return drafts[named.replace(/#$/, '')] ?? mixed
}

function assign<Name extends keyof Schema>(schema: Schema, name: Name, value: Schema[Name] | undefined): void {
  if (value !== undefined) schema[name] = value
}

function invalidType(expected: string, given: string): BuiltinError {
  return new BuiltinError(`Invalid type. Expected: ${expected}, given: ${given}`)
}

function optionalString(value: Value | undefined, name: string): string | undefined {
  if (value !== undefined && typeof value !== 'string') throw invalidType('string', name)
  return value
}

function optionalList(value: Value | undefined, name: string): readonly Value[] | undefined {
  if (value !== undefined && !isArray(value)) throw new BuiltinError(`${name} must be of an array`)
  return value
}

function objectMember(value: Value, name: string): RegoObject['entries'] {
  if (!isObject(value)) throw invalidType(name === 'definitions' ? 'Array Of Schemas' : 'Valid Schema', name)
  return value.entries
}

function optionalSchema(value: Value | undefined, inner: Inner): Schema | undefined {
  return value === undefined ? undefined : inner(value)
}

function booleanOrSchema(value: Value | undefined, name: string, inner: Inner): boolean | Schema | undefined {
  if (value === undefined || typeof value === 'boolean') return value
  if (!isObject(value)) throw invalidType('boolean/Valid Schema', name)
  return inner(value)
}

function typesOf(value: Value | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined
  const names = typeof value === 'string' ? [value] : isArray(value) ? value : undefined
  if (names === undefined) throw invalidType('type', 'string/Array Of Strings')
  const types: string[] = []
  for (const name of names) {
    if (typeof name !== 'string') throw invalidType('type', 'string/Array Of Strings')
    if (!typeNames.includes(name)) {
      const valid = typeNames.join(' ')
      throw new BuiltinError(
        `has a primitive type that is NOT VALID -- given: /${name}/ Expected valid values are:[${valid}]`,
      )
    }
    if (types.includes(name)) throw new BuiltinError(`${name} type is duplicated`)
    types.push(name)
  }
  return types
}

function dependenciesOf(value: Value | undefined, inner: Inner): Schema['dependencies'] {
  if (value === undefined) return undefined
  if (!isObject(value)) throw new BuiltinError('dependencies must be of type object')
  const wrong = () => new BuiltinError('Dependency must be of type Schema Or Array Of Strings')
  return new Map(
    value.entries.map(([name, dependency]): [string, readonly string[] | Schema] => {
      if (isObject(dependency) || typeof dependency === 'boolean') return [String(name), inner(dependency)]
      if (!isArray(dependency)) throw wrong()
      const names = dependency.map((item) => {
        if (typeof item !== 'string') throw wrong()
        return item
      })
      return [String(name), names]
    }),
  )
}

function requiredOf(value: Value | undefined): readonly string[] | undefined {
  const names = optionalList(value, 'required')?.map((name) => {
    if (typeof name !== 'string') throw invalidType('string', 'required')
    return name
  })
  if (names !== undefined && new Set(names).size !== names.length) {
    throw new BuiltinError('required items must be unique')
  }
  return names
}

function count(value: Value | undefined, name: string): number | undefined {
  if (value === undefined) return undefined
  const whole = isNumber(value) ? integerOf(value) : undefined
  if (whole === undefined) throw new BuiltinError(`${name} must be of an integer`)
  if (whole < 0n) throw new BuiltinError(`${name} must be greater than or equal to 0`)
  return Number(whole)
}

function numberKeywords(schema: Schema, get: Get, draft: number): void {
  const multipleOf = get('multipleOf')
  if (multipleOf !== undefined) {
    if (!isNumber(multipleOf)) throw invalidType('Number', 'multipleOf')
    if (compareNumbers(multipleOf, 0) <= 0) throw new BuiltinError('multipleOf must be strictly greater than 0')
    schema.multipleOf = multipleOf
  }
  limit(schema, get, draft, 'minimum', 'exclusiveMinimum')
  limit(schema, get, draft, 'maximum', 'exclusiveMaximum')
}

/** Draft 4 says by a boolean that a limit is exclusive, later ones have two limits. */
function limit(
  schema: Schema,
  get: Get,
  draft: number,
  name: 'minimum' | 'maximum',
  exclusive: 'exclusiveMinimum' | 'exclusiveMaximum',
): void {
  const value = get(name)
  if (value !== undefined && !isNumber(value)) throw new BuiltinError(`${name} must be of a Number`)
  const other = get(exclusive)
  assign(schema, name, value)
  if (other === undefined) return
  if (typeof other === 'boolean' && (draft === 4 || draft === mixed)) {
    if (value === undefined) throw new BuiltinError(`${exclusive} cannot be used without ${name}`)
    if (!other) return
    schema[exclusive] = value
    delete schema[name]
  } else if (isNumber(other) && draft !== 4) schema[exclusive] = other satisfies RegoNumber
  else throw invalidType(draft === 4 ? 'boolean' : draft === mixed ? 'boolean/number' : 'number', exclusive)
}

function stringKeywords(schema: Schema, get: Get): void {
  assign(schema, 'minLength', count(get('minLength'), 'minLength'))
  assign(schema, 'maxLength', count(get('maxLength'), 'maxLength'))
  if ((schema.minLength ?? 0) > (schema.maxLength ?? mixed)) {
    throw new BuiltinError('minLength cannot be greater than maxLength')
  }
  const pattern = optionalString(get('pattern'), 'pattern')
  if (pattern !== undefined && !isPattern(pattern)) throw new BuiltinError('pattern must be a valid regex')
  assign(schema, 'pattern', pattern)
  assign(schema, 'format', optionalString(get('format'), 'format'))
}
