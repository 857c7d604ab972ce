/** The codecs of container blocks: each decompresses within a limit, and compresses what has been changed. */
import { promisify } from 'node:util'
import {
  crc32,
  deflateRaw,
  deflateRawSync,
  type InputType,
  inflateRaw,
  inflateRawSync,
  type ZlibOptions,
} from 'node:zlib'
import { beyondLimit, blockBytesMax, corrupt } from './limits.ts'
import { snappyCompress, snappyDecompress } from './snappy.ts'
import { zstandardCompress, zstandardDecompress } from './zstandard.ts'

export type Codec = {
  /** @throws AvroFault */
  decompress(data: Buffer): Buffer | Promise<Buffer>
  compress(content: Buffer): Buffer | Promise<Buffer>
}

/** From this size on, a block is worth the way to another thread, in bytes. */
const threadBytesMin = 256 * 1024

const crcBytes = 4

type Inflated = { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } }
const inflateInThread = promisify(
  inflateRaw as (data: InputType, options: ZlibOptions, done: (error: Error | null, inflated: Buffer) => void) => void,
)
const deflateInThread = promisify(
  deflateRaw as (data: InputType, options: ZlibOptions, done: (error: Error | null, deflated: Buffer) => void) => void,
)
/** Half the time of the usual level, for a tenth more bytes. */
const deflateOptions = { level: 1 }
const inflateOptions = { maxOutputLength: blockBytesMax, info: true }

const deflate: Codec = {
  decompress(data) {
    if (data.length >= threadBytesMin)
      return inflateInThread(data, inflateOptions).then((done) => inflated(data, done), fail)
    try {
      return inflated(data, inflateRawSync(data, inflateOptions))
    } catch (thrown) {
      return fail(thrown)
    }
  },
  compress: (content) =>
    content.length >= threadBytesMin
      ? deflateInThread(content, deflateOptions)
      : deflateRawSync(content, deflateOptions),
}

function inflated(data: Buffer, done: unknown): Buffer {
  const { buffer, engine } = done as Inflated
  const rest = data.subarray(engine.bytesWritten)
  // Python's writers cut zlib's wrapper off and leave three bytes of its checksum
  if (rest.length > 0 && !(rest.length <= 4 && rest.equals(adler32(buffer).subarray(0, rest.length)))) throw corrupt(0)
  return buffer
}

/** Bytes that may be added up before the sums exceed 32 bits. */
const adlerRun = 5552
const adlerBase = 65_521

function adler32(content: Buffer): Buffer {
  let low = 1
  let high = 0
  for (let start = 0; start < content.length; start += adlerRun) {
    const end = Math.min(start + adlerRun, content.length)
    for (let index = start; index < end; index++) {
      low += content[index]!
      high += low
    }
    low %= adlerBase
    high %= adlerBase
  }
  const sum = Buffer.alloc(4)
  sum.writeUInt16BE(high, 0)
  sum.writeUInt16BE(low, 2)
  return sum
}

function fail(thrown: unknown): never {
  throw (thrown as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE' ? beyondLimit(0) : corrupt(0)
}

const none: Codec = { decompress: (data) => data, compress: (content) => content }

/** Behind the compressed bytes stands the CRC-32 of what they decompress to. */
const snappy: Codec = {
  decompress(data) {
    if (data.length < crcBytes) throw corrupt(0)
    const content = snappyDecompress(data.subarray(0, -crcBytes))
    if (crc32(content) !== data.readUInt32BE(data.length - crcBytes)) throw corrupt(0)
    return content
  },
  compress(content) {
    const crc = Buffer.alloc(crcBytes)
    crc.writeUInt32BE(crc32(content))
    return Buffer.concat([snappyCompress(content), crc])
  },
}

const codecs: ReadonlyMap<string, Codec> = new Map<string, Codec>([
  ['null', none],
  ['deflate', deflate],
  ['snappy', snappy],
  ['zstandard', { decompress: zstandardDecompress, compress: zstandardCompress }],
])

export function codecOf(name: string): Codec | undefined {
  return codecs.get(name)
}
