/** Whole numbers as differences in blocks of small ones. */
import { corrupt } from '../record-stream/format-errors.ts'

export type Deltas = { readonly values: BigInt64Array; readonly end: number }

/** Of one block, numbers. */
const blockSizeMax = 1_048_576

/** `count` is what the page says there are; `offset`: of the page in the file. @throws format.corrupt */
export function readDelta(bytes: Buffer, start: number, count: number, offset: number): Deltas {
  const wrong = () => corrupt(offset, 'a page whose numbers are not well formed')
  let position = start

  function varint(): bigint {
    let value = 0
    for (let shift = 0; shift < 42; shift += 7) {
      const byte = bytes[position++]
      if (byte === undefined) throw wrong()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return BigInt(value)
    }
    let large = BigInt(value)
    for (let shift = 42; shift < 70; shift += 7) {
      const byte = bytes[position++]
      if (byte === undefined) throw wrong()
      large |= BigInt(byte & 0x7f) << BigInt(shift)
      if (byte < 0x80) return large
    }
    throw wrong()
  }
  const signed = () => {
    const value = varint()
    return (value >> 1n) ^ -(value & 1n)
  }

  const blockSize = Number(varint())
  const miniblocks = Number(varint())
  const total = Number(varint())
  const first = signed()
  const size = blockSize / miniblocks
  if (
    total !== count ||
    blockSize === 0 ||
    blockSize > blockSizeMax ||
    !Number.isInteger(size) ||
    size % 8 !== 0 ||
    size === 0
  )
    throw wrong()
  const values = new BigInt64Array(count)
  if (count === 0) return { values, end: position }
  values[0] = first
  let last = values[0]
  let filled = 1
  while (filled < count) {
    const least = signed()
    const widths = bytes.subarray(position, position + miniblocks)
    if (widths.length < miniblocks) throw wrong()
    position += miniblocks
    for (let block = 0; block < miniblocks && filled < count; block++) {
      const width = widths[block]!
      const blockBytes = (width * size) / 8
      if (width > 64 || position + blockBytes > bytes.length) throw wrong()
      const length = Math.min(size, count - filled)
      for (let index = 0; index < length; index++) {
        last = BigInt.asIntN(64, last + least + bitsAt(bytes, position, index * width, width))
        values[filled++] = last
      }
      position += blockBytes
    }
  }
  return { values, end: position }
}

function bitsAt(bytes: Buffer, start: number, bit: number, width: number): bigint {
  if (width > 48) return wideBitsAt(bytes, start, bit, width)
  let value = 0
  for (let done = 0; done < width; ) {
    const at = bit + done
    const taken = Math.min(8 - (at & 7), width - done)
    value += ((bytes[start + (at >>> 3)]! >>> (at & 7)) & ((1 << taken) - 1)) * 2 ** done
    done += taken
  }
  return BigInt(value)
}

function wideBitsAt(bytes: Buffer, start: number, bit: number, width: number): bigint {
  const low = bitsAt(bytes, start, bit, 32)
  return low | (bitsAt(bytes, start, bit + 32, width - 32) << 32n)
}

/** Little-endian, in four or eight bytes each. */
export function wholeBytes(values: BigInt64Array, width: number): Buffer {
  const all = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  if (width === 8) return all
  const out = Buffer.allocUnsafeSlow(values.length * 4)
  for (let index = 0; index < values.length; index++) all.copy(out, index * 4, index * 8, index * 8 + 4)
  return out
}
