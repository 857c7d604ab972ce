/** The lines of one file of an audit log: plain, gzipped (told by its first bytes), or standard input; many at a time, none of them held longer. */
import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { PortcullisError } from '../../domain/errors.ts'
import type { LogFile } from './log-files.ts'

/** An event must fit into a message of a broker, so a longer line is none. In bytes. */
export const lineBytesMax = 8 * 1024 * 1024
const readBytes = 256 * 1024
const newline = 0x0a

export type LineDamage = 'too_long' | 'not_utf8' | 'cut_short' | 'rest_missing'

export type LogLine =
  | { readonly number: number; readonly text: string; readonly ended: boolean }
  | { readonly number: number; readonly damage: LineDamage }

export type LineSources = { readonly stdin: NodeJS.ReadableStream }

/** Where the compression of a file is damaged or ends early, the last line is `rest_missing`. @throws config.invalid where it is compressed in another way; what the system says */
export async function* linesOf(file: LogFile, sources: LineSources): AsyncGenerator<readonly LogLine[]> {
  const source = file.path === '-' ? sources.stdin : createReadStream(file.path, { highWaterMark: readBytes })
  const splitter = createSplitter()
  try {
    for await (const chunk of await unpacked(source as AsyncIterable<Buffer>, file.name)) {
      const lines = splitter.take(chunk)
      if (lines.length > 0) yield lines
    }
  } catch (thrown) {
    if (!isDamage(thrown)) throw thrown
    yield [splitter.broken()]
    return
  }
  const last = splitter.end()
  if (last !== undefined) yield [last]
}

/** @throws config.invalid */
async function unpacked(source: AsyncIterable<Buffer>, name: string): Promise<AsyncIterable<Buffer>> {
  const chunks = source[Symbol.asyncIterator]()
  const head: Buffer[] = []
  let length = 0
  while (length < magicBytesMax) {
    const next = await chunks.next()
    if (next.done === true) break
    head.push(next.value)
    length += next.value.length
  }
  const begin = Buffer.concat(head)
  const other = otherCompressions.find(({ magic }) => begin.subarray(0, magic.length).equals(magic))
  if (other !== undefined) {
    await chunks.return?.()
    throw new PortcullisError('config.invalid', {
      message: `${name}: is compressed by ${other.by}; unpack it first: ${other.by} -dc FILE | portcullis audit … -`,
    })
  }
  async function* whole(): AsyncGenerator<Buffer> {
    try {
      if (begin.length > 0) yield begin
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value
    } finally {
      await chunks.return?.()
    }
  }
  if (!begin.subarray(0, gzip.length).equals(gzip)) return whole()
  const packed = Readable.from(whole(), { objectMode: false })
  // what goes wrong is thrown to whoever reads the lines
  return pipeline(packed, createGunzip({ chunkSize: readBytes }), () => undefined)
}

const gzip = Buffer.from([0x1f, 0x8b])
const otherCompressions = [
  { by: 'zstd', magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]) },
  { by: 'xz', magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) },
  { by: 'bzip2', magic: Buffer.from('BZh') },
] as const
const magicBytesMax = 6

/** Of what is compressed: its end is missing, or its bytes are wrong. */
function isDamage(thrown: unknown): boolean {
  const code = (thrown as NodeJS.ErrnoException | undefined)?.code
  return code === 'Z_BUF_ERROR' || code === 'Z_DATA_ERROR'
}

function createSplitter() {
  let number = 0
  let begun: Buffer[] = []
  let begunLength = 0

  function keep(part: Buffer): void {
    begunLength += part.length
    // a line that is too long is counted on, but not held
    if (begunLength <= lineBytesMax) begun.push(part)
    else begun = []
  }

  function close(ended: boolean): LogLine {
    number++
    const isTooLong = begunLength > lineBytesMax
    const bytes = begun.length === 1 ? begun[0]! : Buffer.concat(begun)
    begun = []
    begunLength = 0
    if (isTooLong) return { number, damage: 'too_long' }
    return isUtf8(bytes) ? { number, text: bytes.toString('utf8'), ended } : { number, damage: 'not_utf8' }
  }

  return {
    take(chunk: Buffer): readonly LogLine[] {
      const lines: LogLine[] = []
      let start = 0
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
        keep(chunk.subarray(start, end))
        lines.push(close(true))
        start = end + 1
      }
      if (start < chunk.length) keep(chunk.subarray(start))
      return lines
    },
    end: (): LogLine | undefined => (begunLength === 0 ? undefined : close(false)),
    broken: (): LogLine => ({ number: number + 1, damage: 'rest_missing' }),
  }
}
