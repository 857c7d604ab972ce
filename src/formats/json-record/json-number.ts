/** Numbers from JSON text: exactly, or not at all. */
import type { Json } from '../../domain/json.ts'

/** Digits of a whole number that is still taken exactly. */
export const wholeDigitsMax = 400

const numeral = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/

/** Whether it is a number in JSON's grammar. */
export function isJsonNumber(text: string): boolean {
  return /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(text)
}

/** A number, a bigint beyond 2^53, or undefined where neither is just what was written. */
export function exactNumber(text: string): number | bigint | undefined {
  const number = Number(text)
  if (text.length <= 15 && Number.isSafeInteger(number) && !/[.eE]/.test(text)) return number + 0
  const decimal = decimalOf(text)
  if (decimal === undefined) return undefined
  if (decimal.digits === '') return 0
  if (decimal.exponent >= 0) return wholeNumber(decimal)
  const held = decimalOf(String(number))
  const same =
    held !== undefined &&
    held.negative === decimal.negative &&
    held.digits === decimal.digits &&
    held.exponent === decimal.exponent
  return same ? number : undefined
}

/** As every JavaScript reader takes it, but whole numbers beyond 2^53 exactly; null where it is beyond all bounds. */
export function nearestNumber(text: string): Json {
  const exact = exactNumber(text)
  if (exact !== undefined) return exact
  const number = Number(text)
  return Number.isFinite(number) ? number : null
}

/** ± digits · 10^exponent, digits without zeros at either end. */
type Decimal = { readonly negative: boolean; readonly digits: string; readonly exponent: number }

function decimalOf(text: string): Decimal | undefined {
  const match = numeral.exec(text)
  if (match === null) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const all = (whole + fraction).replace(/^0+/, '')
  const digits = all.replace(/0+$/, '')
  return { negative: sign === '-', digits, exponent: Number(exponent) - fraction.length + all.length - digits.length }
}

function wholeNumber({ negative, digits, exponent }: Decimal): number | bigint | undefined {
  if (digits.length + exponent > wholeDigitsMax) return undefined
  const size = BigInt(digits + '0'.repeat(exponent))
  const whole = negative ? -size : size
  const number = Number(whole)
  return Number.isSafeInteger(number) ? number : whole
}
