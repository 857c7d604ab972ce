/** Decompresses the record batches of Kafka: gzip, snappy, lz4 and zstandard, each within a limit. */
import { gunzipSync } from 'node:zlib'
import { Decompress } from 'fzstd'
import { snappyUncompress } from 'hyparquet'
import { PortcullisError } from '../../domain/errors.ts'
import { lz4Decompress } from './lz4-frame.ts'

/** Of one batch, decompressed, in bytes. */
export const batchBytesMax = 64 * 1024 * 1024

const beyondLimit = () => new PortcullisError('format.limit')

const codecs: readonly ((data: Buffer, bytesMax: number) => Buffer)[] = [
  (data) => data,
  (data, bytesMax) => gunzipSync(data, { maxOutputLength: bytesMax }),
  unsnappy,
  lz4Decompress,
  unzstandard,
]

/** @throws format.corrupt, format.limit; format.unknown for a codec that no broker has */
export function decompress(codec: number, data: Buffer, bytesMax = batchBytesMax): Buffer {
  const run = codecs[codec]
  if (run === undefined) throw new PortcullisError('format.unknown')
  try {
    return run(data, bytesMax)
  } catch (thrown) {
    if (thrown instanceof PortcullisError) throw thrown
    // libraries may quote what they were given
    const isTooLarge = Reflect.get(Object(thrown), 'code') === 'ERR_BUFFER_TOO_LARGE'
    throw isTooLarge ? beyondLimit() : new PortcullisError('format.corrupt')
  }
}

/** What Java's stream begins with: its magic, and two versions. */
const javaSnappyMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const javaSnappyHeaderBytes = 16

function unsnappy(data: Buffer, bytesMax: number): Buffer {
  if (!data.subarray(0, javaSnappyMagic.length).equals(javaSnappyMagic)) return rawSnappy(data, bytesMax)
  const parts: Buffer[] = []
  let left = bytesMax
  for (let at = javaSnappyHeaderBytes; at < data.length; ) {
    const length = data.readInt32BE(at)
    at += 4
    if (length < 0 || at + length > data.length) throw new RangeError('beyond the end')
    const part = rawSnappy(data.subarray(at, at + length), left)
    at += length
    left -= part.length
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function rawSnappy(data: Buffer, bytesMax: number): Buffer {
  let length = 0
  for (let index = 0; ; index++) {
    if (index > 4 || index >= data.length) throw new RangeError('beyond the end')
    length += (data[index]! & 0x7f) * 2 ** (7 * index)
    if (data[index]! < 0x80) break
  }
  if (length > bytesMax) throw beyondLimit()
  const out = Buffer.alloc(length)
  snappyUncompress(data, out)
  return out
}

const zstandardMagic = 0xfd2fb528

function unzstandard(data: Buffer, bytesMax: number): Buffer {
  if (zstandardMemory(data) > bytesMax) throw beyondLimit()
  const parts: Uint8Array[] = []
  let length = 0
  const stream = new Decompress((part) => {
    length += part.length
    if (length > bytesMax) throw beyondLimit()
    parts.push(part)
  })
  stream.push(data, true)
  return Buffer.concat(parts, length)
}

/** The library allocates what the header of the frame asks for, in bytes. */
function zstandardMemory(data: Buffer): number {
  if (data.readUInt32LE(0) !== zstandardMagic) throw new RangeError('not a frame')
  const flags = data.readUInt8(4)
  const isSingle = (flags & 0x20) !== 0
  if (!isSingle) {
    const window = data.readUInt8(5)
    return 2 ** (10 + (window >>> 3)) * (1 + (window & 7) / 8)
  }
  const from = 5 + [0, 1, 2, 4][flags & 3]!
  const kind = flags >>> 6
  if (kind === 0) return data.readUInt8(from)
  if (kind === 1) return data.readUInt16LE(from) + 256
  return kind === 2 ? data.readUInt32LE(from) : Number(data.readBigUInt64LE(from))
}
