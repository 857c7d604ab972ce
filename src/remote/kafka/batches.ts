/** The record batches of a piece of a Kafka log (format 2): checked, decompressed, without what transactions took back. */
import { PortcullisError } from '../../domain/errors.ts'
import { decompress } from './codecs.ts'
import { crc32c } from './crc32c.ts'
import { type KafkaBytes, kafkaBytes } from './wire.ts'

/** `value` undefined: a tombstone. */
export type KafkaRecord = { readonly offset: number; readonly value: Buffer | undefined }

/** What is left of one batch; `next` is the offset behind it, also where nothing is left. */
export type KafkaBatch = { readonly records: readonly KafkaRecord[]; readonly next: number }

export type AbortedTransaction = { readonly producer: bigint; readonly first: number }

/** Offset and length, which the length does not count. */
const prefixBytes = 12
/** From the length to the records. */
const headBytes = 49
/** Where in a batch the bytes begin that its checksum is of. */
const checkedFrom = 21
const flags = { codec: 0x07, transactional: 0x10, control: 0x20 } as const
/** A record with neither key nor value. */
const recordBytesMin = 7
/** Kind of a control record that ends a transaction. */
const abortMarker = 0
const format = 2

/**
 * The log may break off in mid-batch; what is broken off is not given.
 * `aborted`: those that reach into this piece, in any order.
 * @throws format.corrupt, format.limit, format.unknown
 */
export function* kafkaBatches(log: Buffer, aborted: readonly AbortedTransaction[]): Generator<KafkaBatch> {
  const upcoming = [...aborted].sort((a, b) => a.first - b.first)
  const running = new Set<bigint>()
  for (let at = 0; at + prefixBytes <= log.length; ) {
    const length = log.readInt32BE(at + 8)
    if (length < headBytes) throw corrupt()
    const end = at + prefixBytes + length
    if (end > log.length) return
    const batch = read(log.subarray(at, end))
    at = end
    while (upcoming[0] !== undefined && upcoming[0].first < batch.next) running.add(upcoming.shift()!.producer)
    const { next, producer, records } = batch
    if (batch.isControl) {
      if (batch.isAbort) running.delete(producer)
      yield { next, records: [] }
    } else yield { next, records: batch.isTransactional && running.has(producer) ? [] : records }
  }
}

function read(batch: Buffer) {
  const bytes = kafkaBytes(batch)
  try {
    const first = bytes.int64()
    bytes.take(8)
    if (bytes.int8() !== format) throw new PortcullisError('format.unknown')
    if (bytes.int32() >>> 0 !== crc32c(batch.subarray(checkedFrom))) throw corrupt()
    const attributes = bytes.int16()
    const next = first + bytes.int32() + 1
    bytes.take(16)
    const producer = bytes.bigint64()
    bytes.take(6)
    const count = bytes.int32()
    const isControl = (attributes & flags.control) !== 0
    const content = decompress(attributes & flags.codec, bytes.take(bytes.rest()))
    if (count * recordBytesMin > content.length) throw corrupt()
    const records = kafkaBytes(content)
    return {
      next,
      producer,
      isControl,
      isTransactional: (attributes & flags.transactional) !== 0,
      isAbort: isControl && count > 0 && controlKind(records) === abortMarker,
      records: isControl ? [] : Array.from({ length: count }, () => record(records, first)),
    }
  } catch (thrown) {
    throw thrown instanceof RangeError ? corrupt() : thrown
  }
}

/** Length, attributes, times: nothing that is read here. */
function beginRecord(bytes: KafkaBytes): { readonly end: number; readonly delta: number } {
  const length = bytes.varint()
  const end = bytes.position() + length
  bytes.int8()
  bytes.varint()
  return { end, delta: bytes.varint() }
}

function record(bytes: KafkaBytes, first: number): KafkaRecord {
  const { end, delta } = beginRecord(bytes)
  bytes.take(Math.max(0, bytes.varint()))
  const length = bytes.varint()
  const value = length < 0 ? undefined : bytes.take(length)
  // headers
  bytes.take(end - bytes.position())
  return { offset: first + delta, value }
}

function controlKind(bytes: KafkaBytes): number {
  beginRecord(bytes)
  const key = kafkaBytes(bytes.take(bytes.varint()))
  key.int16()
  return key.int16()
}

function corrupt(): PortcullisError {
  return new PortcullisError('format.corrupt')
}
