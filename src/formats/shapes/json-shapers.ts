/** JSON in other shapes: a document's items as lines, and records with some of their members. Values keep the text they have. */

import { createJsonItems, isSpace } from '../json/json-items.ts'
import { createJsonScanner } from '../json-record/json-scanner.ts'
import { endOf, isText, kindOf, kinds, type Name, nameOf, nextOf, startOf } from '../json-record/json-tape.ts'
import { type ByteSink, createByteSink } from '../record-stream/byte-sink.ts'
import { corrupt } from '../record-stream/format-errors.ts'
import { outputBytes } from '../record-stream/limits.ts'
import { createRecordFrames, findLineEnd } from '../record-stream/record-frames.ts'
import { ndjsonTypes, type ShapeOptions, type Shaper } from '../shaper.ts'
import { shapeFrames } from './shape-lines.ts'

export function createNdjsonShaper(): Shaper {
  const toNdjson: Shaper['toNdjson'] = (bytes, { columns, records }) => {
    const writer = createItemWriter(columns)
    return shapeFrames(bytes, createRecordFrames(findLineEnd), (frames, sink) => {
      if (!writer.read(frames.bytes(), frames.start(), frames.end(), frames.offset())) return
      writer.write(sink)
      sink.text('\n')
      records.count++
    })
  }
  return { mediaTypes: ndjsonTypes, endsAnywhere: true, toNdjson, project: toNdjson, isCompressed: () => false }
}

export function createJsonShaper(): Shaper {
  return {
    mediaTypes: ['application/json'],
    endsAnywhere: false,
    toNdjson: (bytes, options) => shapeDocument(bytes, options, { open: '', between: '\n', close: '\n', empty: '' }),
    project: (bytes, options) =>
      shapeDocument(bytes, options, { open: '[', between: ',\n', close: ']\n', empty: '[]\n' }),
    isCompressed: () => false,
  }
}

type Frame = { readonly open: string; readonly between: string; readonly close: string; readonly empty: string }

async function* shapeDocument(
  bytes: AsyncIterable<Uint8Array>,
  { columns, records }: ShapeOptions,
  frame: Frame,
): AsyncGenerator<Uint8Array> {
  const writer = createItemWriter(columns)
  const sink = createByteSink(outputBytes)
  const items = createJsonItems()
  const frames = createRecordFrames(items.findEnd)
  const parts: Buffer[] = []
  let isList: boolean | undefined

  const writeItem = () => {
    // the comma or bracket behind the item belongs to its frame
    const end = frames.end() - 1
    const isItem = writer.read(frames.bytes(), frames.start(), end, frames.offset())
    const mayBeEmpty = items.closed() && records.count === 0
    if (frames.bytes()[end] === closingBrace || !(isItem || mayBeEmpty))
      throw corrupt(frames.offset(), 'malformed JSON')
    if (!isItem) return
    sink.text(records.count++ === 0 ? frame.open : frame.between)
    writer.write(sink)
  }

  const checkNothingFollows = () => {
    if (frames.last() && !frames.bytes().every(isSpace))
      throw corrupt(frames.offset(), 'something after the end of the list')
  }

  for await (const { buffer, byteOffset, byteLength } of bytes) {
    let chunk = Buffer.from(buffer, byteOffset, byteLength)
    if (isList === undefined) {
      const start = chunk.findIndex((byte) => !isSpace(byte))
      if (start < 0) continue
      isList = chunk[start] === 0x5b
      chunk = chunk.subarray(isList ? start + 1 : start)
    }
    if (!isList) {
      parts.push(chunk)
      continue
    }
    frames.push(chunk)
    while (!items.closed() && frames.next()) {
      writeItem()
      if (sink.length() >= outputBytes) yield sink.take()
    }
    if (items.closed()) checkNothingFollows()
    if (sink.length() > 0) yield sink.take()
  }
  if (isList && !items.closed()) throw corrupt(frames.offset(), 'a list that does not end')
  if (isList) sink.text(records.count === 0 ? frame.empty : frame.close)
  else {
    const whole = Buffer.concat(parts)
    // policy that drops the one record leaves null
    if (writer.read(whole, 0, whole.length, 0, true) && !writer.isNull()) {
      writer.write(sink)
      sink.text('\n')
      records.count++
    } else if (frame.empty !== '') sink.text('null\n')
  }
  if (sink.length() > 0) yield sink.take()
}

type ItemWriter = {
  /** False where there is nothing but white space. @throws format.corrupt, format.limit */
  read(bytes: Buffer, start: number, end: number, offset: number, mayBeNull?: boolean): boolean
  isNull(): boolean
  /** On one line. */
  write(sink: ByteSink): void
}

const closingBrace = 0x7d
const lineFeed = 0x0a
const carriageReturn = 0x0d

function createItemWriter(columns: readonly string[] | undefined): ItemWriter {
  const scanner = createJsonScanner()
  const { tape } = scanner
  const wanted = columns?.map(nameOf)

  function writeMembers(names: readonly Name[], sink: ByteSink): void {
    const last = nextOf(tape, 0)
    let members = 0
    for (let name = 1; name < last; name = nextOf(tape, name + 1)) {
      if (!names.some((one) => isText(tape, name, one))) continue
      sink.text(members++ === 0 ? '{' : ',')
      writeOnOneLine(startOf(tape, name), endOf(tape, name + 1), sink)
    }
    sink.text(members === 0 ? '{}' : '}')
  }

  /** Line endings stand only between values: in a text JSON does not let them. */
  function writeOnOneLine(start: number, end: number, sink: ByteSink): void {
    const { bytes } = tape
    let from = start
    for (let at = start; at < end; at++) {
      if (bytes[at] !== lineFeed && bytes[at] !== carriageReturn) continue
      sink.copy(bytes, from, at)
      from = at + 1
    }
    sink.copy(bytes, from, end)
  }

  return {
    read(bytes, start, end, offset, mayBeNull = false) {
      if (!scanner.scan(bytes, start, end, offset)) return false
      if (kindOf(tape, 0) !== kinds.object && !(mayBeNull && kindOf(tape, 0) === kinds.null))
        throw corrupt(offset, 'a record that is not an object')
      return true
    },
    isNull: () => kindOf(tape, 0) === kinds.null,
    write(sink) {
      if (wanted === undefined) writeOnOneLine(startOf(tape, 0), endOf(tape, 0), sink)
      else writeMembers(wanted, sink)
    },
  }
}
