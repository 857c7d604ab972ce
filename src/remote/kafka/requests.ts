/** The three questions that are put to Kafka's brokers, as their versions have them: Metadata 10, ListOffsets 2, Fetch 11. Brokers of 2.8 and later answer all of them. */
import type { AbortedTransaction } from './batches.ts'
import type { KafkaPartition } from './client.ts'
import type { KafkaAddress, KafkaRequest } from './connection.ts'
import { kafkaCodes, kafkaFault } from './faults.ts'
import { createKafkaWriter, type KafkaBytes } from './wire.ts'

export type ClusterMetadata = {
  readonly brokers: ReadonlyMap<number, KafkaAddress>
  readonly topics: readonly TopicMetadata[]
}

export type TopicMetadata = {
  readonly code: number
  readonly name: string
  readonly id: string
  readonly partitions: readonly { readonly code: number; readonly index: number; readonly leader: number }[]
}

export type FetchedLog = {
  readonly log: Buffer
  readonly aborted: readonly AbortedTransaction[]
}

const apis = { fetch: 1, offsets: 2, metadata: 3 } as const
const readCommitted = 1
/** Of no broker: a client. */
const noReplica = -1
/** How long a broker waits where there is nothing yet, in milliseconds. */
const fetchWaitMs = 500
/** As much of a log as one answer holds; a single batch may be larger. */
const fetchBytesMax = 1024 * 1024
/** Of an array's items: none takes less than a byte. */
const noLength = 0

export function metadataRequest(names: readonly string[] | undefined): KafkaRequest<ClusterMetadata> {
  const body = createKafkaWriter().compactLength(names?.length)
  for (const name of names ?? []) body.raw(Buffer.alloc(16)).compactText(name).compactLength(undefined)
  // no topic is made; nobody asks what is permitted
  body.int8(0).int8(0).int8(0).compactLength(undefined)
  return { api: apis.metadata, version: 10, isFlexible: true, body: body.toBytes(), read: readMetadata }
}

function readMetadata(bytes: KafkaBytes): ClusterMetadata {
  bytes.int32()
  const brokers = compactItems(bytes, () => {
    const id = bytes.int32()
    const host = bytes.compactText()!
    const port = bytes.int32()
    bytes.compactText()
    return [id, { host, port }] as const
  })
  bytes.compactText()
  bytes.int32()
  const topics = compactItems(bytes, () => {
    const code = bytes.int16()
    const name = bytes.compactText() ?? ''
    const id = bytes.take(16).toString('base64url')
    const isInternal = bytes.int8() !== 0
    const partitions = compactItems(bytes, () => readPartition(bytes))
    bytes.int32()
    return { code, name, id, isInternal, partitions }
  })
  return { brokers: new Map(brokers), topics: topics.filter(({ isInternal }) => !isInternal) }
}

function readPartition(bytes: KafkaBytes) {
  const code = bytes.int16()
  const index = bytes.int32()
  const leader = bytes.int32()
  bytes.int32()
  // replicas, those in sync, those away
  for (let list = 0; list < 3; list++) bytes.take(4 * (bytes.compactLength() ?? noLength))
  return { code, index, leader }
}

function compactItems<Item>(bytes: KafkaBytes, read: () => Item): Item[] {
  const items: Item[] = []
  for (let count = bytes.compactLength() ?? noLength; count > 0; count--) {
    items.push(read())
    bytes.skipTags()
  }
  return items
}

/** `committed`: of what has been written, and neither is nor lies behind an open transaction. */
export function offsetRequest(
  { topic, partition }: KafkaPartition,
  which: 'earliest' | 'committed',
): KafkaRequest<number> {
  const body = createKafkaWriter().int32(noReplica).int8(readCommitted)
  body.int32(1).text(topic).int32(1).int32(partition)
  body.int64(which === 'earliest' ? -2 : -1)
  return { api: apis.offsets, version: 2, body: body.toBytes(), read: readOffset }
}

function readOffset(bytes: KafkaBytes): number {
  bytes.int32()
  const partition = onlyPartition(bytes)
  // its timestamp
  bytes.bigint64()
  const offset = bytes.int64()
  if (partition.code !== kafkaCodes.none) throw kafkaFault(partition.code)
  return offset
}

export function fetchRequest({ topic, partition }: KafkaPartition, offset: number): KafkaRequest<FetchedLog> {
  const body = createKafkaWriter().int32(noReplica).int32(fetchWaitMs).int32(1).int32(fetchBytesMax)
  // outside of any session of fetches
  body.int8(readCommitted).int32(0).int32(-1)
  body.int32(1).text(topic).int32(1).int32(partition)
  body.int32(-1).int64(offset).int64(-1).int32(fetchBytesMax)
  body.int32(0).text('')
  return { api: apis.fetch, version: 11, body: body.toBytes(), read: readLog }
}

function readLog(bytes: KafkaBytes): FetchedLog {
  bytes.int32()
  const code = bytes.int16()
  if (code !== kafkaCodes.none) throw kafkaFault(code)
  bytes.int32()
  const partition = onlyPartition(bytes)
  if (partition.code !== kafkaCodes.none) throw kafkaFault(partition.code)
  // high watermark, last stable offset, start of the log
  for (let offset = 0; offset < 3; offset++) bytes.bigint64()
  const aborted = Array.from({ length: listLength(bytes, 16) }, () => ({
    producer: bytes.bigint64(),
    first: bytes.int64(),
  }))
  bytes.int32()
  return { log: bytes.take(Math.max(0, bytes.int32())), aborted }
}

/** Of a partition's answer, whose name nobody needs: only one was asked for. */
function onlyPartition(bytes: KafkaBytes): { readonly code: number } {
  if (bytes.int32() !== 1) throw new RangeError('another number of topics')
  bytes.text()
  if (bytes.int32() !== 1) throw new RangeError('another number of partitions')
  bytes.int32()
  return { code: bytes.int16() }
}

function listLength(bytes: KafkaBytes, itemBytes: number): number {
  const length = Math.max(0, bytes.int32())
  if (length * itemBytes > bytes.rest()) throw new RangeError('beyond the end')
  return length
}
