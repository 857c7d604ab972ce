/** Values as YAML text, laid out and quoted as the library that OPA uses does. */
import { compareStrings, isArray, isNumber, isSet, objectOf, type RegoObject, type Value } from '../value.ts'
import { doubleOf, integerOf, numberText, type RegoNumber } from '../value-number.ts'
import { valueToJson } from '../value-text.ts'
import { BuiltinError } from './builtin.ts'
import { formatFloat } from './go-float.ts'
import { nonFiniteYaml, resolveYamlScalar } from './yaml-scalar.ts'

/** Longer keys are written with `?`. */
const simpleKeyBytesMax = 128

export function emitYaml(value: Value): string {
  return emit(throughYaml(value))
}

/** JSON leaves these as they are, and YAML, which OPA reads it by, doesn't take them. */
const unreadable = /[\x7f-\x84\x86-\x9f\ufffe\uffff]/

/** OPA writes JSON and reads it as YAML, where U+0085 breaks a line, and lines are folded. */
function throughYaml(value: Value): Value {
  if (typeof value === 'string') return folded(value)
  if (typeof value !== 'object' || value === null || isNumber(value)) return value
  const items = itemsOf(value)
  if (items !== undefined) return items.map(throughYaml)
  const entries = (value as RegoObject).entries
  return objectOf(
    entries.map(([key, item]) => [folded(typeof key === 'string' ? key : valueToJson(key)), throughYaml(item)]),
  )
}

function folded(text: string): string {
  if (unreadable.test(text)) throw new BuiltinError('yaml: control characters are not allowed')
  if (!text.includes('\u0085')) return text
  return text.replace(/ *\u0085(?: *\u0085)* */g, (run) => {
    const breaks = run.replaceAll(' ', '').length
    return breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)
  })
}

function emit(value: Value): string {
  return isEmptyOrScalar(value) ? `${scalar(value, 0, false)}\n` : block(value, 0)
}

function block(value: Value, indent: number): string {
  const pad = ' '.repeat(indent)
  const items = itemsOf(value)
  if (items !== undefined) return items.map((item) => `${pad}-${nested(item, indent, true)}`).join('')
  return membersOf(value as RegoObject)
    .map(([name, item]) => {
      const key = scalar(name, indent, true)
      if (Buffer.byteLength(name) <= simpleKeyBytesMax && !/[\n\r\u0085\u2028\u2029]/.test(name)) {
        return `${pad}${key}:${nested(item, indent, false)}`
      }
      return `${pad}? ${scalar(name, indent, false)}\n${pad}:${nested(item, indent, true)}`
    })
    .join('')
}

/** What follows `-` or `key:`; collections in a sequence start on the same line. */
function nested(value: Value, indent: number, sameLine: boolean): string {
  if (isEmptyOrScalar(value)) return ` ${scalar(value, indent, false)}\n`
  const inner = block(value, indent + 2)
  return sameLine ? ` ${inner.slice(indent + 2)}` : `\n${inner}`
}

function itemsOf(value: Value): readonly Value[] | undefined {
  if (isArray(value)) return value
  return isSet(value) ? value.items : undefined
}

function membersOf(object: RegoObject): readonly (readonly [name: string, value: Value])[] {
  return object.entries
    .map(([key, value]) => [typeof key === 'string' ? key : valueToJson(key), value] as const)
    .sort(([a], [b]) => compareKeys(a, b))
}

function isEmptyOrScalar(value: Value): boolean {
  if (typeof value !== 'object' || value === null || isNumber(value)) return true
  return (itemsOf(value) ?? (value as RegoObject).entries).length === 0
}

function scalar(value: Value, indent: number, isKey: boolean): string {
  if (typeof value === 'string') return text(value, indent, isKey)
  if (value === null || typeof value === 'boolean') return String(value)
  if (isNumber(value)) return number(value)
  return itemsOf(value) === undefined ? '{}' : '[]'
}

function number(value: RegoNumber): string {
  const written = numberText(value)
  const whole = /^-?[0-9]+$/.test(written) ? integerOf(value) : undefined
  if (whole !== undefined && whole < 2n ** 64n && whole >= -(2n ** 63n)) return String(whole)
  const double = doubleOf(value)
  if (!Number.isFinite(double)) return written
  return formatFloat(double, 'g', -1)
}

const oldBooleans = new Set([
  'y',
  'Y',
  'yes',
  'Yes',
  'YES',
  'on',
  'On',
  'ON',
  'n',
  'N',
  'no',
  'No',
  'NO',
  'off',
  'Off',
  'OFF',
])
const breaks = /[\n\r\u0085\u2028\u2029]/
const unprintable = /[^\t\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/

function text(value: string, indent: number, isKey: boolean): string {
  if (value.includes('\n') && !isKey && mayBeBlock(value)) return literal(value, indent)
  if (value.includes('\n') || (isKey && breaks.test(value)) || !mayBePlain(value)) return doubleQuoted(value)
  if (value !== '' && isPlainText(value)) return value
  return mayBeSingleQuoted(value) ? singleQuoted(value, indent) : doubleQuoted(value)
}

/** So is what follows the line breaks of Unicode. */
function indented(value: string, indent: number): string {
  return value.replace(/([\u2028\u2029]+)(?=[^\n])/g, `$1${' '.repeat(indent + 2)}`)
}

function singleQuoted(value: string, indent: number): string {
  return `'${indented(value.replaceAll("'", "''"), indent)}'`
}

/** Would it still be a string without quotes, in YAML 1.1 too? */
function mayBePlain(value: string): boolean {
  if (resolveYamlScalar(value) !== undefined || oldBooleans.has(value)) return false
  if (nonFiniteYaml.test(value) || isDate(value)) return false
  return !/^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(value)
}

function isDate(value: string): boolean {
  const parts =
    /^[0-9]{4}-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})|\s([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?)?$/.exec(
      value,
    )
  if (parts === null) return false
  const [month, day] = [Number(parts[1]), Number(parts[2])]
  const year = Number(value.slice(0, 4))
  const lastDay = new Date(Date.UTC(year < 100 ? year + 400 : year, month, 0)).getUTCDate()
  const [hour, minute, second] = [3, 4, 5].map((at) => Number(parts[at] ?? parts[at + 3] ?? 0))
  return month >= 1 && month <= 12 && day >= 1 && day <= lastDay && hour! < 24 && minute! < 60 && second! < 60
}

function isPlainText(value: string): boolean {
  if (/^(?:---|\.\.\.)/.test(value) || breaks.test(value) || /^ | $|\t/.test(value) || unprintable.test(value))
    return false
  if (/^[#,[\]{}&*!|>'"%@`]/.test(value) || /^[-?:](?:[ \t]|$)/.test(value)) return false
  return !/:(?:[ \t]|$)|[ \t\n]#/.test(value)
}

function mayBeSingleQuoted(value: string): boolean {
  return !/\t|[\n\r\u0085\u2028\u2029] | [\n\r\u0085\u2028\u2029]/.test(value) && !unprintable.test(value)
}

function mayBeBlock(value: string): boolean {
  return !/ $| [\n\r\u0085\u2028\u2029]/.test(value) && !unprintable.test(value)
}

function literal(value: string, indent: number): string {
  const pad = ' '.repeat(indent + 2)
  const hint = /^[ \n]/.test(value) ? '2' : ''
  const chomp = !value.endsWith('\n') ? '-' : value === '\n' || value.endsWith('\n\n') ? '+' : ''
  const lines = (value.endsWith('\n') ? value.slice(0, -1) : value).split('\n')
  return `|${hint}${chomp}\n${lines.map((line) => (line === '' ? '' : pad + indented(line, indent))).join('\n')}`
}

const escapes: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
}

function doubleQuoted(value: string): string {
  let out = ''
  // The library looks for a byte order mark at the beginning, wherever it is.
  const escapesAll = value.startsWith('\ufeff')
  for (const character of value) {
    if (escapes[character] !== undefined) out += escapes[character]
    else if (escapesAll && character === '\u00a0') out += '\\_'
    else out += escapesAll || unprintable.test(character) ? codeEscape(character.codePointAt(0)!) : character
  }
  return `"${out}"`
}

function codeEscape(code: number): string {
  const hex = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

/** Numbers inside names compare as numbers. */
function compareKeys(left: string, right: string): number {
  const a = [...left]
  const b = [...right]
  let digits = false
  for (let at = 0; at < a.length && at < b.length; at++) {
    if (a[at] === b[at]) {
      digits = isDigit(a[at])
      continue
    }
    const [aIsLetter, bIsLetter] = [isLetter(a[at]), isLetter(b[at])]
    if (aIsLetter && bIsLetter) return compareStrings(a[at]!, b[at]!)
    if (aIsLetter || bIsLetter) return (digits ? aIsLetter : bIsLetter) ? -1 : 1
    return compareNumbersAt(a, b, at)
  }
  return a.length - b.length
}

function compareNumbersAt(a: readonly string[], b: readonly string[], at: number): number {
  let lead = ''
  if (a[at] === '0' || b[at] === '0') {
    for (let before = at - 1; before >= 0 && isDigit(a[before]); before--) if (a[before] !== '0') lead = '1'
  }
  const run = (text: readonly string[]) => {
    let end = at
    while (isDigit(text[end])) end++
    return { value: BigInt(`0${lead}${text.slice(at, end).join('')}`), end }
  }
  const [x, y] = [run(a), run(b)]
  if (x.value !== y.value) return x.value < y.value ? -1 : 1
  return x.end - y.end || compareStrings(a[at]!, b[at]!)
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && /^[0-9]$/.test(character)
}

function isLetter(character: string | undefined): boolean {
  return character !== undefined && /^\p{L}$/u.test(character)
}
