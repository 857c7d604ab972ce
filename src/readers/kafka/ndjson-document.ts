/** JSON values as one NDJSON document: each valid, and on a line of its own. */
import { PortcullisError } from '../../domain/errors.ts'
import type { SliceRecord } from './slice-records.ts'

const chunkBytes = 64 * 1024
const [lineFeed, carriageReturn, space] = [0x0a, 0x0d, 0x20]

/** @throws format.corrupt naming the offset of a value that is no JSON */
export async function* ndjsonDocument(batches: AsyncIterable<readonly SliceRecord[]>): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const newline = Buffer.of(lineFeed)
  for await (const records of batches) {
    let parts: Buffer[] = []
    let length = 0
    for (const { offset, value } of records) {
      try {
        JSON.parse(decoder.decode(value))
      } catch {
        throw new PortcullisError('format.corrupt', { message: `The value at offset ${offset} is not valid JSON.` })
      }
      parts.push(onOneLine(value), newline)
      length += value.length + 1
      if (length >= chunkBytes) {
        yield Buffer.concat(parts, length)
        parts = []
        length = 0
      }
    }
    if (length > 0) yield Buffer.concat(parts, length)
  }
}

/** In valid JSON a line ends between tokens only. */
function onOneLine(value: Buffer): Buffer {
  if (!value.includes(lineFeed) && !value.includes(carriageReturn)) return value
  return Buffer.from(value.map((byte) => (byte === lineFeed || byte === carriageReturn ? space : byte)))
}
