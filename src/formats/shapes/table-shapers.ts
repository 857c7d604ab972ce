/** Tables in other shapes: rows as NDJSON, and rows with some of their columns, each field with the quotes it has. */
import type { Header } from '../csv/csv-header.ts'
import { headerOf } from '../csv/csv-header.ts'
import { createCsvRow, lineEnd } from '../csv/csv-row.ts'
import { createFindRowEnd } from '../csv/find-row-end.ts'
import type { ByteSink } from '../record-stream/byte-sink.ts'
import { corrupt } from '../record-stream/format-errors.ts'
import { createRecordFrames, type RecordFrames } from '../record-stream/record-frames.ts'
import type { ShapeOptions, Shaper } from '../shaper.ts'
import { indexesOf } from './columns.ts'
import { shapeFrames } from './shape-lines.ts'

export const createCsvShaper = (): Shaper => createTableShaper(['text/csv'], ',')
export const createTsvShaper = (): Shaper => createTableShaper(['text/tab-separated-values'], '\t')

type Row = ReturnType<typeof createCsvRow>
type WriteRow = (row: Row, bytes: Buffer, fields: readonly number[], sink: ByteSink) => void

function createTableShaper(mediaTypes: readonly string[], delimiter: string): Shaper {
  const byte = delimiter.charCodeAt(0)
  return {
    mediaTypes,
    endsAnywhere: true,
    toNdjson: (bytes, options) => shapeRows(bytes, options, byte, ({ columns }) => objectWriter(columns)),
    project: (bytes, options) =>
      shapeRows(bytes, options, byte, (_header, fields, row, frames, sink) => {
        const write = fieldWriter(delimiter)
        write(row, frames.bytes(), fields, sink)
        return write
      }),
    isCompressed: () => false,
  }
}

/** The first row is the header, which says how the others are written. */
function shapeRows(
  bytes: AsyncIterable<Uint8Array>,
  { columns, records }: ShapeOptions,
  delimiter: number,
  open: (header: Header, fields: readonly number[], row: Row, frames: RecordFrames, sink: ByteSink) => WriteRow,
): AsyncGenerator<Uint8Array> {
  const row = createCsvRow(delimiter)
  let fields: readonly number[] = []
  let width = 0
  let write: WriteRow | undefined
  return shapeFrames(bytes, createRecordFrames(createFindRowEnd()), (frames, sink) => {
    const [source, start, end, offset] = [frames.bytes(), frames.start(), frames.end(), frames.offset()]
    if (write === undefined) {
      const header = headerOf(source.subarray(start, end), delimiter)
      if (header.problem !== undefined) throw header.problem
      width = header.columns.length
      fields = columns === undefined ? header.columns.map((_, index) => index) : indexesOf(columns, header.columns)
      row.read(source, afterByteOrderMark(source, start), end, offset)
      write = open(header, fields, row, frames, sink)
      return
    }
    // a blank line is no row, but where a row is one field that is empty
    if (lineEnd(source, start, end) === start && width > 1) return
    if (row.read(source, start, end, offset) !== width)
      throw corrupt(offset, 'a row whose fields do not match the header')
    write(row, source, fields, sink)
    records.count++
  })
}

function afterByteOrderMark(bytes: Buffer, start: number): number {
  return bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf ? start + 3 : start
}

function objectWriter(columns: readonly string[]): WriteRow {
  const names = columns.map((column) => `${JSON.stringify(column)}:`)
  return (row, _bytes, fields, sink) => {
    sink.text('{')
    for (let index = 0; index < fields.length; index++) {
      const field = fields[index]!
      if (index > 0) sink.text(',')
      sink.text(names[field]!)
      sink.text(JSON.stringify(row.text(field)))
    }
    sink.text('}\n')
  }
}

function fieldWriter(delimiter: string): WriteRow {
  return (row, bytes, fields, sink) => {
    for (let index = 0; index < fields.length; index++) {
      const field = fields[index]!
      if (index > 0) sink.text(delimiter)
      // alone in its row an empty field would be a blank line
      if (fields.length === 1 && row.startOf(field) === row.endOf(field)) sink.text('""')
      else sink.copy(bytes, row.startOf(field), row.endOf(field))
    }
    sink.text('\r\n')
  }
}
