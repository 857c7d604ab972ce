/** LZ4 blocks: bare ones, and the older kind in Hadoop's frames. What is wrong is refused by throwing. */

function wrong(): never {
  throw new RangeError('not LZ4')
}

/** `size`: of what comes out. */
export function lz4Decompress(data: Buffer, size: number): Buffer {
  const out = Buffer.allocUnsafeSlow(size)
  let from = 0
  let to = 0

  function lengthOf(first: number): number {
    let length = first
    for (let more = first === 15; more; ) {
      const byte = data[from++] ?? wrong()
      length += byte
      more = byte === 255
    }
    return length
  }

  for (;;) {
    const token = data[from++] ?? wrong()
    const literals = lengthOf(token >>> 4)
    if (from + literals > data.length || to + literals > size) wrong()
    data.copy(out, to, from, from + literals)
    from += literals
    to += literals
    if (from === data.length) break
    if (from + 2 > data.length) wrong()
    const distance = data.readUInt16LE(from)
    from += 2
    const length = lengthOf(token & 15) + 4
    if (distance === 0 || distance > to || to + length > size) wrong()
    for (let index = 0; index < length; index++) out[to + index] = out[to + index - distance]!
    to += length
  }
  return to === size ? out : wrong()
}

/** Sizes in front of each block where Hadoop wrote it, else one bare block. */
export function lz4FramedDecompress(data: Buffer, size: number): Buffer {
  return framed(data, size) ?? lz4Decompress(data, size)
}

function framed(data: Buffer, size: number): Buffer | undefined {
  const parts: Buffer[] = []
  let total = 0
  for (let at = 0; at < data.length; ) {
    if (at + 8 > data.length) return undefined
    const plain = data.readUInt32BE(at)
    const packed = data.readUInt32BE(at + 4)
    at += 8
    total += plain
    if (at + packed > data.length || total > size) return undefined
    try {
      parts.push(lz4Decompress(data.subarray(at, at + packed), plain))
    } catch {
      return undefined
    }
    at += packed
  }
  return total === size ? Buffer.concat(parts) : undefined
}
