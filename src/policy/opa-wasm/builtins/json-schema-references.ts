/** Where the references of a JSON schema lead: within the document only, by its `$id`s and by JSON pointers. */
import { getKey, isArray, isObject, type Value } from '../value.ts'
import { BuiltinError } from './builtin.ts'

export type Target = { readonly id: string; readonly value: Value; readonly base: string }

export type References = {
  /** The base of the whole document. */
  readonly root: string
  baseOf(schema: Value, base: string): string
  /** @throws BuiltinError for what is not in the document */
  resolve(reference: string, base: string): Target
}

/** Stands for the address of a document that names none. */
const rootAddress = 'json-schema:///'
/** Their values are data, or objects whose members are not keywords. */
const literal = new Set(['const', 'enum'])
const named = new Set(['properties', 'dependencies', 'patternProperties'])

export function createReferences(document: Value): References {
  const documents = new Map<string, Value>([[rootAddress, document]])

  function baseOf(schema: Value, base: string): string {
    const id = isObject(schema) ? (getKey(schema, 'id') ?? getKey(schema, '$id')) : undefined
    return typeof id === 'string' ? (absolute(id, base) ?? base) : base
  }

  function collect(value: Value, base: string): void {
    if (isArray(value)) for (const item of value) collect(item, base)
    if (!isObject(value)) return
    const own = baseOf(value, base)
    if (own !== base) documents.set(own.replace(/#$/, ''), value)
    for (const [name, member] of value.entries) {
      if (literal.has(name as string)) continue
      if (named.has(name as string) && isObject(member)) for (const [, inner] of member.entries) collect(inner, own)
      else collect(member, own)
    }
  }

  collect(document, rootAddress)
  return {
    root: rootAddress,
    baseOf,
    resolve(reference, base) {
      const id = absolute(reference, base)
      if (id === undefined) throw new BuiltinError(`the reference ${reference} is malformed`)
      const whole = documents.get(id.replace(/#$/, ''))
      if (whole !== undefined) return { id, value: whole, base: id }
      const [address, fragment = ''] = id.split('#')
      const found = documents.get(address!)
      if (found === undefined) throw new BuiltinError(`Reference ${reference} must be canonical`)
      return { id, value: follow(found, decodeURIComponent(fragment)), base: address! }
    },
  }
}

function absolute(reference: string, base: string): string | undefined {
  return URL.canParse(reference, base) ? new URL(reference, base).href : undefined
}

function follow(document: Value, pointer: string): Value {
  if (pointer !== '' && !pointer.startsWith('/')) {
    throw new BuiltinError('JSON pointer must be empty or start with a "/"')
  }
  let value = document
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (isArray(value)) value = itemOf(value, key)
    else if (isObject(value)) value = getKey(value, key) ?? missing(`Object has no key '${key}'`)
    else throw new BuiltinError(`Invalid token reference '${key}'`)
  }
  return value
}

function itemOf(array: readonly Value[], key: string): Value {
  if (!/^[+-]?[0-9]+$/.test(key)) throw new BuiltinError(`Invalid array index '${key}'`)
  return array[Number(key)] ?? missing(`Out of bound array[0,${array.length}] index '${Number(key)}'`)
}

function missing(what: string): never {
  throw new BuiltinError(what)
}
