/** Tables as text with a header row, comma- or tab-separated (RFC 4180). A record is an object of texts; a null is an empty field. */
import type { Format, GuardOptions } from '../format.ts'
import { guardLines } from '../record-stream/guard-lines.ts'
import { permitted } from '../record-stream/guard-records.ts'
import { type Chunks, guardSource, startingWith } from '../record-stream/guard-source.ts'
import { recordBytesMax } from '../record-stream/limits.ts'
import type { MaskValue } from '../record-stream/mask-text.ts'
import type { FindEnd } from '../record-stream/record-frames.ts'
import { headerOf } from './csv-header.ts'
import { createCsvRecord } from './csv-record.ts'
import { createFindRowEnd } from './find-row-end.ts'

type Deps = { readonly maskValue: MaskValue }

export function createCsvFormat(deps: Deps): Format {
  return {
    mediaTypes: ['text/csv'],
    extensions: ['csv'],
    guard: (bytes, options) => guardSource(bytes, options.signal, (chunks) => guardTable(chunks, options, deps, 0x2c)),
  }
}

export function createTsvFormat(deps: Deps): Format {
  return {
    mediaTypes: ['text/tab-separated-values'],
    extensions: ['tsv', 'tab'],
    guard: (bytes, options) => guardSource(bytes, options.signal, (chunks) => guardTable(chunks, options, deps, 0x09)),
  }
}

async function* guardTable(
  chunks: Chunks,
  options: GuardOptions,
  { maskValue }: Deps,
  delimiter: number,
): AsyncGenerator<Uint8Array> {
  const findEnd = createFindRowEnd()
  const { row, rest, isCut } = await readFirstRow(chunks, findEnd)
  const header = headerOf(row, delimiter)
  const first = permitted(options.policyFor(header.schema))
  const policy = permitted(options.checkpoint?.() ?? first)
  const isTable = header.problem === undefined
  // bytes that no rule looks at pass, table or not, but for a header that is cut short
  if (!isTable && (policy.kind !== 'untouched' || isCut)) throw header.problem
  const record = createCsvRecord({ columns: header.columns, delimiter, maskValue })
  const lines = { policy, showsCuts: isTable, record, findEnd, offset: row.length }
  yield* withHeader(row, guardLines(startingWith(rest, chunks), options, lines))
}

/** The header comes with the first rows: where those are refused nothing was given yet, and the refusal is an answer. */
async function* withHeader(header: Buffer, rows: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    const first = await rows.next()
    const begin = first.done === true ? header : Buffer.concat([header, first.value])
    if (begin.length > 0) yield begin
    yield* rows
  } finally {
    await rows.return(undefined)
  }
}

/** `isCut`: the whole ended before the row did. */
type FirstRow = { readonly row: Buffer; readonly rest: Buffer; readonly isCut: boolean }

async function readFirstRow(chunks: Chunks, findEnd: FindEnd): Promise<FirstRow> {
  const parts: Buffer[] = []
  let size = 0
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    const chunk = next.value
    const end = findEnd(chunk, 0)
    const part = end < 0 ? chunk : chunk.subarray(0, end)
    parts.push(part)
    size += part.length
    if (end >= 0 || size > recordBytesMax)
      return { row: Buffer.concat(parts), rest: chunk.subarray(part.length), isCut: false }
  }
  return { row: Buffer.concat(parts), rest: Buffer.alloc(0), isCut: true }
}
