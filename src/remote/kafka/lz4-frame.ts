/** LZ4 frames: a descriptor, then blocks that may refer to what came before. Checksums are passed over: whoever carries a frame has its own. */
import { PortcullisError } from '../../domain/errors.ts'

const magic = 0x184d2204
const blockBytesMax: readonly number[] = [0, 0, 0, 0, 64 * 1024, 256 * 1024, 1024 * 1024, 4 * 1024 * 1024]
const matchBytesMin = 4

/** One whole frame. @throws RangeError where it is none, format.limit */
export function lz4Decompress(data: Buffer, bytesMax: number): Buffer {
  if (data.readUInt32LE(0) !== magic) throw new RangeError('not a frame')
  const flags = data.readUInt8(4)
  const largest = blockBytesMax[(data.readUInt8(5) >>> 4) & 7]!
  const hasBlockChecksums = (flags & 0x10) !== 0
  // the size of the content, a dictionary's id, a checksum of the header
  let at = 6 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4) + 1
  let out: Buffer = Buffer.alloc(0)
  let length = 0
  for (;;) {
    const head = data.readUInt32LE(at)
    at += 4
    if (head === 0) return out.subarray(0, length)
    const size = head & 0x7fffffff
    if (at + size > data.length) throw new RangeError('beyond the end')
    if (length + largest > out.length) {
      if (length > bytesMax) throw new PortcullisError('format.limit')
      out = Buffer.concat([out.subarray(0, length)], Math.max(2 * out.length, length + largest))
    }
    const block = data.subarray(at, at + size)
    length = head >>> 31 === 1 ? length + block.copy(out, length) : inflate(block, out, length)
    at += size + (hasBlockChecksums ? 4 : 0)
  }
}

/** Where the output ends. */
function inflate(block: Buffer, out: Buffer, start: number): number {
  let to = start
  let at = 0
  const longer = (length: number) => {
    let sum = length
    if (length === 15)
      for (let byte = 255; byte === 255; sum += byte) {
        byte = block.readUInt8(at++)
      }
    return sum
  }
  while (at < block.length) {
    const token = block[at++]!
    const literals = longer(token >>> 4)
    if (at + literals > block.length || to + literals > out.length) throw new RangeError('beyond the end')
    to += block.copy(out, to, at, at + literals)
    at += literals
    if (at === block.length) return to
    const offset = block.readUInt16LE(at)
    at += 2
    const length = longer(token & 15) + matchBytesMin
    if (offset === 0 || offset > to || to + length > out.length) throw new RangeError('beyond the end')
    if (offset >= length) out.copyWithin(to, to - offset, to - offset + length)
    // a match may overlap what it writes
    else for (let index = 0; index < length; index++) out[to + index] = out[to + index - offset]!
    to += length
  }
  return to
}
