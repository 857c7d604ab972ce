/** Zstandard for the codec of that name: frames are checked and decompressed; what was changed goes out in frames of stored blocks, since Node 20 has no compressor. */
import { Decompress } from 'fzstd'
import { beyondLimit, blockBytesMax, corrupt } from './limits.ts'

const magic = 0xfd2fb528
/** A block of a frame, decompressed, in bytes. */
const frameBlockBytesMax = 128 * 1024

/** @throws AvroFault */
export function zstandardDecompress(data: Buffer): Buffer {
  const contentSize = checkFrame(data)
  const parts: Uint8Array[] = []
  let length = 0
  const frame = new Decompress((part) => {
    length += part.length
    if (length > blockBytesMax) throw beyondLimit(0)
    parts.push(part)
  })
  try {
    frame.push(data, true)
  } catch (thrown) {
    // the library's own errors carry no more than that it is wrong
    throw length > blockBytesMax ? thrown : corrupt(0)
  }
  if (contentSize !== undefined && contentSize !== length) throw corrupt(0)
  return Buffer.concat(parts, length)
}

/** Exactly one frame, whose window and content are within limits: the library allocates what the header asks for. Answers the size of the content, where that is given. */
function checkFrame(data: Buffer): number | undefined {
  if (data.length < 6 || data.readUInt32LE(0) !== magic) throw corrupt(0)
  const flags = data[4]!
  const single = (flags & 0x20) !== 0
  const dictionaryBytes = [0, 1, 2, 4][flags & 3]!
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][flags >>> 6]!
  // a reserved bit, or a dictionary that nobody has
  if ((flags & 0x08) !== 0 || dictionaryBytes !== 0) throw corrupt(4)
  let position = single ? 5 : 6
  if (position + sizeBytes > data.length) throw corrupt(4)
  const contentSize = sizeBytes === 0 ? undefined : sizeAt(data, position, sizeBytes)
  const window = single ? contentSize! : windowOf(data[5]!)
  if (window > blockBytesMax || (contentSize ?? 0) > blockBytesMax) throw beyondLimit(4)
  position += sizeBytes
  for (let last = false; !last; ) {
    if (position + 3 > data.length) throw corrupt(position)
    const head = data.readUIntLE(position, 3)
    const [kind, size] = [(head >>> 1) & 3, head >>> 3]
    if (kind === 3 || size > frameBlockBytesMax) throw corrupt(position)
    last = (head & 1) === 1
    position += 3 + (kind === 1 ? 1 : size)
  }
  const end = position + ((flags & 0x04) === 0 ? 0 : 4)
  if (end !== data.length) throw corrupt(Math.min(end, data.length))
  return contentSize
}

function sizeAt(data: Buffer, position: number, bytes: number): number {
  if (bytes === 8) return Number(data.readBigUInt64LE(position))
  return data.readUIntLE(position, bytes) + (bytes === 2 ? 256 : 0)
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3))
  return base + (base / 8) * (descriptor & 7)
}

export function zstandardCompress(content: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUInt32LE(magic, 0)
  // one segment, its size in four bytes
  head[4] = 0xa0
  head.writeUInt32LE(content.length, 5)
  const parts: Buffer[] = [head]
  let start = 0
  do {
    const end = Math.min(start + frameBlockBytesMax, content.length)
    const blockHead = Buffer.alloc(3)
    blockHead.writeUIntLE(((end - start) << 3) | (end === content.length ? 1 : 0), 0, 3)
    parts.push(blockHead, content.subarray(start, end))
    start = end
  } while (start < content.length)
  return Buffer.concat(parts)
}
