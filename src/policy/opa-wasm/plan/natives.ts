/** The built-ins that WASM has within itself, as far as following a plan needs them. What is missing here is unknown to the plan's reader, never guessed. */
import {
  compareValues,
  type Entry,
  getKey,
  hasItem,
  isArray,
  isNumber,
  isObject,
  isSet,
  objectOf,
  type RegoObject,
  setOf,
  typeName,
  type Value,
} from '../value.ts'
import { perhaps } from './abstract.ts'
import { PlanUnsupported } from './ir.ts'

/** Undefined is Rego's undefined; `perhaps`: there is an answer that only WASM gives. */
export type Native = (args: readonly Value[]) => Value | undefined | typeof perhaps

const compare =
  (holds: (order: number) => boolean): Native =>
  ([a, b]) =>
    holds(compareValues(a!, b!))

const ofType =
  (type: ReturnType<typeof typeName>): Native =>
  ([value]) =>
    typeName(value!) === type

const ofTexts =
  (apply: (a: string, b: string) => Value): Native =>
  ([a, b]) =>
    typeof a === 'string' && typeof b === 'string' ? apply(a, b) : undefined

export const natives: ReadonlyMap<string, Native> = new Map<string, Native>([
  ['equal', compare((order) => order === 0)],
  ['neq', compare((order) => order !== 0)],
  ['lt', compare((order) => order < 0)],
  ['lte', compare((order) => order <= 0)],
  ['gt', compare((order) => order > 0)],
  ['gte', compare((order) => order >= 0)],
  ['is_array', ofType('array')],
  ['is_boolean', ofType('boolean')],
  ['is_null', ofType('null')],
  ['is_number', ofType('number')],
  ['is_object', ofType('object')],
  ['is_set', ofType('set')],
  ['is_string', ofType('string')],
  ['type_name', ([value]) => typeName(value!)],
  ['startswith', ofTexts((text, part) => text.startsWith(part))],
  ['endswith', ofTexts((text, part) => text.endsWith(part))],
  ['contains', ofTexts((text, part) => text.includes(part))],
  ['count', ([value]) => countOf(value!)],
  ['concat', ([separator, parts]) => concat(separator!, parts!)],
  ['array.concat', ([a, b]) => (isArray(a!) && isArray(b!) ? [...a, ...b] : undefined)],
  ['object.get', ([object, key, otherwise]) => objectGet(object!, key!, otherwise!)],
  ['object.keys', ([object]) => (isObject(object!) ? setOf(object.entries.map(([key]) => key)) : undefined)],
  ['object.union', ([a, b]) => (isObject(a!) && isObject(b!) ? union(a, b) : undefined)],
  ['internal.member_2', ([item, collection]) => isMember(item!, collection!)],
  ['internal.member_3', ([key, item, collection]) => isMemberAt(key!, item!, collection!)],
  ['sort', ([value]) => sorted(value!)],
  ['or', ([a, b]) => (isSet(a!) && isSet(b!) ? setOf([...a.items, ...b.items]) : undefined)],
  ['and', ([a, b]) => (isSet(a!) && isSet(b!) ? setOf(a.items.filter((item) => hasItem(b, item))) : undefined)],
  ['minus', ([a, b]) => minus(a!, b!)],
  ['plus', ([a, b]) => (isSmall(a!) && isSmall(b!) ? a + b : perhaps)],
])

function minus(a: Value, b: Value): ReturnType<Native> {
  if (isSet(a) && isSet(b)) return setOf(a.items.filter((item) => !hasItem(b, item)))
  return isSmall(a) && isSmall(b) ? a - b : perhaps
}

/** A whole number on which JavaScript's arithmetic is exact, once. */
function isSmall(value: Value): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && Math.abs(value) < 2 ** 52
}

function countOf(value: Value): Value | undefined {
  if (typeof value === 'string') return [...value].length
  if (isArray(value)) return value.length
  if (isObject(value)) return value.entries.length
  return isSet(value) ? value.items.length : undefined
}

/** Of a set WASM takes the items as they are hashed. */
function concat(separator: Value, parts: Value): ReturnType<Native> {
  if (isSet(parts) && parts.items.length > 1) return perhaps
  const items = isSet(parts) ? parts.items : isArray(parts) ? parts : undefined
  if (typeof separator !== 'string' || items === undefined) return undefined
  return items.every((item) => typeof item === 'string') ? items.join(separator) : undefined
}

/** An array as key is a path. */
function objectGet(object: Value, key: Value, otherwise: Value): Value | undefined {
  if (!isObject(object)) return undefined
  if (!isArray(key)) return getKey(object, key) ?? otherwise
  let value: Value = object
  for (const step of key) {
    const next = get(value, step)
    if (next === undefined) return otherwise
    value = next
  }
  return value
}

function union(a: RegoObject, b: RegoObject): RegoObject {
  const entries: Entry[] = [...a.entries]
  for (const [key, value] of b.entries) {
    const own = getKey(a, key)
    entries.push([key, own !== undefined && isObject(own) && isObject(value) ? union(own, value) : value])
  }
  return objectOf(entries)
}

/** As `opa_value_get`. */
export function get(value: Value, key: Value): Value | undefined {
  if (isObject(value)) return getKey(value, key)
  if (isSet(value)) return hasItem(value, key) ? key : undefined
  if (!isArray(value) || !isNumber(key)) return undefined
  if (typeof key !== 'number') throw new PlanUnsupported('an index that JavaScript does not have')
  return key >= 0 ? value[key] : undefined
}

function isMember(item: Value, collection: Value): Value {
  if (isSet(collection)) return hasItem(collection, item)
  const items = isArray(collection)
    ? collection
    : isObject(collection)
      ? collection.entries.map(([, value]) => value)
      : []
  return items.some((other) => compareValues(item, other) === 0)
}

function isMemberAt(key: Value, item: Value, collection: Value): Value {
  const value = get(collection, key)
  return value !== undefined && compareValues(value, item) === 0
}

function sorted(value: Value): Value | undefined {
  if (isSet(value)) return value.items
  return isArray(value) ? [...value].sort(compareValues) : undefined
}
