/** Runs and bit-packed groups of small numbers: levels, and places in a dictionary. */
import { corrupt } from '../record-stream/format-errors.ts'

export type SmallNumbers = Uint8Array | Uint32Array

/** Fills `out`; bytes behind what it takes are left alone. `offset`: of the first byte in the file, for what is said of errors. @throws format.corrupt */
export function readHybrid(
  bytes: Buffer,
  start: number,
  end: number,
  width: number,
  out: SmallNumbers,
  offset: number,
): void {
  const wrong = () => corrupt(offset, 'a page whose numbers are not well formed')
  const count = out.length
  if (width === 0) {
    out.fill(0)
    return
  }
  const runBytes = (width + 7) >>> 3
  let position = start
  let filled = 0
  while (filled < count) {
    let head = 0
    for (let shift = 0; ; shift += 7) {
      if (position >= end || shift > 28) throw wrong()
      const byte = bytes[position++]!
      head += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) break
    }
    if ((head & 1) === 0) {
      const length = Math.min(Math.floor(head / 2), count - filled)
      if (length === 0 || position + runBytes > end) throw wrong()
      let value = 0
      for (let index = 0; index < runBytes; index++) value += bytes[position + index]! * 2 ** (8 * index)
      if (value >= 2 ** width) throw wrong()
      position += runBytes
      out.fill(value, filled, filled + length)
      filled += length
      continue
    }
    const groups = Math.floor(head / 2)
    const length = Math.min(groups * 8, count - filled)
    // some writers leave out the bytes of a last group that hold nothing
    if (length === 0 || position + Math.ceil((length * width) / 8) > end) throw wrong()
    unpack(bytes, position, width, out, filled, length)
    filled += length
    position += groups * width
  }
}

function unpack(bytes: Buffer, start: number, width: number, out: SmallNumbers, to: number, length: number): void {
  let position = start
  let held = 0
  let heldBits = 0
  if (width > 24) {
    for (let index = 0; index < length; index++) out[to + index] = wide(bytes, start, index * width, width)
    return
  }
  const mask = (1 << width) - 1
  for (let index = 0; index < length; index++) {
    while (heldBits < width) {
      held |= bytes[position++]! << heldBits
      heldBits += 8
    }
    out[to + index] = held & mask
    held >>>= width
    heldBits -= width
  }
}

function wide(bytes: Buffer, start: number, bit: number, width: number): number {
  let value = 0
  for (let done = 0; done < width; ) {
    const at = bit + done
    const taken = Math.min(8 - (at & 7), width - done)
    value += ((bytes[start + (at >>> 3)]! >>> (at & 7)) & ((1 << taken) - 1)) * 2 ** done
    done += taken
  }
  return value
}

/** The smallest width that holds all numbers up to `max`. */
export function bitsFor(max: number): number {
  return 32 - Math.clz32(max)
}

/** Runs are found where they are at least this long. */
const runMin = 8

export function writeHybrid(values: SmallNumbers, count: number, width: number): Buffer {
  if (width === 0) return count === 0 ? Buffer.alloc(0) : runOf(count, 0, 0)
  const parts: Buffer[] = []
  let packedFrom = 0
  let position = 0
  while (position < count) {
    const value = values[position]!
    let end = position + 1
    while (end < count && values[end] === value) end++
    // packed groups hold eight each: a run gives what is missing to the group before it
    const start = packedFrom + Math.ceil((position - packedFrom) / 8) * 8
    if (end - start < runMin) {
      position = end
      continue
    }
    if (start > packedFrom) parts.push(packed(values, packedFrom, start, width))
    parts.push(runOf(end - start, value, (width + 7) >>> 3))
    packedFrom = end
    position = end
  }
  if (packedFrom < count) parts.push(packed(values, packedFrom, count, width))
  return Buffer.concat(parts)
}

function runOf(length: number, value: number, valueBytes: number): Buffer {
  const out = varint(length * 2)
  for (let index = 0; index < valueBytes; index++) out.push(Math.floor(value / 2 ** (8 * index)) & 0xff)
  return Buffer.from(out)
}

function packed(values: SmallNumbers, from: number, to: number, width: number): Buffer {
  const groups = Math.ceil((to - from) / 8)
  const head = varint(groups * 2 + 1)
  const out = Buffer.alloc(head.length + groups * width)
  out.set(head)
  let bit = head.length * 8
  for (let index = from; index < to; index++) {
    let value = values[index]!
    for (let left = width; left > 0; ) {
      const taken = Math.min(8 - (bit & 7), left)
      out[bit >>> 3]! |= (value & ((1 << taken) - 1)) << (bit & 7)
      value = Math.floor(value / 2 ** taken)
      bit += taken
      left -= taken
    }
  }
  return out
}

function varint(value: number): number[] {
  const out: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) out.push((rest % 128) | 0x80)
  out.push(rest)
  return out
}
