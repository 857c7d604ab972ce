/** Avro records as JSON text for people and programs: exact numbers, bytes in base64, logical types as what they mean. */
import { type Cursor, readCount, readLong, type Writer, writeAll, writeByte, writeSpan } from '../avro/bytes.ts'
import { corrupt } from '../avro/limits.ts'
import type { AvroType, PrimitiveType, RecordType } from '../avro/schema.ts'
import { decimalText, readItems, take, unscaledOf } from '../avro/value.ts'
import type { Walker } from '../avro/walker.ts'
import { logicalText } from './avro-logical.ts'
import { indexesOf } from './columns.ts'

type Print = (cursor: Cursor, writer: Writer) => void

export type AvroJson = {
  /** The record the walker has just walked over; one that is no record as {"value": …}. */
  write(content: Buffer, start: number, end: number, walker: Walker, writer: Writer): void
}

/** @throws request.invalid naming a column that is not there */
export function createAvroJson(root: AvroType, columns: readonly string[] | undefined): AvroJson {
  const printers = new Map<AvroType, Print>()
  const fields = root.kind === 'record' ? root.fields : [{ name: 'value', type: root }]
  const names = fields.map(({ name }) => name)
  const members = (columns === undefined ? names.map((_, index) => index) : indexesOf(columns, names)).map((index) => ({
    index,
    lead: leadOf(fields[index]!.name),
    print: printerOf(fields[index]!.type, printers),
  }))
  const cursor: Cursor = { bytes: Buffer.alloc(0), position: 0, end: 0 }
  return {
    write(content, _start, end, { offsets }, writer) {
      cursor.bytes = content
      cursor.end = end
      writeByte(writer, 0x7b)
      for (let at = 0; at < members.length; at++) {
        const { index, lead, print } = members[at]!
        if (at > 0) writeByte(writer, 0x2c)
        writeAll(writer, lead)
        cursor.position = offsets[index]!
        print(cursor, writer)
      }
      writeByte(writer, 0x7d)
    },
  }
}

const leadOf = (name: string) => Buffer.from(`${JSON.stringify(name)}:`)

function printerOf(type: AvroType, printers: Map<AvroType, Print>): Print {
  const made = printers.get(type)
  if (made !== undefined) return made
  let print: Print | undefined
  // types refer to themselves
  printers.set(type, (cursor, writer) => print?.(cursor, writer))
  print = makePrinter(type, (inner) => printerOf(inner, printers))
  printers.set(type, print)
  return print
}

function makePrinter(type: AvroType, of: (inner: AvroType) => Print): Print {
  switch (type.kind) {
    case 'record':
      return printRecord(type, of)
    case 'union': {
      const branches = type.branches.map(of)
      return (cursor, writer) => branches[readCount(cursor)]!(cursor, writer)
    }
    case 'array': {
      const item = of(type.items)
      return (cursor, writer) => {
        writeByte(writer, 0x5b)
        readItems(cursor, (index) => {
          if (index > 0) writeByte(writer, 0x2c)
          item(cursor, writer)
        })
        writeByte(writer, 0x5d)
      }
    }
    case 'map':
      return printMap(of(type.values))
    case 'enum': {
      const symbols = type.symbols.map((symbol) => Buffer.from(JSON.stringify(symbol)))
      return (cursor, writer) => writeAll(writer, symbols[readCount(cursor)]!)
    }
    case 'fixed':
      return printBinary((cursor) => take(cursor, type.size), type.logical, type.decimal?.scale)
    case 'bytes':
      return printBinary((cursor) => take(cursor, readCount(cursor)), type.logical, type.decimal?.scale)
    default:
      return printScalar(type)
  }
}

function printScalar({ kind, logical }: PrimitiveType): Print {
  switch (kind) {
    case 'null':
      return (_, writer) => print(writer, 'null')
    case 'boolean':
      return (cursor, writer) => print(writer, cursor.bytes[cursor.position++] === 0 ? 'false' : 'true')
    case 'float':
      return (cursor, writer) => printFloat(writer, take(cursor, 4).readFloatLE(0))
    case 'double':
      return (cursor, writer) => printFloat(writer, take(cursor, 8).readDoubleLE(0))
    case 'string':
      return printText
    default:
      return logical === undefined
        ? (cursor, writer) => print(writer, readLong(cursor).toString())
        : (cursor, writer) => {
            const value = readLong(cursor)
            const text = logicalText(logical, value)
            print(writer, text === undefined ? value.toString() : `"${text}"`)
          }
  }
}

/** JSON has no words for what is not a finite number. */
function printFloat(writer: Writer, value: number): void {
  print(writer, Number.isFinite(value) ? (Object.is(value, -0) ? '-0' : value.toString()) : 'null')
}

function printBinary(read: (cursor: Cursor) => Buffer, logical: string | undefined, scale: number | undefined): Print {
  if (scale !== undefined) return (cursor, writer) => print(writer, decimalText(unscaledOf(read(cursor)), scale))
  if (logical === 'uuid') return (cursor, writer) => print(writer, `"${uuidOf(read(cursor))}"`)
  if (logical === 'duration')
    return (cursor, writer) => {
      const parts = read(cursor)
      const [months, days, milliseconds] = [0, 4, 8].map((at) => parts.readUInt32LE(at))
      print(writer, JSON.stringify({ months, days, milliseconds }))
    }
  return (cursor, writer) => print(writer, `"${read(cursor).toString('base64')}"`)
}

function uuidOf(bytes: Buffer): string {
  if (bytes.length !== 16) return bytes.toString('base64')
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/u, '$1-$2-$3-$4-')
}

function printRecord({ fields }: RecordType, of: (inner: AvroType) => Print): Print {
  const members = fields.map(({ name, type }) => ({ lead: leadOf(name), print: of(type) }))
  return (cursor, writer) => {
    writeByte(writer, 0x7b)
    members.forEach((member, index) => {
      if (index > 0) writeByte(writer, 0x2c)
      writeAll(writer, member.lead)
      member.print(cursor, writer)
    })
    writeByte(writer, 0x7d)
  }
}

function printMap(value: Print): Print {
  return (cursor, writer) => {
    const seen = new Set<string>()
    writeByte(writer, 0x7b)
    readItems(cursor, (index) => {
      const start = cursor.position
      const key = take(cursor, readCount(cursor)).toString('utf8')
      if (seen.has(key)) throw corrupt(start)
      seen.add(key)
      if (index > 0) writeByte(writer, 0x2c)
      writeAll(writer, leadOf(key))
      value(cursor, writer)
    })
    writeByte(writer, 0x7d)
  }
}

function printText(cursor: Cursor, writer: Writer): void {
  const length = readCount(cursor)
  const start = cursor.position
  const end = start + length
  cursor.position = end
  const { bytes } = cursor
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if (byte >= 0x20 && byte !== 0x22 && byte !== 0x5c) continue
    writeAll(writer, Buffer.from(JSON.stringify(bytes.toString('utf8', start, end))))
    return
  }
  writeByte(writer, 0x22)
  writeSpan(writer, bytes, start, end)
  writeByte(writer, 0x22)
}

/** ASCII. */
function print(writer: Writer, text: string): void {
  for (let at = 0; at < text.length; at++) writeByte(writer, text.charCodeAt(at))
}
