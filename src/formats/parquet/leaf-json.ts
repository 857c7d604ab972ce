/** One stored value as JSON, and back: texts and whole numbers as such, decimals as numbers, dates, times and moments in ISO 8601, what has no meaning of its own in base64. */
import { isUtf8 } from 'node:buffer'
import { PortcullisError } from '../../domain/errors.ts'
import type { Json } from '../../domain/json.ts'
import { decimalBytes, decimalText, toUnscaled, unscaledOf } from '../avro/value.ts'
import { exactNumber } from '../json-record/json-number.ts'
import { printJson } from '../json-record/json-print.ts'
import { corrupt } from '../record-stream/format-errors.ts'
import { float16Bytes, float16Of } from './float16.ts'
import { int96Bytes, int96Moment, momentOf, momentText, secondsPerDay, timeOf, timeText } from './moments.ts'
import type { Leaf } from './schema.ts'

export type LeafJson = {
  /** For facts and masks. @throws format.corrupt where text is not UTF-8 */
  value(data: Buffer, start: number, end: number): Json
  /** JSON text with every digit. @throws policy.input_invalid for a number that is not finite, format.corrupt */
  text(data: Buffer, start: number, end: number): string
  /** Undefined where the column cannot hold it. */
  bytes(value: Json): Buffer | undefined
}

export function leafJsonOf(leaf: Leaf): LeafJson {
  const { type, logical, width } = leaf
  if (logical?.kind === 'decimal') return decimalJson(leaf, logical)
  switch (type) {
    case 'boolean':
      return printed(
        (data, start) => data[start] === 1,
        (value) => (typeof value === 'boolean' ? Buffer.from([value ? 1 : 0]) : undefined),
      )
    case 'int32':
    case 'int64':
      return wholeJson(leaf)
    case 'int96':
      return printed(
        (data, start) => momentText(int96Moment(data, start), 'nanos', true) ?? null,
        (value) => (typeof value === 'string' ? int96Bytes(value) : undefined),
      )
    case 'float':
      return floatJson(
        (data, start) => data.readFloatLE(start),
        (value) => {
          const out = Buffer.alloc(4)
          out.writeFloatLE(value)
          return Number.isFinite(out.readFloatLE(0)) ? out : undefined
        },
      )
    case 'double':
      return floatJson(
        (data, start) => data.readDoubleLE(start),
        (value) => {
          const out = Buffer.alloc(8)
          out.writeDoubleLE(value)
          return out
        },
      )
    case 'bytes':
      if (logical?.kind === 'string' || logical?.kind === 'enum' || logical?.kind === 'json')
        return printed(textOf, (value) => bytesOfText(value, logical.kind === 'json'))
      return binaryJson(undefined)
    case 'fixed':
      if (logical?.kind === 'uuid') return printed(uuidOf, uuidBytes)
      if (logical?.kind === 'float16') return floatJson(float16Of, float16Bytes)
      return binaryJson(width)
  }
}

type ValueOf = LeafJson['value']
type BytesOf = LeafJson['bytes']

function printed(value: ValueOf, bytes: BytesOf): LeafJson {
  return { value, bytes, text: (data, start, end) => printJson(value(data, start, end)) }
}

function floatJson(
  value: (data: Buffer, start: number) => number,
  bytes: (value: number) => Buffer | undefined,
): LeafJson {
  return {
    value,
    bytes: (given) => {
      if (typeof given !== 'number' && typeof given !== 'bigint') return undefined
      const number = Number(given)
      return Number.isFinite(number) ? bytes(number) : undefined
    },
    text(data, start) {
      const number = value(data, start)
      if (!Number.isFinite(number)) throw new PortcullisError('policy.input_invalid')
      return Object.is(number, -0) ? '-0' : String(number)
    },
  }
}

export function textOf(data: Buffer, start: number, end: number): string {
  const bytes = data.subarray(start, end)
  if (!isUtf8(bytes)) throw corrupt(start, 'a text of a page that is not UTF-8,')
  return bytes.toString('utf8')
}

function bytesOfText(value: Json, isJson: boolean): Buffer | undefined {
  if (typeof value !== 'string' || !value.isWellFormed()) return undefined
  if (isJson)
    try {
      JSON.parse(value)
    } catch {
      return undefined
    }
  return Buffer.from(value)
}

function binaryJson(width: number | undefined): LeafJson {
  return printed(
    (data, start, end) => data.toString('base64', start, end),
    (value) => {
      if (typeof value !== 'string') return undefined
      const bytes = Buffer.from(value, 'base64')
      return bytes.toString('base64') === value && (width ?? bytes.length) === bytes.length ? bytes : undefined
    },
  )
}

const uuidText = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function uuidOf(data: Buffer, start: number, end: number): string {
  const hex = data.toString('hex', start, end)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function uuidBytes(value: Json): Buffer | undefined {
  return typeof value === 'string' && uuidText.test(value) ? Buffer.from(value.replaceAll('-', ''), 'hex') : undefined
}

/** The stored number, with its sign where it has one. */
export function storedWhole({ type, logical }: Leaf, data: Buffer, start: number): number | bigint {
  const signed = logical?.kind !== 'integer' || logical.signed
  if (type === 'int32') return signed ? data.readInt32LE(start) : data.readUInt32LE(start)
  const value = signed ? data.readBigInt64LE(start) : data.readBigUInt64LE(start)
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** Undefined where the number is beyond the column's. */
export function wholeToBytes({ type, logical, width }: Leaf, value: number | bigint): Buffer | undefined {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return undefined
  const whole = BigInt(value)
  const stored = type === 'int32' ? 32 : 64
  const { bits, signed } = logical?.kind === 'integer' ? logical : { bits: stored, signed: true }
  if ((signed ? BigInt.asIntN(bits, whole) : BigInt.asUintN(bits, whole)) !== whole) return undefined
  const out = Buffer.alloc(8)
  out.writeBigInt64LE(BigInt.asIntN(64, whole))
  return out.subarray(0, width)
}

function wholeJson(leaf: Leaf): LeafJson {
  const { logical } = leaf
  const whole = (value: Json) =>
    typeof value === 'number' || typeof value === 'bigint' ? wholeToBytes(leaf, value) : undefined
  if (logical?.kind === 'date')
    return printed(
      (data, start) => {
        const days = data.readInt32LE(start)
        return momentText(BigInt(days) * secondsPerDay, 'seconds', false)?.slice(0, 'yyyy-mm-dd'.length) ?? days
      },
      (value) => {
        const seconds = typeof value === 'string' && value.length === 10 ? momentOf(value, 'seconds') : undefined
        return seconds === undefined ? whole(value) : wholeToBytes(leaf, seconds / secondsPerDay)
      },
    )
  if (logical?.kind === 'timestamp') {
    const { unit, utc } = logical
    return printed(
      (data, start) => momentText(data.readBigInt64LE(start), unit, utc) ?? storedWhole(leaf, data, start),
      (value) => {
        const moment = typeof value === 'string' ? momentOf(value, unit) : undefined
        return moment === undefined ? whole(value) : wholeToBytes(leaf, moment)
      },
    )
  }
  if (logical?.kind === 'time') {
    const { unit } = logical
    return printed(
      (data, start) => {
        const stored = storedWhole(leaf, data, start)
        return timeText(BigInt(stored), unit) ?? stored
      },
      (value) => {
        const time = typeof value === 'string' ? timeOf(value, unit) : undefined
        return time === undefined ? whole(value) : wholeToBytes(leaf, time)
      },
    )
  }
  return printed((data, start) => storedWhole(leaf, data, start), whole)
}

export type Decimal = { readonly precision: number; readonly scale: number }

export function decimalJson(leaf: Leaf, decimal: Decimal): LeafJson {
  const text = (data: Buffer, start: number, end: number) =>
    decimalText(unscaledAt(leaf, data, start, end), decimal.scale)
  return {
    text,
    // a number that no double is exactly is near enough for a mask, and for a fact it is what the rule's own number becomes
    value: (data, start, end) => exactNumber(text(data, start, end)) ?? Number(text(data, start, end)),
    bytes: (value) => {
      const unscaled = toUnscaled(value, decimal.scale)
      return unscaled === undefined ? undefined : unscaledBytes(leaf, decimal, unscaled)
    },
  }
}

export function unscaledAt({ type }: Leaf, data: Buffer, start: number, end: number): bigint {
  if (type === 'int32') return BigInt(data.readInt32LE(start))
  return type === 'int64' ? data.readBigInt64LE(start) : unscaledOf(data.subarray(start, end))
}

/** Undefined where it has more digits than the column's decimals. */
export function unscaledBytes(leaf: Leaf, decimal: Decimal, unscaled: bigint): Buffer | undefined {
  const bytes = decimalBytes(unscaled, decimal, leaf.type === 'fixed' ? leaf.width : undefined)
  if (bytes === undefined || leaf.type === 'fixed' || leaf.type === 'bytes') return bytes
  return wholeToBytes(leaf, unscaled)
}
