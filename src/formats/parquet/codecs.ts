/** Compression of pages: each codec decompresses to exactly the size that is said, and what is written again is in the same codec where it can be. */
import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync, gzipSync } from 'node:zlib'
import { snappyCompress, snappyDecompress } from '../avro/snappy.ts'
import { zstandardDecompress } from '../avro/zstandard.ts'
import { corrupt } from '../record-stream/format-errors.ts'
import { unsupported } from './limits.ts'
import { lz4Decompress, lz4FramedDecompress } from './lz4.ts'

export type Codec = {
  /** May throw anything where the bytes are wrong; `size` is the most that may come. */
  decompress(data: Buffer, size: number): Buffer
  /** The codec to be named where it is compressed again, and how. */
  readonly writes: number
}

export const codecIds = { none: 0, snappy: 1, gzip: 2, brotli: 4, lz4: 5, zstandard: 6, lz4Raw: 7 } as const

const codecs: ReadonlyMap<number, Codec> = new Map<number, Codec>([
  [codecIds.none, { decompress: (data) => data, writes: codecIds.none }],
  [codecIds.snappy, { decompress: snappyDecompress, writes: codecIds.snappy }],
  [
    codecIds.gzip,
    { decompress: (data, size) => gunzipSync(data, { maxOutputLength: Math.max(size, 1) }), writes: codecIds.gzip },
  ],
  [
    codecIds.brotli,
    {
      decompress: (data, size) => brotliDecompressSync(data, { maxOutputLength: Math.max(size, 1) }),
      writes: codecIds.brotli,
    },
  ],
  // Node 20 can write none of these
  [codecIds.zstandard, { decompress: zstandardDecompress, writes: codecIds.snappy }],
  [codecIds.lz4, { decompress: lz4FramedDecompress, writes: codecIds.snappy }],
  [codecIds.lz4Raw, { decompress: lz4Decompress, writes: codecIds.snappy }],
])

/** @throws format.unknown */
export function codecOf(id: number): Codec {
  const codec = codecs.get(id)
  if (codec === undefined) throw unsupported('a codec of its own')
  return codec
}

/** @throws format.corrupt */
export function decompress(codec: Codec, data: Buffer, size: number, offset: number): Buffer {
  if (size === 0) return Buffer.alloc(0)
  let content: Buffer | undefined
  try {
    content = codec.decompress(data, size)
  } catch {
    // libraries' own errors may say anything
    content = undefined
  }
  if (content?.length !== size) throw corrupt(offset, 'a page that cannot be decompressed')
  return content
}

const quality = { level: 1 }
const brotliQuality = { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } }

export function compress(id: number, content: Buffer): Buffer {
  switch (id) {
    case codecIds.snappy:
      return snappyCompress(content)
    case codecIds.gzip:
      return gzipSync(content, quality)
    case codecIds.brotli:
      return brotliCompressSync(content, brotliQuality)
    default:
      return content
  }
}
