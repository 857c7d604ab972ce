/** Rego's numbers, exact: compared and combined as decimals, printed as they were written. */

/** A number whose text neither a JavaScript number nor a bigint would give back, such as `1.0` or `1e400`. */
export type Decimal = { readonly kind: 'decimal'; readonly text: string }

/** A JavaScript number stands for the decimal that `String` prints of it, never for its binary value; integers beyond 2^53 are bigint. */
export type RegoNumber = number | bigint | Decimal

/** Alignment of two decimals never works with more digits than this; OPA's own limit is 10^5 binary digits. */
export const numberDigitsMax = 100_000

/** Characters of a whole number up to which it is a bigint: reading one takes time that grows with their square. */
const integerDigitsMax = 10_000

const numberSyntax = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/
const integerSyntax = /^-?[0-9]+$/

/** `text` must be a JSON number; undefined if it is not. */
export function parseNumber(text: string): RegoNumber | undefined {
  return numberSyntax.test(text) ? numberOfText(text) : undefined
}

/** For text that is known to be a number. */
export function numberOfText(text: string): RegoNumber {
  const number = Number(text)
  if ((Number.isSafeInteger(number) || !Number.isInteger(number)) && String(number) === text) return number
  if (text.length <= integerDigitsMax && integerSyntax.test(text)) {
    const integer = BigInt(text)
    if (String(integer) === text) return integer
  }
  return { kind: 'decimal', text }
}

export function numberText(value: RegoNumber): string {
  return typeof value === 'object' ? value.text : String(value)
}

/** The shortest form of an integer: a JavaScript number where it is safe. */
export function integer(value: bigint | number): RegoNumber {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value + 0 : BigInt(value)
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** mantissa × 10^exponent, without trailing zeros in the mantissa. */
export type Exact = { readonly mantissa: bigint; readonly exponent: number }

export function exactOf(value: RegoNumber): Exact {
  if (typeof value === 'bigint') return normalised(value, 0)
  if (typeof value === 'number' && Number.isInteger(value)) return normalised(BigInt(value), 0)
  const text = numberText(value)
  const split = /^(-?)([0-9]+)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$/.exec(text)
  if (split === null) return { mantissa: 0n, exponent: 0 }
  const fraction = split[3] ?? ''
  const mantissa = BigInt(split[2] + fraction)
  return normalised(split[1] === '-' ? -mantissa : mantissa, Number(split[4] ?? 0) - fraction.length)
}

function normalised(mantissa: bigint, exponent: number): Exact {
  if (mantissa === 0n) return { mantissa, exponent: 0 }
  const digits = String(mantissa)
  let zeros = 0
  while (digits.charCodeAt(digits.length - 1 - zeros) === 48) zeros++
  if (zeros === 0) return { mantissa, exponent }
  return { mantissa: BigInt(digits.slice(0, digits.length - zeros)), exponent: exponent + zeros }
}

export function compareNumbers(left: RegoNumber, right: RegoNumber): number {
  // Shortest decimals are in the order of their doubles, so two JavaScript numbers need no exact arithmetic.
  if (typeof left !== 'object' && typeof right !== 'object') return left < right ? -1 : left > right ? 1 : 0
  const a = exactOf(left)
  const b = exactOf(right)
  const signs = compareBigints(sign(a.mantissa), sign(b.mantissa))
  if (signs !== 0 || a.mantissa === 0n) return signs
  const magnitude = digitsOf(a.mantissa) + a.exponent - (digitsOf(b.mantissa) + b.exponent)
  if (magnitude !== 0) return (magnitude < 0 ? -1 : 1) * (a.mantissa < 0n ? -1 : 1)
  // Same magnitude: the exponents differ by no more than the digits that are there.
  const exponent = Math.min(a.exponent, b.exponent)
  return compareBigints(
    a.mantissa * 10n ** BigInt(a.exponent - exponent),
    b.mantissa * 10n ** BigInt(b.exponent - exponent),
  )
}

/** Undefined where the value is no integer, or has more digits than `numberDigitsMax`. */
export function integerOf(value: RegoNumber): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined
  const { mantissa, exponent } = exactOf(value)
  if (exponent < 0 || exponent > numberDigitsMax) return undefined
  return mantissa * 10n ** BigInt(exponent)
}

export function doubleOf(value: RegoNumber): number {
  return typeof value === 'object' ? Number(value.text) : Number(value)
}

function compareBigints(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function sign(value: bigint): bigint {
  return value < 0n ? -1n : value > 0n ? 1n : 0n
}

function digitsOf(value: bigint): number {
  const text = String(value)
  return value < 0n ? text.length - 1 : text.length
}
