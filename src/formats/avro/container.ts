/** The Avro container file: header, then blocks of records between sync markers. Pulls the bytes as they are asked for and holds one block. */
import { isUtf8 } from 'node:buffer'
import type { Cursor } from './bytes.ts'
import { readCount } from './bytes.ts'
import { AvroFault, blockBytesMax, faultAt, headerBytesMax } from './limits.ts'
import { readItems, take } from './value.ts'

export type Header = {
  /** As it lies in the file, the sync marker at its end. */
  readonly bytes: Buffer
  /** UTF-8. */
  readonly schema: Buffer
  readonly codec: string
  readonly sync: Buffer
  /** Whether it says more than schema and codec. */
  readonly saysMore: boolean
}

export type Block = {
  /** Where in the file the block and where its content begin. */
  readonly offset: number
  readonly dataOffset: number
  readonly count: number
  readonly data: Buffer
  /** All of it: counts, data, sync marker. */
  readonly bytes: Buffer
}

export type Container = {
  header(): Promise<Header>
  /** Waits until a whole block is at hand; false at the clean end of the file. */
  ready(): Promise<boolean>
  /** The block at hand. */
  take(): Block
  /** All blocks at hand, and how many records they say they hold. */
  takeRun(): { readonly bytes: Buffer; readonly count: number }
  close(): Promise<void>
}

const magic = Buffer.from('Obj\u0001', 'latin1')
const syncBytes = 16
/** Two numbers of at most ten bytes. */
const blockHeadBytesMax = 20

export function createContainer(source: AsyncIterable<Uint8Array>, signal: AbortSignal): Container {
  const chunks = source[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  /** The rest of the last chunk, behind what is held. */
  let pending: Buffer = held
  /** Offset in the file of the first byte held. */
  let offset = 0
  let ended = false
  let sync: Buffer = Buffer.alloc(0)

  return { header, ready, take: takeBlock, takeRun, close }

  /** Holds at least `size` bytes, unless the file ends before. Only what lies across two chunks is copied. */
  async function hold(size: number): Promise<void> {
    if (held.length >= size) return
    const parts: Buffer[] = held.length === 0 ? [] : [held]
    let length = held.length
    while (length < size && (pending.length > 0 || (await pull()))) {
      const part = length === 0 ? pending : pending.subarray(0, size - length)
      pending = pending.subarray(part.length)
      parts.push(part)
      length += part.length
    }
    held = parts.length === 1 ? parts[0]! : Buffer.concat(parts, length)
  }

  async function pull(): Promise<boolean> {
    while (!ended) {
      signal.throwIfAborted()
      const chunk = await chunks.next()
      signal.throwIfAborted()
      if (chunk.done) ended = true
      else if (chunk.value.length > 0) {
        const { buffer, byteOffset, length } = chunk.value
        pending = Buffer.from(buffer, byteOffset, length)
        return true
      }
    }
    return false
  }

  function release(size: number): Buffer {
    const bytes = held.subarray(0, size)
    held = held.subarray(size)
    offset += size
    return bytes
  }

  async function header(): Promise<Header> {
    let wanted = 16 * 1024
    for (;;) {
      await hold(wanted)
      if (!held.subarray(0, magic.length).equals(magic.subarray(0, held.length)) || held.length === 0)
        throw faultAt('corrupt', 0)
      const parsed = parseHeader(held)
      if (parsed !== undefined) {
        const bytes = release(parsed.size)
        sync = bytes.subarray(bytes.length - syncBytes)
        const { schema, codec, saysMore } = parsed
        return { bytes, schema, codec, sync, saysMore }
      }
      if (held.length < wanted) throw faultAt('corrupt', held.length)
      if (held.length >= headerBytesMax) throw faultAt('limit', headerBytesMax)
      wanted = held.length * 2
    }
  }

  async function ready(): Promise<boolean> {
    if (completeBlock() !== undefined) return true
    await hold(blockHeadBytesMax)
    if (held.length === 0) return false
    const head = blockHead()
    if (head === undefined) throw faultAt('corrupt', offset + held.length)
    await hold(head.headBytes + head.size + syncBytes)
    if (completeBlock() === undefined) throw faultAt('corrupt', offset + held.length)
    return true
  }

  function takeBlock(): Block {
    const block = completeBlock()
    if (block === undefined) throw new Error('taken before it was ready')
    const { headBytes, size, count } = block
    const dataEnd = headBytes + size
    if (!held.subarray(dataEnd, dataEnd + syncBytes).equals(sync)) throw faultAt('corrupt', offset + dataEnd)
    const start = offset
    const bytes = release(dataEnd + syncBytes)
    return { offset: start, dataOffset: start + headBytes, count, data: bytes.subarray(headBytes, dataEnd), bytes }
  }

  function takeRun() {
    const all = held
    const start = offset
    let count = 0
    do count += takeBlock().count
    while (completeBlock() !== undefined)
    return { bytes: all.subarray(0, offset - start), count }
  }

  function completeBlock() {
    const head = blockHead()
    return head !== undefined && held.length >= head.headBytes + head.size + syncBytes ? head : undefined
  }

  /** Undefined where the numbers are cut off by the end of what is held. */
  function blockHead(): { readonly count: number; readonly size: number; readonly headBytes: number } | undefined {
    const cursor: Cursor = { bytes: held, position: 0, end: Math.min(held.length, blockHeadBytesMax) }
    const count = numberAt(cursor)
    const size = count === undefined ? undefined : numberAt(cursor)
    if (count === undefined || size === undefined) return undefined
    if (size > blockBytesMax || count > 2 ** 31) throw faultAt('limit', offset)
    return { count, size, headBytes: cursor.position }
  }

  function numberAt(cursor: Cursor): number | undefined {
    const start = cursor.position
    let at = start
    while (at < cursor.end && held[at]! >= 0x80) at++
    if (at === held.length) return undefined
    try {
      const value = readCount(cursor)
      if (value >= 0) return value
    } catch (thrown) {
      if (!(thrown instanceof AvroFault)) throw thrown
    }
    throw faultAt('corrupt', offset + start)
  }

  async function close(): Promise<void> {
    held = Buffer.alloc(0)
    pending = held
    if (!ended) await chunks.return?.()
    ended = true
  }
}

/** Undefined where the header goes on behind the bytes given. */
function parseHeader(
  bytes: Buffer,
): (Pick<Header, 'schema' | 'codec' | 'saysMore'> & { readonly size: number }) | undefined {
  const cursor: Cursor = { bytes, position: magic.length, end: bytes.length }
  const metadata = new Map<string, Buffer>()
  try {
    readItems(cursor, () => {
      const start = cursor.position
      const key = part(cursor).toString('utf8')
      if (metadata.has(key)) throw faultAt('corrupt', start)
      metadata.set(key, part(cursor))
    })
  } catch (thrown) {
    if (thrown instanceof AvroFault && (thrown.kind === 'limit' || bytes.length - thrown.position < 10))
      return undefined
    throw thrown instanceof AvroFault ? faultAt('corrupt', thrown.position) : thrown
  }
  const size = cursor.position + syncBytes
  if (size > bytes.length) return undefined
  const schema = metadata.get('avro.schema')
  if (schema === undefined || !isUtf8(schema)) throw faultAt('corrupt', magic.length)
  const codec = metadata.get('avro.codec')
  const saysMore = metadata.size > (codec === undefined ? 1 : 2)
  return { size, schema, codec: codec?.toString('latin1') ?? 'null', saysMore }
}

function part(cursor: Cursor): Buffer {
  const start = cursor.position
  const length = readCount(cursor)
  if (length < 0) throw faultAt('corrupt', start)
  if (length > headerBytesMax) throw faultAt('limit', start)
  // the kind that means: more bytes are needed
  if (cursor.position + length > cursor.end) throw new AvroFault('limit', start)
  return take(cursor, length)
}
