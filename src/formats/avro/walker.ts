/** The state of a walk over the bytes of a block, and the steps over single values, each of which validates what it steps over. */
import { isUtf8 } from 'node:buffer'
import { type Cursor, readLong } from './bytes.ts'
import { createHighBytes, type HighBytes, nextHighByte, openHighBytes } from './high-bytes.ts'
import { beyondLimit, corrupt, depthMax, emptyItemsMax } from './limits.ts'
import type { Program } from './program.ts'

/** What facts see on the way. */
export type Observer = {
  /** `start` to `end`: a value that has been validated. */
  observe(observation: number, start: number, end: number): void
  /** UTF-8 of a text that a fact compares with one text. */
  text(slot: number, start: number, end: number): void
  /** A null where a text would be. */
  absent(slot: number): void
}

export type Walker = {
  readonly code: Int32Array
  readonly keys: Program['keys']
  readonly observer: Observer
  /** Where top-level field i of the last record began. */
  readonly offsets: Int32Array
  readonly stack: Int32Array
  readonly highBytes: HighBytes
  bytes: Buffer
  end: number
  /** The first byte beyond ASCII at or after the last text looked at. */
  high: number
  /** Items that the lists of this block may still have. */
  itemsLeft: number
  /** Where the last number read ended. */
  after: number
  /** Where the last block of a list says it ends, or -1. */
  blockEnd: number
}

const none: Observer = { observe: () => undefined, text: () => undefined, absent: () => undefined }
const nothing: Buffer = Buffer.alloc(0)

export function createWalker(program: Program, observer: Observer = none): Walker {
  return {
    code: program.code,
    keys: program.keys,
    observer,
    offsets: new Int32Array(program.marks),
    stack: new Int32Array(depthMax * 2),
    highBytes: createHighBytes(),
    bytes: nothing,
    end: 0,
    high: 0,
    itemsLeft: 0,
    after: 0,
    blockEnd: -1,
  }
}

/** New bytes; what follows walks over them in order. */
export function openWalker(walker: Walker, bytes: Buffer): void {
  walker.bytes = bytes
  openHighBytes(walker.highBytes, bytes)
  walker.high = nextHighByte(walker.highBytes, 0)
  walker.itemsLeft = bytes.length + emptyItemsMax
}

/** A count, length or branch. */
export function readNumber(walker: Walker, position: number): number {
  if (position >= walker.end) throw corrupt(position)
  const byte = walker.bytes[position]!
  if (byte >= 0x80) return readWideNumber(walker, position)
  walker.after = position + 1
  return (byte >>> 1) ^ -(byte & 1)
}

function readWideNumber(walker: Walker, position: number): number {
  const cursor: Cursor = { bytes: walker.bytes, position, end: walker.end }
  const value = readLong(cursor)
  if (typeof value !== 'number') throw corrupt(position)
  walker.after = cursor.position
  return value
}

/** To the end of the bytes, which begin at `after`. */
export function skipBytes(walker: Walker, position: number): number {
  const length = readNumber(walker, position)
  const end = walker.after + length
  if (length < 0 || end > walker.end) throw corrupt(position)
  return end
}

export function skipText(walker: Walker, position: number): number {
  const end = skipBytes(walker, position)
  if (walker.high < end) checkText(walker, walker.after, end)
  return end
}

export function checkText(walker: Walker, start: number, end: number): void {
  if (walker.high < start) walker.high = nextHighByte(walker.highBytes, start)
  if (walker.high < end && !isUtf8(walker.bytes.subarray(start, end))) throw corrupt(start)
}

export function skipEnum(walker: Walker, position: number, symbols: number): number {
  const symbol = readNumber(walker, position)
  if (symbol < 0 || symbol >= symbols) throw corrupt(position)
  return walker.after
}

export function skipInt({ bytes, end }: Walker, position: number): number {
  const last = Math.min(position + 4, end - 1)
  let at = position
  while (at < last && bytes[at]! >= 0x80) at++
  if (at >= end || bytes[at]! >= 0x80 || (at - position === 4 && bytes[at]! > 0x0f)) throw corrupt(position)
  return at + 1
}

export function skipLong({ bytes, end }: Walker, position: number): number {
  const last = Math.min(position + 9, end - 1)
  let at = position
  while (at < last && bytes[at]! >= 0x80) at++
  if (at >= end || bytes[at]! >= 0x80 || (at - position === 9 && bytes[at]! > 1)) throw corrupt(position)
  return at + 1
}

/** The number of items in the block of an array or map that begins here. */
export function startBlock(walker: Walker, position: number): number {
  const count = readNumber(walker, position)
  walker.blockEnd = -1
  if (count === 0) return 0
  const items = Math.abs(count)
  walker.itemsLeft -= items
  if (walker.itemsLeft < 0) throw beyondLimit(position)
  if (count > 0) return count
  const size = readNumber(walker, walker.after)
  walker.blockEnd = walker.after + size
  if (size < 0 || walker.blockEnd > walker.end) throw corrupt(position)
  return items
}
