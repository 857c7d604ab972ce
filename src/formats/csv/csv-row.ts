/** One row of a table (RFC 4180), read strictly: where each field lies, and its text. */
import { isUtf8 } from 'node:buffer'
import { beyondLimit, corrupt } from '../record-stream/format-errors.ts'
import { columnsMax } from '../record-stream/limits.ts'

export type CsvRow = {
  /** How many fields. @throws format.corrupt, format.limit */
  read(bytes: Buffer, start: number, end: number, offset: number): number
  text(field: number): string
  /** Of the field with its quotes. */
  startOf(field: number): number
  endOf(field: number): number
}

const quote = 0x22

/** `delimiter`: one byte. */
export function createCsvRow(delimiter: number): CsvRow {
  let places = new Int32Array(2 * 64)
  let bytes: Buffer = Buffer.alloc(0)
  let count = 0
  let isAscii = true
  /** 1: a byte of a field without quotes, in ASCII. */
  const isPlain = Uint8Array.from({ length: 256 }, (_, byte) =>
    Number(byte < 0x80 && byte !== delimiter && byte !== quote && byte !== 0x0d),
  )

  function add(start: number, end: number, offset: number): void {
    if (count >= columnsMax) throw beyondLimit(offset, 'a row with too many fields')
    if (2 * count + 2 > places.length) {
      const larger = new Int32Array(places.length * 2)
      larger.set(places)
      places = larger
    }
    places[2 * count] = start
    places[2 * count + 1] = end
    count++
  }

  /** After the closing quote. */
  function quotedEnd(start: number, end: number, offset: number): number {
    const source = bytes
    for (let at = start + 1; at < end; at++) {
      const byte = source[at]!
      if (byte > 0x7f) isAscii = false
      if (byte !== quote) continue
      if (at + 1 < end && source[at + 1] === quote) at++
      else return at + 1
    }
    throw corrupt(offset, 'a quoted field that does not end')
  }

  function plainEnd(start: number, end: number, base: number): number {
    const source = bytes
    let at = start
    for (;;) {
      while (at < end && isPlain[source[at]!] === 1) at++
      if (at >= end || source[at] === delimiter) return at
      if (source[at] === quote) throw corrupt(base + at, 'a quote inside a field without quotes')
      if (source[at] === 0x0d) throw corrupt(base + at, 'a carriage return outside quotes')
      isAscii = false
      at++
    }
  }

  return {
    read(source, start, end, offset) {
      bytes = source
      count = 0
      isAscii = true
      const base = offset - start
      const last = lineEnd(source, start, end)
      for (let at = start; ; ) {
        const quoted = at < last && bytes[at] === quote
        const fieldEnd = quoted ? quotedEnd(at, last, base + at) : plainEnd(at, last, base)
        add(at, fieldEnd, base + at)
        if (fieldEnd === last) break
        if (bytes[fieldEnd] !== delimiter) throw corrupt(base + fieldEnd, 'text after a closing quote')
        at = fieldEnd + 1
      }
      if (!isAscii && !isUtf8(source.subarray(start, last))) throw corrupt(offset, 'a row that is not UTF-8')
      return count
    },
    text(field) {
      const [start, end] = [places[2 * field]!, places[2 * field + 1]!]
      if (start === end || bytes[start] !== quote) return bytes.toString('utf8', start, end)
      return bytes.toString('utf8', start + 1, end - 1).replaceAll('""', '"')
    },
    startOf: (field) => places[2 * field]!,
    endOf: (field) => places[2 * field + 1]!,
  }
}

/** Where the row's line ending begins. */
export function lineEnd(bytes: Buffer, start: number, end: number): number {
  if (end === start || bytes[end - 1] !== 0x0a) return end
  return end - 1 > start && bytes[end - 2] === 0x0d ? end - 2 : end - 1
}
