/** The functions that every Go template has. */
import { compareStrings, getKey, isArray, isObject, type Value } from '../value.ts'
import { bytesOfText, textOfBytes } from '../value-bytes.ts'
import { BuiltinError } from './builtin.ts'
import { goSprintf } from './go-format.ts'
import { isPrintable } from './go-quote.ts'
import {
  asText,
  formatArgOf,
  type GoNumber,
  goInteger,
  isGoNumber,
  isTrue,
  noValue,
  show,
  type TemplateValue,
} from './template-value.ts'
import { escapeUrl } from './url.ts'

export type TemplateFunction = (args: readonly TemplateValue[]) => TemplateValue

export const templateFunctions: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['not', (args) => !isTrue(only(args))],
  ['len', (args) => length(only(args))],
  ['index', ([item, ...keys]) => keys.reduce(index, present(item))],
  ['slice', ([item, ...bounds]) => slice(present(item), bounds)],
  ['print', print],
  ['println', (args) => `${args.map(show).join(' ')}\n`],
  ['printf', ([format, ...args]) => goSprintf(plainString(format), args.map(formatArgOf))],
  ['html', (args) => html(textOf(args))],
  ['js', (args) => js(textOf(args))],
  ['urlquery', (args) => escapeUrl(textOf(args), 'query')],
  ['call', () => fail('call of a value that is no function')],
  ['eq', ([first, ...others]) => equalsAny(first, others)],
  ['ne', (args) => !equals(...pair(args))],
  ['lt', (args) => compare(...pair(args)) < 0],
  ['le', (args) => compare(...pair(args)) <= 0],
  ['gt', (args) => compare(...pair(args)) > 0],
  ['ge', (args) => compare(...pair(args)) >= 0],
])

/** Of these the arguments are evaluated one by one, until the result is known. */
export const shortCircuits: ReadonlySet<string> = new Set(['and', 'or'])

function fail(what: string): never {
  throw new BuiltinError(`template: ${what}`)
}

function only(args: readonly TemplateValue[]): TemplateValue {
  return args.length === 1 ? args[0] : fail('wrong number of arguments')
}

function pair(args: readonly TemplateValue[]): readonly [TemplateValue, TemplateValue] {
  return args.length === 2 ? [args[0], args[1]] : fail('wrong number of arguments')
}

function plainString(value: TemplateValue): string {
  return typeof value === 'string' ? value : fail('wrong type for value; expected string')
}

function present(value: TemplateValue): TemplateValue {
  return value === undefined || value === null ? fail('index of untyped nil') : value
}

/** Strings are counted in bytes. */
function length(value: TemplateValue): GoNumber {
  const text = asText(value)
  if (text !== undefined) return goInteger(bytesOfText(text).length)
  if (!isGoNumber(value) && value !== undefined && value !== null && typeof value === 'object') {
    if (isArray(value)) return goInteger(value.length)
    if (isObject(value)) return goInteger(value.entries.length)
  }
  return fail('len of a value that has none')
}

function index(item: TemplateValue, key: TemplateValue): TemplateValue {
  if (item === undefined || item === null) return fail('index of nil')
  const text = asText(item)
  if (text !== undefined) {
    const bytes = bytesOfText(text)
    return goInteger(bytes[position(key, bytes.length - 1)]!)
  }
  if (isGoNumber(item) || typeof item !== 'object') return fail("can't index the item")
  if (isArray(item as Value)) return (item as readonly Value[])[position(key, (item as readonly Value[]).length - 1)]
  if (!isObject(item as Value) || typeof key !== 'string') return fail("can't index the item")
  return getKey(item as never, key)
}

function position(value: TemplateValue, max: number): number {
  if (!isGoNumber(value) || value.kind !== 'integer') return fail('cannot index with this type')
  return value.value >= 0n && value.value <= BigInt(max) ? Number(value.value) : fail('index out of range')
}

function slice(item: TemplateValue, bounds: readonly TemplateValue[]): TemplateValue {
  const text = typeof item === 'string' ? bytesOfText(item) : undefined
  const list = text ?? (Array.isArray(item) ? (item as readonly Value[]) : fail("can't slice the item"))
  if (bounds.length > (text === undefined ? 3 : 2)) fail('too many slice indexes')
  const [from = 0, to = list.length, capacity = list.length] = bounds.map((bound) => position(bound, list.length))
  if (from > to || to > capacity) fail('invalid slice index')
  return text === undefined ? (item as readonly Value[]).slice(from, to) : textOfBytes(text.subarray(from, to))
}

/** With spaces between values of which neither is a string. */
function print(args: readonly TemplateValue[]): string {
  let out = ''
  for (const [position, value] of args.entries()) {
    const previous = args[position - 1]
    if (position > 0 && asText(value) === undefined && asText(previous) === undefined) out += ' '
    out += show(value)
  }
  return out
}

/** What has no value shows as it does outside of functions. */
function textOf(args: readonly TemplateValue[]): string {
  return print(args.map((value) => value ?? noValue))
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '\0': '\ufffd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
}

function html(text: string): string {
  return text.replace(/[\0"'&<>]/g, (character) => htmlEscapes[character]!)
}

const jsEscapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
}

function js(text: string): string {
  let out = ''
  for (const character of text) {
    const code = character.codePointAt(0)!
    const hex = code.toString(16).toUpperCase().padStart(4, '0')
    if (jsEscapes[character] !== undefined) out += jsEscapes[character]
    else out += code < 0x20 || (code >= 0x80 && !isPrintable(character)) ? `\\u${hex}` : character
  }
  return out
}

function equalsAny(first: TemplateValue, others: readonly TemplateValue[]): boolean {
  if (others.length === 0) return fail('missing argument for comparison')
  return others.some((other) => equals(first, other))
}

type Kind = 'boolean' | 'integer' | 'float' | 'string' | 'nil' | 'other'

function kindOf(value: TemplateValue): Kind {
  if (value === undefined || value === null) return 'nil'
  if (typeof value === 'boolean') return 'boolean'
  if (isGoNumber(value)) return value.kind
  return asText(value) === undefined ? 'other' : 'string'
}

function equals(left: TemplateValue, right: TemplateValue): boolean {
  const [a, b] = [kindOf(left), kindOf(right)]
  if (a === 'nil' || b === 'nil') return a === b
  if (a !== b) return fail('incompatible types for comparison')
  if (a === 'other') return fail('non-comparable types')
  return basic(left) === basic(right)
}

function compare(left: TemplateValue, right: TemplateValue): number {
  const [a, b] = [kindOf(left), kindOf(right)]
  if (a !== b) return fail('incompatible types for comparison')
  if (a !== 'integer' && a !== 'float' && a !== 'string') return fail('invalid type for comparison')
  const [x, y] = [basic(left)!, basic(right)!]
  if (typeof x === 'string') return compareStrings(x, y as string)
  return x < y ? -1 : x > y ? 1 : 0
}

function basic(value: TemplateValue): string | boolean | number | bigint | undefined {
  if (typeof value === 'boolean') return value
  return isGoNumber(value) ? value.value : asText(value)
}
