/** Rego's values as this engine holds them: exact numbers, objects with any key, sets; always in OPA's order, so equal values are equal in shape. */
import { compareNumbers, type Decimal, type RegoNumber } from './value-number.ts'

export type Value = null | boolean | string | RegoNumber | readonly Value[] | RegoObject | RegoSet

/** Entries sorted by key with `compareValues`, no key twice. */
export type RegoObject = { readonly kind: 'object'; readonly entries: readonly Entry[] }
export type Entry = readonly [key: Value, value: Value]
/** Items sorted with `compareValues`, none twice. */
export type RegoSet = { readonly kind: 'set'; readonly items: readonly Value[] }

export const emptyObject: RegoObject = { kind: 'object', entries: [] }
export const emptySet: RegoSet = { kind: 'set', items: [] }

export type TypeName = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' | 'set'

/** As Rego's `type_name`. */
export function typeName(value: Value): TypeName {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'boolean'
    case 'number':
    case 'bigint':
      return 'number'
    default:
      if (value === null) return 'null'
      if (isArray(value)) return 'array'
      return value.kind === 'decimal' ? 'number' : value.kind
  }
}

export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

export function isObject(value: Value): value is RegoObject {
  return kindOf(value) === 'object'
}

export function isSet(value: Value): value is RegoSet {
  return kindOf(value) === 'set'
}

export function isNumber(value: Value): value is RegoNumber {
  return typeof value === 'number' || typeof value === 'bigint' || kindOf(value) === 'decimal'
}

function kindOf(value: Value): 'object' | 'set' | 'decimal' | undefined {
  return typeof value === 'object' && value !== null && !isArray(value)
    ? (value as RegoObject | RegoSet | Decimal).kind
    : undefined
}

/** Of a key given twice the last value counts. */
export function objectOf(entries: readonly Entry[]): RegoObject {
  const sorted = inOrder(entries, (a, b) => compareValues(a[0], b[0]))
  return { kind: 'object', entries: sorted }
}

export function setOf(items: readonly Value[]): RegoSet {
  return { kind: 'set', items: inOrder(items, compareValues) }
}

/** An object with string keys, written as a JavaScript object; undefined members are left out. */
export function record(members: { readonly [key: string]: Value | undefined }): RegoObject {
  const entries: Entry[] = []
  for (const [key, value] of Object.entries(members)) if (value !== undefined) entries.push([key, value])
  return objectOf(entries)
}

export function getKey(object: RegoObject, key: Value): Value | undefined {
  const { entries } = object
  const at = lowerBound(entries.length, (index) => compareValues(entries[index]![0], key))
  const entry = entries[at]
  return entry !== undefined && compareValues(entry[0], key) === 0 ? entry[1] : undefined
}

export function hasItem(set: RegoSet, item: Value): boolean {
  const { items } = set
  const at = lowerBound(items.length, (index) => compareValues(items[index]!, item))
  return at < items.length && compareValues(items[at]!, item) === 0
}

export function equalValues(left: Value, right: Value): boolean {
  return compareValues(left, right) === 0
}

const order: Record<TypeName, number> = { null: 0, boolean: 1, number: 2, string: 3, array: 4, object: 5, set: 6 }

/** OPA's order: null < booleans < numbers < strings (by code point) < arrays < objects < sets. */
export function compareValues(left: Value, right: Value): number {
  if (typeof left === 'string' && typeof right === 'string') return compareStrings(left, right)
  const type = typeName(left)
  const types = order[type] - order[typeName(right)]
  if (types !== 0) return types
  switch (type) {
    case 'null':
      return 0
    case 'boolean':
      return Number(left) - Number(right)
    case 'number':
      return compareNumbers(left as RegoNumber, right as RegoNumber)
    case 'string':
      return compareStrings(left as string, right as string)
    case 'array':
      return compareLists(left as readonly Value[], right as readonly Value[])
    case 'object':
      return compareObjects(left as RegoObject, right as RegoObject)
    case 'set':
      return compareLists((left as RegoSet).items, (right as RegoSet).items)
  }
}

/** By code point, as UTF-8 bytes compare; JavaScript's own order is by UTF-16 unit and differs above U+FFFF. */
export function compareStrings(left: string, right: string): number {
  if (left === right) return 0
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index)
    const b = right.charCodeAt(index)
    if (a !== b) return rank(a) - rank(b)
  }
  return left.length - right.length
}

/** Surrogates stand for code points above all other units. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

function compareLists(left: readonly Value[], right: readonly Value[]): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const order = compareValues(left[index]!, right[index]!)
    if (order !== 0) return order
  }
  return left.length - right.length
}

function compareObjects(left: RegoObject, right: RegoObject): number {
  const length = Math.min(left.entries.length, right.entries.length)
  for (let index = 0; index < length; index++) {
    const [leftKey, leftValue] = left.entries[index]!
    const [rightKey, rightValue] = right.entries[index]!
    const order = compareValues(leftKey, rightKey) || compareValues(leftValue, rightValue)
    if (order !== 0) return order
  }
  return left.entries.length - right.entries.length
}

/** Sorted, of equal ones the last; most lists come sorted already. */
function inOrder<Item>(list: readonly Item[], compare: (a: Item, b: Item) => number): readonly Item[] {
  let ordered = true
  for (let index = 1; ordered && index < list.length; index++) ordered = compare(list[index - 1]!, list[index]!) < 0
  if (ordered) return list
  const sorted = [...list].sort(compare)
  const unique: Item[] = []
  for (const item of sorted) {
    if (unique.length > 0 && compare(unique.at(-1)!, item) === 0) unique.pop()
    unique.push(item)
  }
  return unique
}

function lowerBound(length: number, compareAt: (index: number) => number): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareAt(middle) < 0) low = middle + 1
    else high = middle
  }
  return low
}
