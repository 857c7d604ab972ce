/** Values as text: OPA's own value format, which carries sets and any key through `opa_value_dump` and `opa_value_parse`, and JSON. */
import { PortcullisError } from '../../domain/errors.ts'
import { type Entry, emptyObject, emptySet, isArray, objectOf, setOf, type Value } from './value.ts'
import { numberOfText } from './value-number.ts'

/** Levels of nesting; WASM's own parser and writer overflow their stack beyond 5,000. */
export const valueDepthMax = 2_000

/** Reads what `opa_value_dump` writes. @throws policy.input_invalid */
export function parseValue(text: string): Value {
  return createParser(text, 'value').document()
}

/** Strict JSON: one document, no key twice, no lone surrogate, no other leniency. @throws policy.input_invalid */
export function valueFromJson(text: string): Value {
  return createParser(text, 'json').document()
}

/** JSON as OPA's built-ins take it: of a key given twice the last value counts, lone surrogates become U+FFFD. @throws policy.input_invalid */
export function valueFromLenientJson(text: string): Value {
  return createParser(text, 'lenient-json').document()
}

/** What `opa_value_parse` reads, spaced as `opa_value_dump` writes it. */
export function printValue(value: Value): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      if (value === null) return 'null'
      if (isArray(value)) return `[${value.map(printValue).join(', ')}]`
      if (value.kind === 'decimal') return value.text
      if (value.kind === 'set')
        return value.items.length === 0 ? 'set()' : `{${value.items.map(printValue).join(', ')}}`
      return `{${value.entries.map(([key, item]) => `${printValue(key)}: ${printValue(item)}`).join(', ')}}`
  }
}

/** As OPA answers in JSON: a set is a sorted array, a key that is no string is its own JSON text. */
export function valueToJson(value: Value): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.toWellFormed())
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      if (value === null) return 'null'
      if (isArray(value)) return `[${value.map(valueToJson).join(',')}]`
      if (value.kind === 'decimal') return value.text
      if (value.kind === 'set') return `[${value.items.map(valueToJson).join(',')}]`
      return `{${value.entries.map(([key, item]) => `${jsonKey(key)}:${valueToJson(item)}`).join(',')}}`
  }
}

function jsonKey(key: Value): string {
  return JSON.stringify(typeof key === 'string' ? key.toWellFormed() : valueToJson(key))
}

const jsonNumber = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
/** Rego's literals need no digit on one side of the point, and WASM writes numbers as they were written. */
const regoNumber = /-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y
const plainString = /[^"\\\u0000-\u001f]*/y

function createParser(text: string, format: 'value' | 'json' | 'lenient-json'): { document(): Value } {
  const valueFormat = format === 'value'
  let at = 0
  let depth = 0

  function document(): Value {
    const value = item()
    space()
    return at === text.length ? value : invalid()
  }

  function item(): Value {
    space()
    switch (text.charCodeAt(at)) {
      case 0x22:
        return string()
      case 0x7b:
        return nested(members)
      case 0x5b:
        return nested(list)
      case 0x74:
        return word('true', true)
      case 0x66:
        return word('false', false)
      case 0x6e:
        return word('null', null)
      case 0x73:
        return valueFormat ? word('set()', emptySet) : invalid()
      default:
        return numeral()
    }
  }

  function nested(read: () => Value): Value {
    if (++depth > valueDepthMax) throw new PortcullisError('policy.limit')
    at++
    const value = read()
    depth--
    return value
  }

  function list(): Value {
    const items: Value[] = []
    if (next(0x5d)) return items
    do items.push(item())
    while (next(0x2c))
    return next(0x5d) ? items : invalid()
  }

  function members(): Value {
    if (next(0x7d)) return emptyObject
    const first = valueFormat ? item() : name()
    if (!next(0x3a)) return valueFormat ? set(first) : invalid()
    const entries: Entry[] = [[first, item()]]
    while (next(0x2c)) {
      const key = valueFormat ? item() : name()
      if (!next(0x3a)) return invalid()
      entries.push([key, item()])
    }
    if (!next(0x7d)) return invalid()
    const object = objectOf(entries)
    return format === 'json' && object.entries.length !== entries.length ? invalid() : object
  }

  function set(first: Value): Value {
    const items = [first]
    while (next(0x2c)) items.push(item())
    return next(0x7d) ? setOf(items) : invalid()
  }

  function name(): string {
    space()
    return text.charCodeAt(at) === 0x22 ? string() : invalid()
  }

  function string(): string {
    const start = at
    plainString.lastIndex = at + 1
    plainString.test(text)
    at = plainString.lastIndex
    if (text.charCodeAt(at) === 0x22) return wellFormed(text.slice(start + 1, at++))
    while (text.charCodeAt(at) === 0x5c) {
      plainString.lastIndex = at + 2
      plainString.test(text)
      at = plainString.lastIndex
    }
    if (text.charCodeAt(at) !== 0x22) return invalid()
    at++
    try {
      return wellFormed(JSON.parse(text.slice(start, at)) as string)
    } catch {
      return invalid()
    }
  }

  function wellFormed(value: string): string {
    // Stray bytes of strings that are not UTF-8 come out of WASM as lone surrogates: see value-bytes.ts.
    if (valueFormat || value.isWellFormed()) return value
    return format === 'json' ? invalid() : value.toWellFormed()
  }

  function numeral(): Value {
    const syntax = valueFormat ? regoNumber : jsonNumber
    syntax.lastIndex = at
    if (!syntax.test(text)) return invalid()
    const written = text.slice(at, syntax.lastIndex)
    at = syntax.lastIndex
    return numberOfText(valueFormat ? completed(written) : written)
  }

  function word<Word extends Value>(spelling: string, value: Word): Word {
    if (!text.startsWith(spelling, at)) return invalid()
    at += spelling.length
    return value
  }

  /** Steps over one character, if it is the one that comes next. */
  function next(code: number): boolean {
    space()
    if (text.charCodeAt(at) !== code) return false
    at++
    return true
  }

  function space(): void {
    for (;;) {
      const code = text.charCodeAt(at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      at++
    }
  }

  return { document }
}

/** With a digit on both sides of the point. */
function completed(number: string): string {
  const point = number.indexOf('.')
  if (point < 0) return number
  return number.replace(/^(-?)\./, '$10.').replace(/\.(?![0-9])/, '.0')
}

function invalid(): never {
  throw new PortcullisError('policy.input_invalid')
}
