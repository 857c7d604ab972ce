/** One Avro value as JSON and back. Enums, bytes and fixed are text (a code point a byte), decimals numbers, union branches plain values, other logical types what they are stored as. */
import type { Json } from '../../domain/json.ts'
import {
  type Cursor,
  plainInteger,
  readCount,
  readLong,
  type Writer,
  writeAll,
  writeByte,
  writeLong,
  writeText,
} from './bytes.ts'
import { corrupt } from './limits.ts'
import type { AvroType, Decimal } from './schema.ts'

/** Reads a value that has been validated. */
export function readValue(type: AvroType, cursor: Cursor): Json {
  switch (type.kind) {
    case 'null':
      return null
    case 'boolean':
      return cursor.bytes[cursor.position++] === 1
    case 'int':
    case 'long':
      return readLong(cursor)
    case 'float':
      cursor.position += 4
      return cursor.bytes.readFloatLE(cursor.position - 4)
    case 'double':
      cursor.position += 8
      return cursor.bytes.readDoubleLE(cursor.position - 8)
    case 'string':
      return take(cursor, readCount(cursor)).toString('utf8')
    case 'bytes':
      return binary(take(cursor, readCount(cursor)), type.decimal)
    case 'fixed':
      return binary(take(cursor, type.size), type.decimal)
    case 'enum':
      return type.symbols[readCount(cursor)]!
    case 'union':
      return readValue(type.branches[readCount(cursor)]!, cursor)
    case 'record':
      return Object.fromEntries(type.fields.map((field) => [field.name, readValue(field.type, cursor)]))
    case 'array': {
      const items: Json[] = []
      readItems(cursor, () => items.push(readValue(type.items, cursor)))
      return items
    }
    case 'map': {
      const entries = new Map<string, Json>()
      readItems(cursor, () => {
        const start = cursor.position
        const key = take(cursor, readCount(cursor)).toString('utf8')
        // JSON has no two members of one name
        if (entries.has(key)) throw corrupt(start)
        entries.set(key, readValue(type.values, cursor))
      })
      return Object.fromEntries(entries)
    }
  }
}

export function take(cursor: Cursor, length: number): Buffer {
  cursor.position += length
  return cursor.bytes.subarray(cursor.position - length, cursor.position)
}

/** The blocks of an array or map, to behind their end. */
export function readItems(cursor: Cursor, item: (index: number) => void, block?: (count: number) => void): void {
  let index = 0
  for (;;) {
    const count = readCount(cursor)
    if (count === 0) return
    if (count < 0) readCount(cursor)
    block?.(Math.abs(count))
    for (let left = Math.abs(count); left > 0; left--) item(index++)
  }
}

function binary(bytes: Buffer, decimal: Decimal | undefined): Json {
  if (decimal === undefined) return bytes.toString('latin1')
  const unscaled = unscaledOf(bytes)
  return decimal.scale === 0 ? plainInteger(unscaled) : Number(decimalText(unscaled, decimal.scale))
}

/** Two's complement, most significant byte first. */
export function unscaledOf(bytes: Buffer): bigint {
  if (bytes.length === 0) return 0n
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`))
}

export function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return unscaled.toString()
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

const intMax = 2 ** 31
const longMax = 2n ** 63n
const uuidText = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Writes a value where the type can hold it, else writes nothing and says so. */
export function writeValue(type: AvroType, value: Json, writer: Writer): boolean {
  const start = writer.length
  const fits = writeInto(type, value, writer)
  if (!fits) writer.length = start
  return fits
}

function writeInto(type: AvroType, value: Json, writer: Writer): boolean {
  switch (type.kind) {
    case 'null':
      return value === null
    case 'boolean':
      if (typeof value === 'boolean') writeByte(writer, value ? 1 : 0)
      return typeof value === 'boolean'
    case 'int':
      if (!isWhole(value) || value < -intMax || value >= intMax) return false
      writeLong(writer, value)
      return true
    case 'long':
      if (!isWhole(value) || BigInt(value) < -longMax || BigInt(value) >= longMax) return false
      writeLong(writer, value)
      return true
    case 'float':
    case 'double': {
      if (typeof value !== 'number' && typeof value !== 'bigint') return false
      const buffer = Buffer.alloc(type.kind === 'float' ? 4 : 8)
      if (type.kind === 'float') buffer.writeFloatLE(Number(value))
      else buffer.writeDoubleLE(Number(value))
      writeAll(writer, buffer)
      return Number.isFinite(type.kind === 'float' ? Math.fround(Number(value)) : Number(value))
    }
    case 'string':
      if (typeof value !== 'string' || !value.isWellFormed()) return false
      if (type.logical === 'uuid' && !uuidText.test(value)) return false
      writeText(writer, value)
      return true
    case 'bytes':
    case 'fixed': {
      const size = type.kind === 'fixed' ? type.size : undefined
      const bytes = binaryOf(value, type.decimal, size)
      if (bytes === undefined || (size !== undefined && bytes.length !== size)) return false
      writeBinary(bytes, size, writer)
      return true
    }
    case 'enum': {
      const symbol = typeof value === 'string' ? type.symbols.indexOf(value) : -1
      if (symbol >= 0) writeLong(writer, symbol)
      return symbol >= 0
    }
    case 'union':
      return type.branches.some((branch, index) => {
        const start = writer.length
        writeLong(writer, index)
        const fits = writeInto(branch, value, writer)
        if (!fits) writer.length = start
        return fits
      })
    case 'array':
      if (!Array.isArray(value)) return false
      if (value.length > 0) writeLong(writer, value.length)
      if (!value.every((item: Json) => writeInto(type.items, item, writer))) return false
      writeByte(writer, 0)
      return true
    case 'map': {
      if (!isObject(value)) return false
      const entries = Object.entries(value)
      if (entries.length > 0) writeLong(writer, entries.length)
      for (const [key, item] of entries) {
        if (!key.isWellFormed()) return false
        writeText(writer, key)
        if (!writeInto(type.values, item, writer)) return false
      }
      writeByte(writer, 0)
      return true
    }
    case 'record': {
      if (!isObject(value) || Object.keys(value).length !== type.fields.length) return false
      return type.fields.every(
        ({ name, type: inner }) => Object.hasOwn(value, name) && writeInto(inner, value[name]!, writer),
      )
    }
  }
}

function isWhole(value: Json): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function bytesOf(value: Json): Buffer | undefined {
  if (typeof value !== 'string') return undefined
  for (let index = 0; index < value.length; index++) if (value.charCodeAt(index) > 0xff) return undefined
  return Buffer.from(value, 'latin1')
}

function binaryOf(value: Json, decimal: Decimal | undefined, size: number | undefined): Buffer | undefined {
  if (decimal === undefined) return bytesOf(value)
  const unscaled = toUnscaled(value, decimal.scale)
  return unscaled === undefined ? undefined : decimalBytes(unscaled, decimal, size)
}

export function writeBinary(bytes: Buffer, size: number | undefined, writer: Writer): void {
  if (size === undefined) writeLong(writer, bytes.length)
  writeAll(writer, bytes)
}

/** Undefined where the number has more digits than the precision. */
export function decimalBytes(unscaled: bigint, { precision }: Decimal, size: number | undefined): Buffer | undefined {
  const beyond = 10n ** BigInt(precision)
  return unscaled > -beyond && unscaled < beyond ? twosComplement(unscaled, size) : undefined
}

/** As few bytes as hold the number, or exactly `size`. */
function twosComplement(unscaled: bigint, size: number | undefined): Buffer | undefined {
  let length = size ?? 1
  while (size === undefined && BigInt.asIntN(length * 8, unscaled) !== unscaled) length++
  if (length === 0 || BigInt.asIntN(length * 8, unscaled) !== unscaled) return undefined
  return Buffer.from(
    BigInt.asUintN(length * 8, unscaled)
      .toString(16)
      .padStart(length * 2, '0'),
    'hex',
  )
}

/** Undefined where the number has more digits behind the point than the scale, or is none. */
export function toUnscaled(value: Json, scale: number): bigint | undefined {
  if (typeof value === 'bigint') return value * 10n ** BigInt(scale)
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value))!
  const shift = scale + Number(exponent) - fraction.length
  const digits = BigInt(`${whole}${fraction}`)
  if (shift < 0 && digits !== 0n) return undefined
  const unscaled = digits === 0n ? 0n : digits * 10n ** BigInt(shift)
  return sign === '-' ? -unscaled : unscaled
}
