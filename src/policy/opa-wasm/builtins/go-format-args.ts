/** How Go's fmt package writes one argument by a verb and its flags. */
import { formatFloat } from './go-float.ts'
import { goQuote, isPrintable } from './go-quote.ts'

/** `integer` is Go's int64 (or what `goType` says), or a *big.Int beyond it. */
export type FormatArg =
  | { readonly type: 'integer'; readonly value: bigint; readonly goType?: string }
  | { readonly type: 'float'; readonly value: number }
  /** `goType`: of what is no plain string, but is shown as this one. */
  | { readonly type: 'string'; readonly value: string; readonly goType?: string }
  | { readonly type: 'boolean'; readonly value: boolean }

export type Flags = {
  sharp: boolean
  zero: boolean
  plus: boolean
  minus: boolean
  space: boolean
  sharpV: boolean
  width: number | undefined
  precision: number | undefined
}

export function noFlags(): Flags {
  return {
    sharp: false,
    zero: false,
    plus: false,
    minus: false,
    space: false,
    sharpV: false,
    width: undefined,
    precision: undefined,
  }
}

function isBig(value: bigint): boolean {
  return BigInt.asIntN(64, value) !== value
}

export function goType(arg: FormatArg): string {
  switch (arg.type) {
    case 'integer':
      return isBig(arg.value) ? '*big.Int' : (arg.goType ?? 'int64')
    case 'float':
      return 'float64'
    case 'string':
      return arg.goType ?? 'string'
    case 'boolean':
      return 'bool'
  }
}

export function formatArg(arg: FormatArg, verb: string, flags: Flags): string {
  if (verb === 'T') return formatString({ type: 'string', value: goType(arg) }, 's', flags)
  switch (arg.type) {
    case 'integer':
      return isBig(arg.value) ? formatBig(arg.value, verb, flags) : formatInteger(arg, verb, flags)
    case 'float':
      return formatDouble(arg, verb, flags)
    case 'string':
      return formatString(arg, verb, flags)
    case 'boolean':
      return verb === 't' || verb === 'v' ? padded(String(arg.value), flags) : badVerb(arg, verb, flags)
  }
}

/** The argument is shown with the flags of the verb that doesn't fit. */
function badVerb(arg: FormatArg, verb: string, flags: Flags): string {
  return `%!${verb}(${goType(arg)}=${formatArg(arg, 'v', flags)})`
}

/** Zeros pad only to the left; Go counts code points. */
function padded(text: string, flags: Flags, zeros = flags.zero): string {
  const missing = (flags.width ?? 0) - [...text].length
  if (missing <= 0) return text
  if (flags.minus) return text + ' '.repeat(missing)
  return (zeros ? '0' : ' ').repeat(missing) + text
}

const bases: Readonly<Record<string, number>> = { b: 2, o: 8, O: 8, d: 10, v: 10, x: 16, X: 16 }

function formatInteger(arg: FormatArg & { readonly type: 'integer' }, verb: string, flags: Flags): string {
  const base = bases[verb]
  if (base !== undefined) return formatBase(arg.value, base, verb, flags)
  switch (verb) {
    case 'c':
      return padded(character(arg.value), flags)
    case 'q':
      return padded(goQuote(character(arg.value), { quote: "'", asciiOnly: flags.plus }), flags)
    case 'U':
      return formatUnicode(BigInt.asUintN(64, arg.value), flags)
    default:
      return badVerb(arg, verb, flags)
  }
}

function formatBase(value: bigint, base: number, verb: string, flags: Flags): string {
  const negative = value < 0n
  let minimum = 0
  if (flags.precision !== undefined) {
    minimum = flags.precision
    if (minimum === 0 && value === 0n) return ' '.repeat(flags.width ?? 0)
  } else if (flags.zero && !flags.minus && flags.width !== undefined) {
    minimum = flags.width - (negative || flags.plus || flags.space ? 1 : 0)
  }
  let digits = (negative ? -value : value).toString(base).padStart(minimum, '0')
  if (verb === 'X') digits = digits.toUpperCase()
  if (flags.sharp || (flags.sharpV && base === 16)) {
    if (base === 2) digits = `0b${digits}`
    else if (base === 8 && !digits.startsWith('0')) digits = `0${digits}`
    else if (base === 16) digits = (verb === 'X' ? '0X' : '0x') + digits
  }
  if (verb === 'O') digits = `0o${digits}`
  const sign = negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : ''
  return padded(sign + digits, flags, false)
}

function formatUnicode(value: bigint, flags: Flags): string {
  let text = `U+${value
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(flags.precision ?? 0, 4), '0')}`
  if (flags.sharp && value <= 0x10ffffn && isPrintable(character(value))) text += ` '${character(value)}'`
  return padded(text, flags, false)
}

function character(code: bigint): string {
  const number = Number(code)
  const valid = number >= 0 && number <= 0x10ffff && !(number >= 0xd800 && number < 0xe000)
  return String.fromCodePoint(valid ? number : 0xfffd)
}

function formatBig(value: bigint, verb: string, flags: Flags): string {
  const base = verb === 's' ? 10 : bases[verb]
  if (base === undefined) return `%!${verb}(big.Int=${value})`
  const sign = value < 0n ? '-' : flags.plus ? '+' : flags.space ? ' ' : ''
  const prefixes: Readonly<Record<string, string>> = { b: '0b', o: '0', x: '0x', X: '0X' }
  const prefix = verb === 'O' ? '0o' : flags.sharp ? (prefixes[verb] ?? '') : ''
  let digits = (value < 0n ? -value : value).toString(base)
  if (verb === 'X') digits = digits.toUpperCase()
  digits = digits.padStart(flags.precision ?? 0, '0')
  const missing = (flags.width ?? 0) - sign.length - prefix.length - digits.length
  if (missing <= 0) return sign + prefix + digits
  if (flags.minus) return sign + prefix + digits + ' '.repeat(missing)
  if (flags.zero && flags.precision === undefined) return sign + prefix + '0'.repeat(missing) + digits
  return ' '.repeat(missing) + sign + prefix + digits
}

const floatVerbs: Readonly<Record<string, readonly [verb: string, precision: number]>> = {
  v: ['g', -1],
  b: ['b', -1],
  g: ['g', -1],
  G: ['G', -1],
  x: ['x', -1],
  X: ['X', -1],
  f: ['f', 6],
  F: ['f', 6],
  e: ['e', 6],
  E: ['E', 6],
}

function formatDouble(arg: FormatArg & { readonly type: 'float' }, verb: string, flags: Flags): string {
  const known = floatVerbs[verb]
  if (known === undefined) return badVerb(arg, verb, flags)
  const precision = flags.precision ?? known[1]
  const text = formatFloat(arg.value, known[0], precision)
  const signed = /^[+-]/.test(text) ? text : `+${text}`
  let sign = signed[0]!
  let digits = signed.slice(1)
  if (flags.space && sign === '+' && !flags.plus) sign = ' '
  if (digits === 'Inf' || digits === 'NaN') {
    return padded(digits === 'NaN' && !flags.space && !flags.plus ? digits : sign + digits, flags, false)
  }
  if (flags.sharp && verb !== 'b') digits = withPoint(digits, verb, precision)
  if (sign === '+' && !flags.plus) return padded(digits, flags)
  const missing = (flags.width ?? 0) - digits.length - 1
  if (flags.zero && !flags.minus && missing > 0) return sign + '0'.repeat(missing) + digits
  return padded(sign + digits, flags)
}

/** `#`: always a decimal point, and for %g the trailing zeros too. */
function withPoint(text: string, verb: string, precision: number): string {
  const exponentAt = text.search(verb === 'x' || verb === 'X' ? /[pP]/ : /[eE]/)
  const tail = exponentAt < 0 ? '' : text.slice(exponentAt)
  let digits = exponentAt < 0 ? text : text.slice(0, exponentAt)
  const keepsZeros = verb === 'g' || verb === 'G' || verb === 'v' || verb === 'x'
  let missing = keepsZeros ? (precision === -1 ? 6 : precision) : 0
  missing -= digits.replace('.', '').replace(/^0+/, '').length
  if (!digits.includes('.')) {
    if (digits === '0') missing--
    digits += '.'
  }
  return digits + '0'.repeat(Math.max(missing, 0)) + tail
}

function formatString(arg: FormatArg & { readonly type: 'string' }, verb: string, flags: Flags): string {
  const { precision } = flags
  const text = precision === undefined ? arg.value : [...arg.value].slice(0, precision).join('')
  switch (verb) {
    case 'v':
      return flags.sharpV ? padded(goQuote(text), flags) : padded(text, flags)
    case 's':
      return padded(text, flags)
    case 'q': {
      const raw = flags.sharp && !/[`\u0000-\u0008\u000a-\u001f\u007f\ufeff]/.test(text)
      return padded(raw ? `\`${text}\`` : goQuote(text, { asciiOnly: flags.plus }), flags)
    }
    case 'x':
    case 'X':
      return formatBytes(Buffer.from(arg.value), verb, flags)
    default:
      return badVerb(arg, verb, flags)
  }
}

function formatBytes(bytes: Buffer, verb: string, flags: Flags): string {
  const shown = flags.precision === undefined ? bytes : bytes.subarray(0, flags.precision)
  if (shown.length === 0) return padded('', flags)
  const prefix = flags.sharp ? '0x' : ''
  const pairs = [...shown].map((byte) => byte.toString(16).padStart(2, '0'))
  const text = flags.space ? pairs.map((pair) => prefix + pair).join(' ') : prefix + pairs.join('')
  return padded(verb === 'X' ? text.toUpperCase() : text, flags)
}
