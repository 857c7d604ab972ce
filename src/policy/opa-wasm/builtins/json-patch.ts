/** json.patch: RFC 6902 over all of Rego's values; a set's item is its own key, and a path may be a list of keys of any kind. */
import {
  equalValues,
  getKey,
  hasItem,
  isArray,
  isNumber,
  isObject,
  isSet,
  objectOf,
  type RegoObject,
  setOf,
  type Value,
} from '../value.ts'
import { integerOf } from '../value-number.ts'
import { BuiltinError } from './builtin.ts'
import { operandError } from './operands.ts'

type Path = readonly Value[]

export function patchJson(document: Value, operations: readonly Value[]): Value | undefined {
  let current: Value | undefined = document
  for (const operation of operations) {
    if (!isObject(operation)) {
      throw new BuiltinError('must be an array of JSON-Patch objects, but at least one element is not an object')
    }
    current = applyOperation(current, operation)
  }
  return current
}

/** Undefined: the whole document has been removed. */
function applyOperation(document: Value | undefined, operation: RegoObject): Value | undefined {
  const to = parsePath(required(operation, 'path'))
  const op = required(operation, 'op')
  const value = () => required(operation, 'value')
  const from = () => parsePath(required(operation, 'from'))
  switch (op) {
    case 'add':
      return insertAt(document, to, value())
    case 'remove':
      return removeAt(document, to)
    case 'replace':
      return insertAt(removeAt(document, to), to, value())
    case 'move':
      return insertAt(removeAt(document, from()), to, valueAt(document, from()))
    case 'copy':
      return insertAt(document, to, valueAt(document, from()))
    case 'test':
      if (!equalValues(valueAt(document, to), value())) throw new BuiltinError('the value tested for is not there')
      return document
    default:
      throw new BuiltinError(typeof op === 'string' ? `unrecognized op: '${op}'` : "attribute 'op' must be a string")
  }
}

function required(operation: RegoObject, name: string): Value {
  const value = getKey(operation, name)
  if (value === undefined) throw new BuiltinError(`missing required attribute '${name}'`)
  return value
}

/** A JSON pointer, whose first slash may be left out, or a list of keys. */
function parsePath(path: Value): Path {
  if (isArray(path)) return path
  if (typeof path !== 'string') {
    throw operandError(2, 'must be one of {set, array} containing string paths or array of path segments')
  }
  if (path === '') return []
  return path
    .replace(/^\/+/, '')
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function valueAt(document: Value | undefined, path: Path): Value {
  let value = existing(document)
  for (const key of path) value = child(value, key)
  return value
}

function insertAt(document: Value | undefined, path: Path, value: Value): Value {
  if (path.length === 0) return value
  return edited(existing(document), path, (parent, key) => {
    if (isObject(parent)) return withMember(parent, key, value)
    if (isArray(parent)) return parent.toSpliced(indexOf(parent, key, parent.length), 0, value)
    if (!isSet(parent)) throw notComposite()
    if (!equalValues(key, value)) throw new BuiltinError('set key does not equal value to be inserted')
    return setOf([...parent.items, value])
  })
}

function removeAt(document: Value | undefined, path: Path): Value | undefined {
  existing(document)
  if (path.length === 0) return undefined
  return edited(existing(document), path, (parent, key) => {
    child(parent, key)
    if (isObject(parent)) return objectOf(parent.entries.filter(([name]) => !equalValues(name, key)))
    if (isArray(parent)) return parent.toSpliced(indexOf(parent, key, parent.length - 1), 1)
    if (isSet(parent)) return setOf(parent.items.filter((item) => !equalValues(item, key)))
    throw notComposite()
  })
}

/** The document with the parent of the path's last key changed. */
function edited(value: Value, path: Path, edit: (parent: Value, key: Value) => Value): Value {
  const [key, ...rest] = path
  if (rest.length === 0) return edit(value, key!)
  const inner = edited(child(value, key!), rest, edit)
  if (isObject(value)) return withMember(value, key!, inner)
  if (isArray(value)) return value.with(indexOf(value, key!, value.length - 1), inner)
  if (!isSet(value)) throw notComposite()
  return setOf([...value.items.filter((item) => !equalValues(item, key!)), inner])
}

function withMember(object: RegoObject, key: Value, value: Value): RegoObject {
  return objectOf([...object.entries, [key, value]])
}

function child(value: Value, key: Value): Value {
  const found = isObject(value)
    ? getKey(value, key)
    : isArray(value)
      ? value[indexOf(value, key, value.length - 1)]
      : isSet(value) && hasItem(value, key)
        ? key
        : undefined
  if (found === undefined) throw new BuiltinError('the path does not exist')
  return found
}

function indexOf(array: readonly Value[], key: Value, indexMax: number): number {
  const index = key === '-' ? array.length : wholeNumber(key)
  if (index === undefined || index < 0 || index > indexMax) throw new BuiltinError('index out of bounds')
  return index
}

function wholeNumber(key: Value): number | undefined {
  if (typeof key === 'string') return /^(?:0|[1-9][0-9]{0,8})$/.test(key) ? Number(key) : undefined
  const whole = isNumber(key) ? integerOf(key) : undefined
  return whole === undefined ? undefined : Number(whole)
}

function existing(document: Value | undefined): Value {
  if (document === undefined) throw new BuiltinError('the document has been removed')
  return document
}

function notComposite(): BuiltinError {
  return new BuiltinError('expected a composite value')
}
