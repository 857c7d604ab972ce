/** Avro's primitives in bytes that have been validated already, and a buffer that grows to write them to. */
import { corrupt } from './limits.ts'

/** Where one reads: `position` moves. */
export type Cursor = { bytes: Buffer; position: number; end: number }

/** @throws AvroFault for more than 64 bits or too few bytes */
export function readLong(cursor: Cursor): number | bigint {
  const { bytes, end } = cursor
  const start = cursor.position
  let position = start
  let low = 0
  let scale = 1
  while (position < end) {
    const byte = bytes[position++]!
    const length = position - start
    if (length <= 7) {
      low += (byte & 0x7f) * scale
      scale *= 128
      if (byte < 0x80) {
        cursor.position = position
        return low % 2 === 0 ? low / 2 : -(low + 1) / 2
      }
    } else {
      if (length === 10 && byte > 1) throw corrupt(start)
      if (byte < 0x80) {
        cursor.position = position
        return readBigLong(bytes, start, position)
      }
    }
  }
  throw corrupt(start)
}

function readBigLong(bytes: Buffer, start: number, end: number): number | bigint {
  let value = 0n
  for (let index = end - 1; index >= start; index--) value = (value << 7n) | BigInt(bytes[index]! & 0x7f)
  const long = value & 1n ? -((value + 1n) >> 1n) : value >> 1n
  return plainInteger(long)
}

/** A number where that is exact. */
export function plainInteger(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value
}

/** A count or length, which fits a number or is wrong. */
export function readCount(cursor: Cursor): number {
  const start = cursor.position
  const value = readLong(cursor)
  if (typeof value !== 'number') throw corrupt(start)
  return value
}

export type Writer = { bytes: Buffer; length: number }

export function createWriter(capacity: number): Writer {
  return { bytes: Buffer.allocUnsafeSlow(capacity), length: 0 }
}

export function reserve(writer: Writer, more: number): void {
  const needed = writer.length + more
  if (needed <= writer.bytes.length) return
  const larger = Buffer.allocUnsafeSlow(Math.max(needed, writer.bytes.length * 2))
  writer.bytes.copy(larger, 0, 0, writer.length)
  writer.bytes = larger
}

/** Below this many bytes a loop is faster than a call into the runtime. */
const loopBytesMax = 24

export function writeSpan(writer: Writer, source: Buffer, start: number, end: number): void {
  const size = end - start
  reserve(writer, size)
  const { bytes, length } = writer
  if (size > loopBytesMax) source.copy(bytes, length, start, end)
  else for (let index = 0; index < size; index++) bytes[length + index] = source[start + index]!
  writer.length = length + size
}

export function writeAll(writer: Writer, source: Buffer): void {
  writeSpan(writer, source, 0, source.length)
}

export function writeByte(writer: Writer, byte: number): void {
  reserve(writer, 1)
  writer.bytes[writer.length++] = byte
}

export function writeLong(writer: Writer, value: number | bigint): void {
  reserve(writer, 10)
  if (typeof value === 'number' && value >= -0x40000000 && value < 0x40000000) {
    let rest = (value << 1) ^ (value >> 31)
    while (rest > 0x7f) {
      writer.bytes[writer.length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    writer.bytes[writer.length++] = rest
    return
  }
  const long = BigInt(value)
  let rest = long < 0n ? -(long << 1n) - 1n : long << 1n
  while (rest > 0x7fn) {
    writer.bytes[writer.length++] = Number(rest & 0x7fn) | 0x80
    rest >>= 7n
  }
  writer.bytes[writer.length++] = Number(rest)
}

export function writeText(writer: Writer, text: string): void {
  const size = Buffer.byteLength(text)
  writeLong(writer, size)
  reserve(writer, size)
  writer.bytes.write(text, writer.length, size, 'utf8')
  writer.length += size
}

export function written(writer: Writer): Buffer {
  return writer.bytes.subarray(0, writer.length)
}
