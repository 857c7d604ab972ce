/** Reads files below the configured roots. What is read is the file as it was when opened: one that changes under the reader fails the read. */
import type { Stats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { PortcullisError } from '../../domain/errors.ts'
import type { Reader, Source } from '../reader.ts'
import { fileError, openRooted } from './rooted-file.ts'

/** Bytes asked of the system at once: many, and the next of them ahead, while few read, which is fast; few while many do, which is small. */
const chunkBytes = { few: 128 * 1024, many: 512 * 1024 } as const
/** Readers under way from which on each gets few. */
const readersMany = 8

export function createFileReader(): Reader {
  let underWay = 0
  const pace = {
    begin: () => void underWay++,
    end: () => void underWay--,
    isFast: () => underWay < readersMany,
  }
  return {
    scheme: 'file',
    async open(place, { start = 0, end, signal }): Promise<Source> {
      signal.throwIfAborted()
      const { handle, stats } = await openRooted(place.root, place.path)
      const { size } = stats
      const version = versionOf(stats)
      return {
        bytes: read(handle, { start, end: Math.min(end ?? size, size), version, signal }, pace),
        size,
        version,
      }
    },
  }
}

type Range = { readonly start: number; readonly end: number; readonly version: string; readonly signal: AbortSignal }

type Pace = { begin(): void; end(): void; isFast(): boolean }

function read(handle: FileHandle, range: Range, pace: Pace): AsyncIterable<Uint8Array> & AsyncDisposable {
  let closed: Promise<void> | undefined
  const close = () => (closed ??= handle.close())
  // a source that is opened but never iterated is closed by the signal
  const onAbort = () => void close().catch(() => undefined)
  range.signal.addEventListener('abort', onAbort, { once: true })
  let position = range.start
  async function next(): Promise<Buffer | undefined> {
    if (position >= range.end) return undefined
    range.signal.throwIfAborted()
    const size = pace.isFast() ? chunkBytes.many : chunkBytes.few
    const buffer = Buffer.allocUnsafeSlow(Math.min(size, range.end - position))
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position)
    if (bytesRead === 0) throw new PortcullisError('source.changed')
    position += bytesRead
    // the last chunk is given only when the file is still the one that was opened
    if (position >= range.end) await assertUnchanged(handle, range.version)
    return bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead)
  }
  async function* chunks(): AsyncGenerator<Uint8Array> {
    pace.begin()
    try {
      let chunk = await next()
      while (chunk !== undefined) {
        range.signal.throwIfAborted()
        // read while the one before is worked on
        const ahead = pace.isFast() ? next() : undefined
        // whoever asks for it learns what was wrong
        ahead?.catch(() => undefined)
        yield chunk
        chunk = await (ahead ?? next())
      }
    } catch (thrown) {
      range.signal.throwIfAborted()
      throw fileError(thrown)
    } finally {
      pace.end()
      range.signal.removeEventListener('abort', onAbort)
      await close()
    }
  }
  return Object.assign(chunks(), { [Symbol.asyncDispose]: close })
}

async function assertUnchanged(handle: FileHandle, version: string): Promise<void> {
  if (versionOf(await handle.stat()) !== version) throw new PortcullisError('source.changed')
}

const versionOf = ({ ino, size, mtimeMs }: Stats) => `${ino}:${size}:${mtimeMs}`
