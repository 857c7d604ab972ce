/** Snappy's raw format, as the snappy codec of Avro has it: a length, then literals and copies of what came before. */
import { beyondLimit, blockBytesMax, corrupt } from './limits.ts'

/** Below this many bytes a loop is faster than a call into the runtime. */
const loopBytesMax = 24

/** @throws AvroFault */
export function snappyDecompress(data: Uint8Array): Buffer {
  const { length, start } = lengthOf(data)
  const out = Buffer.allocUnsafeSlow(length)
  let from = start
  let to = 0
  while (from < data.length) {
    const tag = data[from++]!
    if ((tag & 3) === 0) {
      let size = tag >>> 2
      if (size >= 60) {
        const bytes = size - 59
        size = littleEndian(data, from, bytes)
        from += bytes
      }
      size++
      if (from + size > data.length || to + size > length) throw corrupt(from)
      if (size > loopBytesMax) out.set(data.subarray(from, from + size), to)
      else for (let index = 0; index < size; index++) out[to + index] = data[from + index]!
      from += size
      to += size
      continue
    }
    const kind = tag & 3
    const size = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
    const bytes = kind === 1 ? 1 : kind === 2 ? 2 : 4
    const offset = littleEndian(data, from, bytes) + (kind === 1 ? (tag >>> 5) * 256 : 0)
    from += bytes
    if (offset === 0 || offset > to || to + size > length) throw corrupt(from)
    // a copy may overlap what it writes
    if (offset >= size && size > loopBytesMax) out.copyWithin(to, to - offset, to - offset + size)
    else for (let index = 0; index < size; index++) out[to + index] = out[to + index - offset]!
    to += size
  }
  if (to !== length) throw corrupt(from)
  return out
}

function lengthOf(data: Uint8Array): { readonly length: number; readonly start: number } {
  let length = 0
  for (let index = 0; index < 5; index++) {
    const byte = data[index]
    if (byte === undefined) break
    length += (byte & 0x7f) * 2 ** (7 * index)
    if (byte >= 0x80) continue
    if (length > blockBytesMax) throw beyondLimit(0)
    return { length, start: index + 1 }
  }
  throw corrupt(0)
}

function littleEndian(data: Uint8Array, start: number, bytes: number): number {
  if (start + bytes > data.length) throw corrupt(start)
  let value = 0
  for (let index = bytes - 1; index >= 0; index--) value = value * 256 + data[start + index]!
  return value
}

/** Matches are sought within blocks of this size, so that offsets fit two bytes. */
const blockBytes = 65_536
const tableBits = 14

export function snappyCompress(content: Uint8Array): Buffer {
  const out = Buffer.allocUnsafeSlow(32 + content.length + Math.ceil(content.length / 6))
  let to = 0
  for (let rest = content.length; ; rest = Math.floor(rest / 128)) {
    out[to++] = rest > 127 ? (rest % 128) | 0x80 : rest
    if (rest <= 127) break
  }
  const table = new Int32Array(1 << tableBits)
  const view = new DataView(content.buffer, content.byteOffset, content.length)
  for (let start = 0; start < content.length; start += blockBytes) {
    table.fill(-1)
    compressBlock(start, Math.min(start + blockBytes, content.length))
  }
  return out.subarray(0, to)

  function compressBlock(start: number, end: number): void {
    let literal = start
    let at = start
    let misses = 32
    while (at + 4 <= end) {
      const word = view.getUint32(at, true)
      const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - tableBits)
      const candidate = table[slot]!
      table[slot] = at
      if (candidate < 0 || view.getUint32(candidate, true) !== word) {
        // what does not compress is left more quickly
        at += misses++ >>> 5
        continue
      }
      misses = 32
      let length = 4
      while (at + length < end && content[candidate + length] === content[at + length]) length++
      writeLiteral(literal, at)
      writeCopies(at - candidate, length)
      at += length
      literal = at
    }
    writeLiteral(literal, end)
  }

  function writeLiteral(start: number, end: number): void {
    const size = end - start
    if (size === 0) return
    const coded = size - 1
    if (coded < 60) out[to++] = coded << 2
    else if (coded < 256) {
      out[to++] = 60 << 2
      out[to++] = coded
    } else {
      out[to++] = 61 << 2
      out[to++] = coded & 0xff
      out[to++] = coded >>> 8
    }
    if (size > loopBytesMax) out.set(content.subarray(start, end), to)
    else for (let index = 0; index < size; index++) out[to + index] = content[start + index]!
    to += size
  }

  function writeCopies(offset: number, length: number): void {
    for (let left = length; left > 0; ) {
      const size = Math.min(left, 64)
      out[to++] = ((size - 1) << 2) | 2
      out[to++] = offset & 0xff
      out[to++] = offset >>> 8
      left -= size
    }
  }
}
