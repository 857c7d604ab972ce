/** The bytes of a file from any place in it: by ranges where the reader has them, else collected up to a limit. */
import { PortcullisError } from '../../domain/errors.ts'
import type { GuardOptions } from '../format.ts'
import { beyondLimit, corrupt } from '../record-stream/format-errors.ts'
import { collectedBytesMax } from './limits.ts'
import type { WorkShare } from './work-budget.ts'

export type FileSource = {
  readonly size: number
  /** Exactly these bytes. @throws format.corrupt where the file is shorter */
  read(start: number, end: number): Promise<Buffer>
}

export async function openFileSource(
  bytes: AsyncIterable<Uint8Array>,
  { ranges, signal }: GuardOptions,
  share: WorkShare,
): Promise<FileSource> {
  signal.throwIfAborted()
  if (ranges === undefined) return collected(await collect(bytes, signal, share))
  const { size } = ranges
  if (!Number.isSafeInteger(size) || size < 0) throw new PortcullisError('source.unavailable')
  return {
    size,
    async read(start, end) {
      signal.throwIfAborted()
      if (start < 0 || end > size || start > end) throw corrupt(start, 'a place beyond the end of the file')
      const part = await ranges.read(start, end)
      signal.throwIfAborted()
      if (part.length !== end - start) throw corrupt(start, 'fewer bytes than the file should have')
      return Buffer.from(part.buffer, part.byteOffset, part.byteLength)
    },
  }
}

function collected(whole: Buffer): FileSource {
  return {
    size: whole.length,
    async read(start, end) {
      if (start < 0 || end > whole.length || start > end) throw corrupt(start, 'a place beyond the end of the file')
      return whole.subarray(start, end)
    },
  }
}

async function collect(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal, share: WorkShare): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of bytes) {
    signal.throwIfAborted()
    size += part.length
    if (size > collectedBytesMax) throw beyondLimit(size, 'a file that is too large to be held')
    await share.hold('file', size, signal)
    parts.push(part)
  }
  return Buffer.concat(parts, size)
}
