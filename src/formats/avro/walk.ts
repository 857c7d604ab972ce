/** Runs a compiled schema over the bytes of one record: validates all of it, and notes what was asked for. One flat loop, because calls a value cost more than the work. */
import { isUtf8 } from 'node:buffer'
import { type Cursor, readLong } from './bytes.ts'
import { createHighBytes } from './high-bytes.ts'
import { beyondLimit, corrupt, depthMax, emptyItemsMax } from './limits.ts'
import { op, type Program } from './program.ts'

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
  /** Where top-level field i of the last record began. */
  readonly offsets: Int32Array
  /** New bytes; what follows walks over them in order. */
  open(bytes: Buffer): void
  /** The end of the value that begins at `start`. @throws AvroFault */
  walk(start: number, end: number): number
}

const none: Observer = { observe: () => undefined, text: () => undefined, absent: () => undefined }

export function createWalker(program: Program, observer: Observer = none): Walker {
  const { code, keys } = program
  const offsets = new Int32Array(program.marks)
  const stack = new Int32Array(depthMax * 2 + 4)
  const highBytes = createHighBytes()
  const cursor: Cursor = { bytes: Buffer.alloc(0), position: 0, end: 0 }
  let itemsLeft = 0
  /** The first byte beyond ASCII at or after the last text looked at. */
  let high = 0
  let textStart = 0
  let afterWide = 0
  let blockEnd = -1

  return {
    offsets,
    open(bytes) {
      cursor.bytes = bytes
      highBytes.open(bytes)
      high = highBytes.from(0)
      itemsLeft = bytes.length + emptyItemsMax
    },
    walk,
  }

  /** A count, length or branch; it ends at `afterWide`. */
  function wideAt(position: number): number {
    const { bytes, end } = cursor
    if (position < end && bytes[position]! < 0x80) {
      afterWide = position + 1
      const byte = bytes[position]!
      return byte & 1 ? -(byte + 1) / 2 : byte / 2
    }
    cursor.position = position
    const value = readLong(cursor)
    if (typeof value !== 'number') throw corrupt(position)
    afterWide = cursor.position
    return value
  }

  function skipBytes(position: number): number {
    const length = wideAt(position)
    const after = afterWide + length
    if (length < 0 || after > cursor.end) throw corrupt(position)
    return after
  }

  function skipText(position: number): number {
    const after = skipBytes(position)
    textStart = afterWide
    if (high < after) checkText(textStart, after)
    return after
  }

  function checkText(start: number, end: number): void {
    if (high < start) high = highBytes.from(start)
    if (high < end && !isUtf8(cursor.bytes.subarray(start, end))) throw corrupt(start)
  }

  function skipEnum(position: number, symbols: number): number {
    const symbol = wideAt(position)
    if (symbol < 0 || symbol >= symbols) throw corrupt(position)
    return afterWide
  }

  function skipInt(position: number): number {
    const { bytes, end } = cursor
    const last = Math.min(position + 4, end - 1)
    let at = position
    while (at < last && bytes[at]! >= 0x80) at++
    if (at >= end || bytes[at]! >= 0x80 || (at - position === 4 && bytes[at]! > 0x0f)) throw corrupt(position)
    return at + 1
  }

  /** The number of items in the block of an array or map that begins here; `blockEnd` is where its size says it ends, or -1. */
  function blockStart(position: number): number {
    const count = wideAt(position)
    blockEnd = -1
    const items = Math.abs(count)
    itemsLeft -= items
    if (items > 0 && itemsLeft < 0) throw beyondLimit(position)
    if (count >= 0) return count
    const size = wideAt(afterWide)
    blockEnd = afterWide + size
    if (size < 0 || blockEnd > cursor.end) throw corrupt(position)
    return items
  }

  function walk(start: number, end: number): number {
    const { bytes } = cursor
    cursor.end = end
    let position = start
    let begun = start
    let pc = 0
    let top = 0
    for (;;) {
      switch (code[pc]) {
        case op.end:
          return position
        case op.mark:
          offsets[code[pc + 1]!] = position
          pc += 2
          break
        case op.optionalString: {
          if (position >= end) throw corrupt(position)
          const branch = bytes[position]!
          if (branch === code[pc + 1]) {
            position++
            pc += 2
            break
          }
          if (branch !== (code[pc + 1]! ^ 2)) throw corrupt(position)
          position = skipText(position + 1)
          pc += 2
          break
        }
        case op.string:
          position = skipText(position)
          pc++
          break
        case op.optional: {
          if (position >= end) throw corrupt(position)
          const branch = bytes[position]!
          if (branch === code[pc + 1]) pc = code[pc + 2]!
          else if (branch === (code[pc + 1]! ^ 2)) pc += 3
          else throw corrupt(position)
          position++
          break
        }
        case op.optionalEnum: {
          if (position >= end) throw corrupt(position)
          const branch = bytes[position]!
          if (branch === code[pc + 1]) position++
          else if (branch === (code[pc + 1]! ^ 2)) position = skipEnum(position + 1, code[pc + 2]!)
          else throw corrupt(position)
          pc += 3
          break
        }
        case op.factOptionalString: {
          if (position >= end) throw corrupt(position)
          const branch = bytes[position]!
          const slot = code[pc + 2]!
          if (branch === code[pc + 1]) {
            observer.absent(slot)
            position++
          } else if (branch === (code[pc + 1]! ^ 2)) {
            const after = skipText(position + 1)
            observer.text(slot, textStart, after)
            position = after
          } else throw corrupt(position)
          pc += 3
          break
        }
        case op.factString:
          position = skipText(position)
          observer.text(code[pc + 1]!, textStart, position)
          pc += 2
          break
        case op.boolean:
          if (position >= end || bytes[position]! > 1) throw corrupt(position)
          position++
          pc++
          break
        case op.int:
          position = skipInt(position)
          pc++
          break
        case op.long: {
          const last = Math.min(position + 9, end - 1)
          let at = position
          while (at < last && bytes[at]! >= 0x80) at++
          if (at >= end || bytes[at]! >= 0x80 || (at - position === 9 && bytes[at]! > 1)) throw corrupt(position)
          position = at + 1
          pc++
          break
        }
        case op.fixed:
          position += code[pc + 1]!
          if (position > end) throw corrupt(position - code[pc + 1]!)
          pc += 2
          break
        case op.bytes:
          position = skipBytes(position)
          pc++
          break
        case op.enum:
          position = skipEnum(position, code[pc + 1]!)
          pc += 2
          break
        case op.union: {
          const branch = wideAt(position)
          if (branch < 0 || branch >= code[pc + 1]!) throw corrupt(position)
          position = afterWide
          pc = code[pc + 2 + branch]!
          break
        }
        case op.loop: {
          const exit = code[pc + 1]!
          const count = blockStart(position)
          position = afterWide
          if (count === 0) {
            pc = exit
            break
          }
          if (top >= depthMax * 2) throw beyondLimit(position)
          stack[top++] = count
          stack[top++] = blockEnd
          pc += 2
          break
        }
        case op.next: {
          const loop = code[pc + 1]!
          const left = (stack[top - 2] = stack[top - 2]! - 1)
          if (left > 0) {
            pc = loop + 2
            break
          }
          const expected = stack[top - 1]!
          if (expected >= 0 && expected !== position) throw corrupt(position)
          const count = blockStart(position)
          position = afterWide
          if (count === 0) {
            top -= 2
            pc = code[loop + 1]!
            break
          }
          stack[top - 2] = count
          stack[top - 1] = blockEnd
          pc = loop + 2
          break
        }
        case op.call:
          if (top >= depthMax * 2) throw beyondLimit(position)
          stack[top] = pc + 2
          top += 2
          pc = code[pc + 1]!
          break
        case op.return:
          top -= 2
          pc = stack[top]!
          break
        case op.jump:
          pc = code[pc + 1]!
          break
        case op.begin:
          begun = position
          pc++
          break
        case op.observe:
          observer.observe(code[pc + 1]!, begun, position)
          pc += 2
          break
        case op.key: {
          const table = keys[code[pc + 1]!]!
          position = skipText(position)
          pc = table.byName.get(bytes.toString('utf8', textStart, position)) ?? table.other
          break
        }
        default:
          throw new Error('an instruction that the compiler does not emit')
      }
    }
  }
}
