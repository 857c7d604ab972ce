/** Cuts chunks into the byte ranges of whole records, wherever the chunks are cut. */
import { beyondLimit } from './format-errors.ts'
import { recordBytesMax } from './limits.ts'

/** Index after the last byte of the record that `from` is in, or −1 where it goes on beyond the chunk; it remembers then where in the record it is. */
export type FindEnd = (chunk: Buffer, from: number) => number

export type RecordFrames = {
  push(chunk: Buffer): void
  /** Steps to the next whole record: false where more bytes are needed. */
  next(): boolean
  /** Takes all that is left as a last record: false where nothing is. */
  last(): boolean
  /** Of the record stepped to; valid until the next step. */
  bytes(): Buffer
  start(): number
  end(): number
  /** Of the record's first byte in the whole. */
  offset(): number
}

/** `firstOffset`: where the first chunk lies in the whole. */
export function createRecordFrames(findEnd: FindEnd, firstOffset = 0): RecordFrames {
  let chunk: Buffer = Buffer.alloc(0)
  let position = 0
  /** Of the chunk's first byte in the whole. */
  let chunkOffset = firstOffset
  let carried: Buffer[] = []
  let carriedBytes = 0
  let bytes: Buffer = chunk
  let start = 0
  let end = 0
  let offset = 0

  function carry(): void {
    const rest = chunk.subarray(position)
    position = chunk.length
    if (rest.length === 0) return
    carried.push(rest)
    carriedBytes += rest.length
    if (carriedBytes > recordBytesMax)
      throw beyondLimit(chunkOffset + position - carriedBytes, 'a record that is too large')
  }

  function join(until: number): void {
    offset = chunkOffset - carriedBytes
    bytes = Buffer.concat([...carried, chunk.subarray(0, until)])
    start = 0
    end = bytes.length
    position = until
    carried = []
    carriedBytes = 0
  }

  return {
    push(next) {
      chunkOffset += chunk.length
      chunk = next
      position = 0
    },
    next() {
      const until = position >= chunk.length ? -1 : findEnd(chunk, position)
      if (until < 0) {
        carry()
        return false
      }
      if (carriedBytes > 0) join(until)
      else {
        bytes = chunk
        start = position
        end = until
        offset = chunkOffset + position
        position = until
      }
      if (end - start > recordBytesMax) throw beyondLimit(offset, 'a record that is too large')
      return true
    },
    last() {
      carry()
      if (carriedBytes === 0) return false
      chunkOffset += chunk.length
      chunk = Buffer.alloc(0)
      join(0)
      return true
    },
    bytes: () => bytes,
    start: () => start,
    end: () => end,
    offset: () => offset,
  }
}

const lineFeed = 0x0a

/** A line includes its line feed. */
export const findLineEnd: FindEnd = (chunk, from) => chunk.indexOf(lineFeed, from) + 1 || -1
