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
  deflateRaw as (data: InputType, done: (error: Error | null, deflated: Buffer) => void) => void,
)
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
  compress: (content) => (content.length >= threadBytesMin ? deflateInThread(content) : deflateRawSync(content)),
}

function inflated(data: Buffer, done: unknown): Buffer {
  const { buffer, engine } = done as Inflated
  if (engine.bytesWritten !== data.length) throw corrupt(0)
  return buffer
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

const codecs: ReadonlyMap<string, Codec> = new Map([
  ['null', none],
  ['deflate', deflate],
  ['snappy', snappy],
])

export function codecOf(name: string): Codec | undefined {
  return codecs.get(name)
}
