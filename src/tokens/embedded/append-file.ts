/** A file of records that only grows: on disk when an append resolves, and after a crash whole up to its last record. */
import { createReadStream } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'

/** The first line. A file always begins with it whole, since files come into being by being renamed. */
const header = Buffer.from('portcullis records 1\n')
/** Records in one line where many are written at once. */
const lineRecordsMax = 500
/** Longest line that is read, in bytes: what is longer is no line of ours. */
const lineLengthMax = 1 << 30
const newline = 10
const checksumLength = 8

export type AppendFile = AsyncDisposable & {
  /** In bytes. */
  readonly length: number
  /** JSON texts, written and synced together with those that come while the disk is busy. When it rejects, the record is not in the file. */
  append(record: string): Promise<void>
  /** Exchanges the content as a whole: after a crash there is the old one or the new one. Appends wait their turn. */
  replace(records: Iterable<string>): Promise<void>
}

/** Calls back with all records in their order. A last line that is not whole was never acknowledged and is passed over. */
export async function readRecords(
  path: string,
  take: (record: unknown) => void,
): Promise<'absent' | 'whole' | 'damaged'> {
  let rest: Buffer[] = []
  let lines = 0
  let torn = false
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      let from = 0
      for (let to = chunk.indexOf(newline); to >= 0; to = chunk.indexOf(newline, from)) {
        const line = Buffer.concat([...rest, chunk.subarray(from, to)])
        rest = []
        from = to + 1
        const records = lines++ === 0 ? undefined : decodeLine(line)
        if (lines === 1 && !line.equals(header.subarray(0, -1))) return 'damaged'
        // a line is only begun when the one before it is on disk
        if (records !== undefined && torn) return 'damaged'
        if (lines > 1 && records === undefined) torn = true
        for (const record of records ?? []) take(record)
      }
      rest.push(chunk.subarray(from))
      if (rest.reduce((length, { byteLength }) => length + byteLength, 0) > lineLengthMax) return 'damaged'
    }
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return 'absent'
    throw thrown
  }
  return lines === 0 ? 'damaged' : 'whole'
}

/** Begins with these records, whatever the file held before. */
export async function createAppendFile(path: string, records: Iterable<string>): Promise<AppendFile> {
  let { handle, length } = await writeAnew(path, records)
  let closed = false
  let turn: Promise<unknown> = Promise.resolve()
  let gathering: { readonly records: string[]; readonly written: Promise<void> } | undefined

  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = turn.then(work)
    turn = result.catch(() => undefined)
    return result
  }

  async function write(records: readonly string[]): Promise<void> {
    const line = encodeLine(records)
    try {
      await writeWhole(handle, line, length)
      await handle.datasync()
      length += line.byteLength
    } catch (thrown) {
      // what was refused must not come back after a restart
      await handle.truncate(length).catch(() => undefined)
      throw thrown
    }
  }

  return {
    get length() {
      return length
    },
    append(record) {
      if (closed) return Promise.reject(new Error('closed'))
      if (gathering === undefined) {
        const records: string[] = []
        const written = inTurn(() => {
          gathering = undefined
          return write(records)
        })
        gathering = { records, written }
      }
      gathering.records.push(record)
      return gathering.written
    },
    replace: (records) =>
      inTurn(async () => {
        const anew = await writeAnew(path, records)
        await handle.close().catch(() => undefined)
        ;({ handle, length } = anew)
      }),
    async [Symbol.asyncDispose]() {
      if (closed) return
      closed = true
      await inTurn(() => handle.close())
    },
  }
}

async function writeAnew(path: string, records: Iterable<string>): Promise<{ handle: FileHandle; length: number }> {
  const next = `${path}.new`
  const handle = await open(next, 'w', 0o600)
  try {
    let length = await writeWhole(handle, header, 0)
    let line: string[] = []
    for (const record of records) {
      if (line.push(record) < lineRecordsMax) continue
      length += await writeWhole(handle, encodeLine(line), length)
      line = []
    }
    if (line.length > 0) length += await writeWhole(handle, encodeLine(line), length)
    await handle.sync()
    await rename(next, path)
    await syncFolder(dirname(path))
    return { handle, length }
  } catch (thrown) {
    await handle.close().catch(() => undefined)
    await rm(next, { force: true })
    throw thrown
  }
}

async function writeWhole(handle: FileHandle, bytes: Buffer, position: number): Promise<number> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done, position + done)
    done += bytesWritten
  }
  return bytes.byteLength
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function encodeLine(records: readonly string[]): Buffer {
  const text = `[${records.join(',')}]`
  return Buffer.from(`${checksumOf(text)} ${text}\n`)
}

function decodeLine(line: Buffer): readonly unknown[] | undefined {
  const text = line.subarray(checksumLength + 1)
  if (line.subarray(0, checksumLength + 1).toString('latin1') !== `${checksumOf(text)} `) return undefined
  return JSON.parse(text.toString()) as readonly unknown[]
}

function checksumOf(text: string | Buffer): string {
  return crc32(text).toString(16).padStart(checksumLength, '0')
}
