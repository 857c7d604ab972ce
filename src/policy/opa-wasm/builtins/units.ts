/** units.parse and units.parse_bytes: amounts with a unit, computed exactly as OPA does. */
import type { Value } from '../value.ts'
import { integer, numberDigitsMax, numberOfText } from '../value-number.ts'
import { type Builtin, BuiltinError } from './builtin.ts'
import { stringOperand } from './operands.ts'

export const unitBuiltins: Readonly<Record<string, Builtin>> = {
  'units.parse': (args) => parseUnits(stringOperand(args, 1)),
  'units.parse_bytes': (args) => parseBytes(stringOperand(args, 1)),
}

/** OPA refuses exponents with more digits than this. */
const exponentDigitsMax = 6

type Ratio = { readonly numerator: bigint; readonly denominator: bigint }

const powers = ['', 'k', 'm', 'g', 't', 'p', 'e']

function decimalUnit(letter: string): bigint {
  return 1000n ** BigInt(powers.indexOf(letter))
}

function binaryUnit(letter: string): bigint {
  return 1024n ** BigInt(powers.indexOf(letter))
}

/** The double next to 0.001, which OPA multiplies with. */
const milli: Ratio = { numerator: 1152921504606847n, denominator: 1n << 60n }

function parseUnits(raw: string): Value {
  const text = raw.replaceAll('"', '')
  if (text.includes(' ')) throw new BuiltinError('units.parse: spaces not allowed in resource strings')
  const { amount, unit: written } = split(text, 'units.parse')
  if (amount === '') throw new BuiltinError('units.parse: no amount provided')
  const unit = written.slice(0, 1) + written.slice(1).toLowerCase()
  const factor = siFactor(unit)
  if (factor === undefined) throw new BuiltinError(`units.parse: unit ${unit} not recognized`)
  const number = ratioOf(amount)
  if (number === undefined) throw new BuiltinError('units.parse: could not parse amount to a number')
  const numerator = number.numerator * factor.numerator
  const denominator = number.denominator * factor.denominator
  if (numerator % denominator === 0n) return integer(numerator / denominator)
  return numberOfText(fixedPoint({ numerator, denominator }, 10))
}

/** `m` and `M` differ, so only what follows the first letter is lower-cased before. */
function siFactor(unit: string): Ratio | undefined {
  if (unit === 'm') return milli
  const known = /^(?:(?<si>[kKMgGtTpPeE]?)|(?<iec>[kKmMgGtTpPeE])i)$/.exec(unit)?.groups
  if (known === undefined) return undefined
  const factor = known.iec === undefined ? decimalUnit(known.si!.toLowerCase()) : binaryUnit(known.iec.toLowerCase())
  return { numerator: factor, denominator: 1n }
}

function parseBytes(raw: string): Value {
  const text = raw.toLowerCase().replaceAll('"', '')
  if (text.includes(' ')) throw new BuiltinError('units.parse_bytes: spaces not allowed in resource strings')
  const { amount, unit } = split(text, 'units.parse_bytes')
  if (amount === '') throw new BuiltinError('units.parse_bytes: no byte amount provided')
  const known = /^(?:(?<si>[kmgtpe])b?|(?<iec>[kmgtpe])ib?)?$/.exec(unit)?.groups
  if (known === undefined) throw new BuiltinError(`units.parse_bytes: byte unit ${unit} not recognized`)
  const factor = known.iec === undefined ? decimalUnit(known.si ?? '') : binaryUnit(known.iec)
  const number = ratioOf(amount)
  if (number === undefined) throw new BuiltinError('units.parse_bytes: could not parse byte amount to a number')
  const rounded = roundToPrecision(number)
  const product = roundToPrecision({ numerator: rounded.numerator * factor, denominator: rounded.denominator })
  return integer(product.numerator / product.denominator)
}

/** `10.2`, `1e3` and what follows them. */
function split(text: string, name: string): { readonly amount: string; readonly unit: string } {
  const isDigit = (at: number) => /^[0-9]$/.test(text[at] ?? '')
  let at = 0
  for (; at < text.length; at++) {
    const character = text[at]!
    if (character === 'e' || character === 'E') {
      const signed = text[at + 1] === '+' || text[at + 1] === '-'
      if (!signed && !isDigit(at + 1)) break
      if (signed) at++
      let digits = 0
      while (isDigit(at + 1 + digits)) digits++
      if (digits > exponentDigitsMax) throw new BuiltinError(`${name}: exponent too large`)
    } else if (!/^[0-9.+-]$/.test(character)) break
  }
  return { amount: text.slice(0, at), unit: text.slice(at) }
}

function ratioOf(text: string): Ratio | undefined {
  const parts = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:e([+-]?[0-9]+))?$/i.exec(text)
  if (parts === null) return undefined
  const digits = parts[2] + (parts[3] ?? '')
  if (digits === '') return undefined
  const exponent = Number(parts[4] ?? 0) - (parts[3] ?? '').length
  if (Math.abs(exponent) > numberDigitsMax) return undefined
  const mantissa = parts[1] === '-' ? -BigInt(digits) : BigInt(digits)
  return exponent >= 0
    ? { numerator: mantissa * 10n ** BigInt(exponent), denominator: 1n }
    : { numerator: mantissa, denominator: 10n ** BigInt(-exponent) }
}

/** Digits of Go's big.Float, binary. */
const precisionBits = 64

/** To 64 binary digits, ties to even. */
function roundToPrecision({ numerator, denominator }: Ratio): Ratio {
  if (numerator === 0n) return { numerator: 0n, denominator: 1n }
  const magnitude = numerator < 0n ? -numerator : numerator
  const bits = (value: bigint) => value.toString(2).length
  let shift = precisionBits - (bits(magnitude) - bits(denominator))
  let mantissa = divideToEven(magnitude, denominator, shift)
  if (bits(mantissa) > precisionBits) mantissa = divideToEven(magnitude, denominator, --shift)
  const signed = numerator < 0n ? -mantissa : mantissa
  return shift >= 0
    ? { numerator: signed, denominator: 1n << BigInt(shift) }
    : { numerator: signed << BigInt(-shift), denominator: 1n }
}

/** numerator × 2^shift / denominator, rounded to an integer. */
function divideToEven(numerator: bigint, denominator: bigint, shift: number): bigint {
  const over = shift >= 0 ? numerator << BigInt(shift) : numerator
  const under = shift >= 0 ? denominator : denominator << BigInt(-shift)
  const quotient = over / under
  const twice = (over % under) * 2n
  const up = twice > under || (twice === under && (quotient & 1n) === 1n)
  return up ? quotient + 1n : quotient
}

/** With so many digits after the point, halves away from zero. */
function fixedPoint({ numerator, denominator }: Ratio, digits: number): string {
  const scaled = (numerator < 0n ? -numerator : numerator) * 10n ** BigInt(digits)
  const rounded = (scaled * 2n + denominator) / (denominator * 2n)
  const text = String(rounded).padStart(digits + 1, '0')
  return `${numerator < 0n ? '-' : ''}${text.slice(0, -digits)}.${text.slice(-digits)}`
}
