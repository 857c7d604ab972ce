/** Collects values in the plain encoding. */
import type { Leaf } from './schema.ts'

export type PlainValues = {
  add(data: Buffer, start: number, end: number): void
  /** All of them, and starts anew. */
  take(): Buffer
}

const initialBytes = 16 * 1024
/** Bytes that are quicker copied by hand than by a call out of JavaScript. */
const shortMax = 24

export function createPlainValues({ type }: Leaf): PlainValues {
  let bytes = Buffer.allocUnsafeSlow(initialBytes)
  let length = 0

  function reserve(more: number): void {
    if (length + more <= bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, length + more))
    bytes.copy(larger, 0, 0, length)
    bytes = larger
  }

  return {
    add(data, start, end) {
      const size = end - start
      reserve(size + 4)
      if (type === 'bytes') {
        bytes[length++] = size & 0xff
        bytes[length++] = (size >>> 8) & 0xff
        bytes[length++] = (size >>> 16) & 0xff
        bytes[length++] = size >>> 24
      }
      if (size <= shortMax) for (let index = start; index < end; index++) bytes[length++] = data[index]!
      else {
        data.copy(bytes, length, start, end)
        length += size
      }
    },
    take() {
      const taken = type === 'boolean' ? packed(bytes, length) : bytes.subarray(0, length)
      bytes = Buffer.allocUnsafeSlow(initialBytes)
      length = 0
      return taken
    },
  }
}

function packed(flags: Buffer, count: number): Buffer {
  const out = Buffer.alloc(Math.ceil(count / 8))
  for (let index = 0; index < count; index++) out[index >>> 3]! |= flags[index]! << (index & 7)
  return out
}
