/** Records, or some of their fields, as JSON text that we have made ourselves: exact numbers, well-formed text, no name twice. */
import { PortcullisError } from '../../domain/errors.ts'
import {
  type Cursor,
  createWriter,
  readCount,
  readLong,
  reserve,
  type Writer,
  writeAll,
  writeByte,
  written,
} from './bytes.ts'
import { beyondLimit, corrupt, jsonBytesMax } from './limits.ts'
import type { AvroType, Decimal, RecordType } from './schema.ts'
import { decimalText, take, unscaledOf } from './value.ts'
import type { Walker } from './walker.ts'

type Write = (cursor: Cursor, writer: Writer) => void

export type Projection = {
  /** Of the record the walker has just walked over. Valid until the next call. */
  write(bytes: Buffer, start: number, end: number, walker: Walker): Uint8Array
}

const initialBytes = 16 * 1024
const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a]
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d]

export function createProjection(root: AvroType, fields: readonly string[] | undefined): Projection {
  const compiled = new Map<AvroType, Write>()
  const cursor: Cursor = { bytes: Buffer.alloc(0), position: 0, end: 0 }
  const writer = createWriter(initialBytes)

  if (root.kind !== 'record') {
    if (root.kind !== 'map') throw new PortcullisError('policy.input_invalid')
    const write = compile(root, compiled)
    return project((_walker, start) => {
      cursor.position = start
      write(cursor, writer)
    })
  }
  const chosen = root.fields.flatMap(({ name, type }, index) =>
    fields === undefined || fields.includes(name)
      ? [{ index, key: keyText(name), write: compile(type, compiled) }]
      : [],
  )
  return project((walker) => {
    writeByte(writer, openBrace)
    for (let index = 0; index < chosen.length; index++) {
      const field = chosen[index]!
      if (index > 0) writeByte(writer, comma)
      writeAll(writer, field.key)
      cursor.position = walker.offsets[field.index]!
      field.write(cursor, writer)
    }
    writeByte(writer, closeBrace)
  })

  function project(write: (walker: Walker, start: number) => void): Projection {
    return {
      write(bytes, start, end, walker) {
        cursor.bytes = bytes
        cursor.end = end
        writer.length = 0
        write(walker, start)
        return written(writer)
      },
    }
  }
}

function keyText(name: string): Buffer {
  return Buffer.from(`${JSON.stringify(name)}:`)
}

function compile(type: AvroType, compiled: Map<AvroType, Write>): Write {
  const known = compiled.get(type)
  if (known !== undefined) return known
  let write: Write | undefined
  // a schema may lead back to itself
  compiled.set(type, (cursor, writer) => write!(cursor, writer))
  write = compileNew(type, compiled)
  compiled.set(type, write)
  return write
}

function compileNew(type: AvroType, compiled: Map<AvroType, Write>): Write {
  switch (type.kind) {
    case 'null':
      return (_, writer) => writeAscii(writer, 'null')
    case 'boolean':
      return (cursor, writer) => writeAscii(writer, cursor.bytes[cursor.position++] === 1 ? 'true' : 'false')
    case 'int':
    case 'long':
      return (cursor, writer) => writeAscii(writer, String(readLong(cursor)))
    case 'float':
      return (cursor, writer) => writeNumber(writer, cursor.bytes.readFloatLE((cursor.position += 4) - 4))
    case 'double':
      return (cursor, writer) => writeNumber(writer, cursor.bytes.readDoubleLE((cursor.position += 8) - 8))
    case 'string':
      return writeTextValue
    case 'bytes': {
      const { decimal } = type
      return (cursor, writer) => writeBinary(writer, take(cursor, readCount(cursor)), decimal)
    }
    case 'fixed': {
      const { decimal, size } = type
      return (cursor, writer) => writeBinary(writer, take(cursor, size), decimal)
    }
    case 'enum': {
      const texts = type.symbols.map((symbol) => Buffer.from(JSON.stringify(symbol)))
      return (cursor, writer) => writeAll(writer, texts[readCount(cursor)]!)
    }
    case 'union': {
      const branches = type.branches.map((branch) => compile(branch, compiled))
      return (cursor, writer) => branches[readCount(cursor)]!(cursor, writer)
    }
    case 'record':
      return compileRecord(type, compiled)
    case 'array': {
      const item = compile(type.items, compiled)
      return (cursor, writer) => {
        writeByte(writer, openBracket)
        writeList(cursor, writer, () => item(cursor, writer))
        writeByte(writer, closeBracket)
      }
    }
    case 'map': {
      const value = compile(type.values, compiled)
      return (cursor, writer) => {
        const keys = new Set<string>()
        writeByte(writer, openBrace)
        writeList(cursor, writer, () => {
          const start = cursor.position
          const key = cursor.bytes.toString('utf8', textAfter(cursor), cursor.position)
          if (keys.has(key)) throw corrupt(start)
          keys.add(key)
          cursor.position = start
          writeTextValue(cursor, writer)
          writeByte(writer, colon)
          value(cursor, writer)
        })
        writeByte(writer, closeBrace)
      }
    }
  }
}

/** Moves behind a text and says where its characters begin. */
function textAfter(cursor: Cursor): number {
  const length = readCount(cursor)
  cursor.position += length
  return cursor.position - length
}

function compileRecord(type: RecordType, compiled: Map<AvroType, Write>): Write {
  const fields = type.fields.map(({ name, type: inner }, index) => ({
    lead: Buffer.concat([Buffer.from(index === 0 ? '{' : ','), keyText(name)]),
    write: compile(inner, compiled),
  }))
  if (fields.length === 0) return (_, writer) => writeAscii(writer, '{}')
  return (cursor, writer) => {
    for (let index = 0; index < fields.length; index++) {
      const field = fields[index]!
      writeAll(writer, field.lead)
      field.write(cursor, writer)
    }
    writeByte(writer, closeBrace)
  }
}

function writeList(cursor: Cursor, writer: Writer, item: () => void): void {
  let first = true
  for (;;) {
    const count = readCount(cursor)
    if (count === 0) return
    if (count < 0) readCount(cursor)
    for (let left = Math.abs(count); left > 0; left--) {
      if (!first) writeByte(writer, comma)
      first = false
      item()
    }
    if (writer.length > jsonBytesMax) throw beyondLimit(cursor.position)
  }
}

function writeAscii(writer: Writer, text: string): void {
  reserve(writer, text.length)
  const { bytes, length } = writer
  for (let index = 0; index < text.length; index++) bytes[length + index] = text.charCodeAt(index)
  writer.length = length + text.length
}

/** JSON has no words for what is not a finite number, and a rule must not decide by something else. */
function writeNumber(writer: Writer, value: number): void {
  if (!Number.isFinite(value)) throw new PortcullisError('policy.input_invalid')
  writeAscii(writer, Object.is(value, -0) ? '-0' : String(value))
}

function writeBinary(writer: Writer, bytes: Buffer, decimal: Decimal | undefined): void {
  if (decimal === undefined) writeAll(writer, Buffer.from(JSON.stringify(bytes.toString('latin1'))))
  else writeAscii(writer, decimalText(unscaledOf(bytes), decimal.scale))
}

const hexDigits = Buffer.from('0123456789abcdef')
/** 1 for the bytes that JSON text may not hold as they are. */
const escaped = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === quote || byte === backslash ? 1 : 0,
)
/** `\u001f`. */
const escapeBytesMax = 6

function writeTextValue(cursor: Cursor, writer: Writer): void {
  let position = textAfter(cursor)
  const end = cursor.position
  const { bytes } = cursor
  reserve(writer, (end - position) * escapeBytesMax + 2)
  const into = writer.bytes
  let at = writer.length
  into[at++] = quote
  for (; position < end; position++) {
    const byte = bytes[position]!
    if (escaped[byte] === 0) {
      into[at++] = byte
      continue
    }
    into[at++] = backslash
    if (byte < 0x20) {
      at += into.write('u00', at, 'latin1')
      into[at++] = hexDigits[byte >> 4]!
      into[at++] = hexDigits[byte & 15]!
    } else into[at++] = byte
  }
  into[at++] = quote
  writer.length = at
}
