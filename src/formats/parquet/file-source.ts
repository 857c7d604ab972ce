/** The bytes of a file from any place in it: by ranges where the reader has them, else collected up to a limit. */
import { PortcullisError } from '../../domain/errors.ts'
import type { GuardOptions } from '../format.ts'
import { beyondLimit, corrupt } from '../record-stream/format-errors.ts'
import { aheadBytesMax, collectedBytesMax } from './limits.ts'
import type { WorkShare } from './work-budget.ts'

export type FileSource = {
  readonly size: number
  /** Exactly these bytes; those behind them may be read ahead. @throws format.corrupt where the file is shorter */
  read(start: number, end: number): Promise<Buffer>
  /** As `read`, and nothing is read ahead or kept: for bytes that are given on as they are. */
  pass(start: number, end: number): Promise<Buffer>
}

/** Read ahead first, in bytes; four times as many each time that a read goes on where the last one ended. */
const aheadBytesFirst = 64 * 1024
/** Bytes between two reads that still go on. */
const gapBytesMax = 64 * 1024

export async function openFileSource(
  bytes: AsyncIterable<Uint8Array>,
  { ranges, signal }: GuardOptions,
  share: WorkShare,
): Promise<FileSource> {
  signal.throwIfAborted()
  if (ranges === undefined) return collected(await collect(bytes, signal, share))
  const { size } = ranges
  if (!Number.isSafeInteger(size) || size < 0) throw new PortcullisError('source.unavailable')
  async function pass(start: number, end: number): Promise<Buffer> {
    signal.throwIfAborted()
    if (start < 0 || end > size || start > end) throw corrupt(start, 'a place beyond the end of the file')
    const part = await ranges!.read(start, end)
    signal.throwIfAborted()
    if (part.length !== end - start) throw corrupt(start, 'fewer bytes than the file should have')
    return Buffer.from(part.buffer, part.byteOffset, part.byteLength)
  }
  return { size, pass, read: readingAhead(size, pass, share) }
}

type Held = { readonly start: number; readonly end: number; readonly bytes: Buffer }
const none: Held = { start: 0, end: 0, bytes: Buffer.alloc(0) }

/** Small columns lie side by side, and each read of a part may be a request over the network. */
function readingAhead(size: number, pass: FileSource['pass'], share: WorkShare): FileSource['read'] {
  let held: Held = none
  let ahead = 0
  /** Where the read before ended. */
  let last = -1
  return async (start, end) => {
    const goesOn = last >= 0 && start >= last && start - last <= gapBytesMax
    last = end
    if (start >= held.start && end <= held.end && start <= end)
      // a copy: what is kept of it must not keep all that was read
      return Buffer.from(held.bytes.subarray(start - held.start, end - held.start))
    ahead = goesOn ? Math.min(aheadBytesMax, Math.max(aheadBytesFirst, 4 * ahead)) : 0
    const until = Math.min(size, start + ahead)
    if (start > end || until <= end || !share.mayHold('file', aheadBytesMax)) return pass(start, end)
    held = none
    const bytes = await pass(start, until)
    held = { start, end: until, bytes }
    return Buffer.from(bytes.subarray(0, end - start))
  }
}

function collected(whole: Buffer): FileSource {
  async function read(start: number, end: number): Promise<Buffer> {
    if (start < 0 || end > whole.length || start > end) throw corrupt(start, 'a place beyond the end of the file')
    return whole.subarray(start, end)
  }
  return { size: whole.length, read, pass: read }
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
