/** Tables as text with a header row, comma- or tab-separated (RFC 4180). A record is an object of texts; a null is an empty field. */
import type { Format, GuardOptions } from '../format.ts'
import { guardLines } from '../record-stream/guard-lines.ts'
import { permitted } from '../record-stream/guard-records.ts'
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
    guard: (bytes, options) => guardTable(bytes, options, deps, 0x2c),
  }
}

export function createTsvFormat(deps: Deps): Format {
  return {
    mediaTypes: ['text/tab-separated-values'],
    extensions: ['tsv', 'tab'],
    guard: (bytes, options) => guardTable(bytes, options, deps, 0x09),
  }
}

async function* guardTable(
  bytes: AsyncIterable<Uint8Array>,
  options: GuardOptions,
  { maskValue }: Deps,
  delimiter: number,
): AsyncGenerator<Uint8Array> {
  const findEnd = createFindRowEnd()
  const source = bytes[Symbol.asyncIterator]()
  try {
    const { row, rest } = await readFirstRow(source, findEnd, options.signal)
    const header = headerOf(row, delimiter)
    const first = permitted(options.policyFor(header.schema))
    options.signal.throwIfAborted()
    const policy = permitted(options.checkpoint?.() ?? first)
    // bytes that no rule looks at pass, table or not
    const isTable = header.problem === undefined
    if (policy.kind !== 'untouched' && !isTable) throw header.problem
    if (row.length > 0) yield row
    const record = createCsvRecord({ columns: header.columns, delimiter, maskValue })
    yield* guardLines(chained(rest, source), options, {
      policy,
      showsCuts: isTable,
      record,
      findEnd,
      offset: row.length,
    })
  } finally {
    await source.return?.()
  }
}

async function readFirstRow(
  source: AsyncIterator<Uint8Array>,
  findEnd: FindEnd,
  signal: AbortSignal,
): Promise<{ readonly row: Buffer; readonly rest: Buffer }> {
  const parts: Buffer[] = []
  let size = 0
  for (let next = await source.next(); next.done !== true; next = await source.next()) {
    signal.throwIfAborted()
    const chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength)
    const end = findEnd(chunk, 0)
    const part = end < 0 ? chunk : chunk.subarray(0, end)
    parts.push(part)
    size += part.length
    if (end >= 0 || size > recordBytesMax) return { row: Buffer.concat(parts), rest: chunk.subarray(part.length) }
  }
  return { row: Buffer.concat(parts), rest: Buffer.alloc(0) }
}

async function* chained(first: Uint8Array, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first
  for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value
}
