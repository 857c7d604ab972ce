/** Runs a compiled schema over the bytes of one record: validates all of it, and notes what was asked for. One flat loop over one state, because calls a value cost more than the work. */
import { beyondLimit, corrupt } from './limits.ts'
import type { Op } from './program.ts'
import {
  checkText,
  readNumber,
  skipBytes,
  skipEnum,
  skipInt,
  skipLong,
  skipText,
  startBlock,
  type Walker,
} from './walker.ts'

/** The end of the value that begins at `start`. @throws AvroFault */
export function walk(walker: Walker, start: number, end: number): number {
  const { bytes, code, stack, offsets, observer } = walker
  walker.end = end
  let position = start
  let begun = start
  let pc = 0
  let top = 0
  for (;;) {
    // labels are literal, because V8 makes a jump table of no others
    switch (code[pc] as Op) {
      case 10: {
        // optionalString
        if (position >= end) throw corrupt(position)
        const branch = bytes[position]!
        if (branch === code[pc + 1]) position++
        else if (branch === (code[pc + 1]! ^ 2)) {
          const start = position + 2
          const length = start < end ? bytes[position + 1]! : 0xff
          if ((length & 0x81) === 0) {
            position = start + (length >>> 1)
            if (position > end) throw corrupt(start)
            if (walker.high < position) checkText(walker, start, position)
          } else position = skipText(walker, position + 1)
        } else throw corrupt(position)
        pc += 2
        break
      }
      case 9: {
        // optional
        if (position >= end) throw corrupt(position)
        const branch = bytes[position]!
        if (branch === code[pc + 1]) pc = code[pc + 2]!
        else if (branch === (code[pc + 1]! ^ 2)) pc += 3
        else throw corrupt(position)
        position++
        break
      }
      case 13: // call
        if (top >= stack.length) throw beyondLimit(position)
        stack[top] = pc + 2
        top += 2
        pc = code[pc + 1]!
        break
      case 14: // return
        top -= 2
        pc = stack[top]!
        break
      case 11: {
        // loop
        const count = startBlock(walker, position)
        position = walker.after
        if (count === 0) {
          pc = code[pc + 1]!
          break
        }
        if (top >= stack.length) throw beyondLimit(position)
        stack[top++] = count
        stack[top++] = walker.blockEnd
        pc += 2
        break
      }
      case 12: {
        // next
        const loop = code[pc + 1]!
        const left = stack[top - 2]! - 1
        if (left > 0) {
          stack[top - 2] = left
          pc = loop + 2
          break
        }
        const expected = stack[top - 1]!
        if (expected >= 0 && expected !== position) throw corrupt(position)
        const count = startBlock(walker, position)
        position = walker.after
        if (count === 0) {
          top -= 2
          pc = code[loop + 1]!
          break
        }
        stack[top - 2] = count
        stack[top - 1] = walker.blockEnd
        pc = loop + 2
        break
      }
      case 19: {
        // factOptionalString
        if (position >= end) throw corrupt(position)
        const branch = bytes[position]!
        if (branch === code[pc + 1]) {
          observer.absent(code[pc + 2]!)
          position++
        } else if (branch === (code[pc + 1]! ^ 2)) {
          position = skipText(walker, position + 1)
          observer.text(code[pc + 2]!, walker.after, position)
        } else throw corrupt(position)
        pc += 3
        break
      }
      case 15: // mark
        offsets[code[pc + 1]!] = position
        pc += 2
        break
      case 22: {
        // optionalEnum
        if (position >= end) throw corrupt(position)
        const branch = bytes[position]!
        if (branch === code[pc + 1]) position++
        else if (branch === (code[pc + 1]! ^ 2)) position = skipEnum(walker, position + 1, code[pc + 2]!)
        else throw corrupt(position)
        pc += 3
        break
      }
      case 6: // string
        position = skipText(walker, position)
        pc++
        break
      case 2: // int
        position = skipInt(walker, position)
        pc++
        break
      case 3: // long
        position = skipLong(walker, position)
        pc++
        break
      case 7: // enum
        position = skipEnum(walker, position, code[pc + 1]!)
        pc += 2
        break
      case 4: // fixed
        if (position + code[pc + 1]! > end) throw corrupt(position)
        position += code[pc + 1]!
        pc += 2
        break
      case 1: // boolean
        if (position >= end || bytes[position]! > 1) throw corrupt(position)
        position++
        pc++
        break
      case 5: // bytes
        position = skipBytes(walker, position)
        pc++
        break
      case 8: {
        // union
        const branch = readNumber(walker, position)
        if (branch < 0 || branch >= code[pc + 1]!) throw corrupt(position)
        position = walker.after
        pc = code[pc + 2 + branch]!
        break
      }
      case 21: // jump
        pc = code[pc + 1]!
        break
      case 18: // factString
        position = skipText(walker, position)
        observer.text(code[pc + 1]!, walker.after, position)
        pc += 2
        break
      case 16: // begin
        begun = position
        pc++
        break
      case 17: // observe
        observer.observe(code[pc + 1]!, begun, position)
        pc += 2
        break
      case 20: {
        // key
        const table = walker.keys[code[pc + 1]!]!
        position = skipText(walker, position)
        pc = table.byName.get(bytes.toString('utf8', walker.after, position)) ?? table.other
        break
      }
      case 0: // end
        return position
    }
  }
}
