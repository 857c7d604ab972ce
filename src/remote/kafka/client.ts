/** Asks a Kafka cluster, without being a member of anything: which topics there are, how far their partitions go, what their logs hold. */
import { PortcullisError } from '../../domain/errors.ts'
import { mayAskAgain, passingFault } from '../remote-fault.ts'
import {
  type KafkaAddress,
  type KafkaConnection,
  type KafkaConnectionOptions,
  type KafkaRequest,
  openKafkaConnection,
} from './connection.ts'
import { kafkaCodes, kafkaFault } from './faults.ts'
import { type FetchedLog, fetchRequest, metadataRequest, offsetRequest, type TopicMetadata } from './requests.ts'

export type KafkaClient = Disposable & {
  /** Topics that are there, all of them where no names are given. @throws source.forbidden, source.unavailable */
  topics(names: readonly string[] | undefined, signal: AbortSignal): Promise<readonly KafkaTopic[]>
  /** The first offset that is still there, and the one before which everything is decided and committed. @throws source.* */
  bounds(at: KafkaPartition, signal: AbortSignal): Promise<{ readonly first: number; readonly end: number }>
  /** A connection of its own to whoever leads the partition: it is read as fast as its reader reads. @throws source.* */
  openLog(at: KafkaPartition, signal: AbortSignal): Promise<KafkaLog>
}

export type KafkaTopic = {
  readonly name: string
  /** Another one when a topic of that name is made anew. */
  readonly id: string
  readonly partitions: readonly number[]
}

export type KafkaPartition = { readonly topic: string; readonly partition: number }

export type KafkaLog = {
  /** Whole batches from the offset on, the first of which may begin before it. @throws source.*, format.limit */
  fetch(offset: number): Promise<FetchedLog>
  close(): void
}

export type KafkaClientOptions = KafkaConnectionOptions & {
  /** Any of the cluster's, `host:port`; asked in this order. */
  readonly brokers: readonly string[]
}

export function createKafkaClient({ brokers, ...options }: KafkaClientOptions): KafkaClient {
  const addresses = brokers.map(parseAddress)
  /** One for questions at each broker, besides those of the logs being read. */
  const shared = new Map<string, Promise<KafkaConnection>>()
  let isClosed = false

  async function connectionTo(address: KafkaAddress): Promise<KafkaConnection> {
    if (isClosed) throw new PortcullisError('source.unavailable')
    const key = `${address.host}:${address.port}`
    const known = shared.get(key)
    if (known !== undefined) {
      const connection = await known
      if (connection.isOpen()) return connection
      if (shared.get(key) === known) shared.delete(key)
      return connectionTo(address)
    }
    // who else waits for it is not to be let down by a signal of one
    const opening = openKafkaConnection(address, options, new AbortController().signal)
    shared.set(key, opening)
    opening.catch(() => {
      if (shared.get(key) === opening) shared.delete(key)
    })
    return opening
  }

  /** What is asked is short: it is answered in time or not at all, and only then the signal is looked at. */
  async function ask<Answer>(address: KafkaAddress, request: KafkaRequest<Answer>, signal: AbortSignal) {
    const connection = await connectionTo(address)
    const answer = await connection.send(request, new AbortController().signal)
    signal.throwIfAborted()
    return answer
  }

  async function askAny<Answer>(request: KafkaRequest<Answer>, signal: AbortSignal): Promise<Answer> {
    let fault: unknown
    for (const address of addresses)
      try {
        return await ask(address, request, signal)
      } catch (thrown) {
        signal.throwIfAborted()
        if (!mayAskAgain(thrown)) throw thrown
        fault = thrown
      }
    throw fault
  }

  async function metadata(names: readonly string[] | undefined, signal: AbortSignal) {
    const { brokers, topics } = await askAny(metadataRequest(names), signal)
    return { brokers, topics: topics.filter(isThere) }
  }

  async function leaderOf({ topic, partition }: KafkaPartition, signal: AbortSignal): Promise<KafkaAddress> {
    const { brokers, topics } = await metadata([topic], signal)
    const found = topics[0]?.partitions.find(({ index }) => index === partition)
    if (found === undefined) throw kafkaFault(kafkaCodes.unknownTopic)
    const address = brokers.get(found.leader)
    if (address === undefined)
      throw kafkaFault(found.code === kafkaCodes.none ? kafkaCodes.leaderNotAvailable : found.code)
    return address
  }

  return {
    async topics(names, signal) {
      const { topics } = await metadata(names, signal)
      return topics.map(({ name, id, partitions }) => ({ name, id, partitions: partitions.map(({ index }) => index) }))
    },
    async bounds(at, signal) {
      const leader = await leaderOf(at, signal)
      const [first, end] = await Promise.all([
        ask(leader, offsetRequest(at, 'earliest'), signal),
        ask(leader, offsetRequest(at, 'committed'), signal),
      ])
      return { first, end }
    },
    async openLog(at, signal) {
      const connection = await openKafkaConnection(await leaderOf(at, signal), options, signal)
      return {
        fetch: (offset) => connection.send(fetchRequest(at, offset), signal),
        close: () => connection.close(),
      }
    },
    [Symbol.dispose]() {
      isClosed = true
      for (const opening of shared.values())
        opening.then(
          (connection) => connection.close(),
          () => undefined,
        )
      shared.clear()
    },
  }
}

/** @throws source.forbidden; source.unavailable (may be asked again) */
function isThere({ code }: TopicMetadata): boolean {
  if (code === kafkaCodes.unknownTopic) return false
  // without a leader it is there all the same
  if (code !== kafkaCodes.none && code !== kafkaCodes.leaderNotAvailable) throw kafkaFault(code)
  return true
}

function parseAddress(broker: string): KafkaAddress {
  const [, host, port] = broker.match(/^\[?([^\]]+?)\]?:([0-9]{1,5})$/u) ?? []
  if (host === undefined) throw passingFault(new Error('not an address'))
  return { host, port: Number(port) }
}
