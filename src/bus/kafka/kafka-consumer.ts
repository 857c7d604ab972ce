/** One life of one kafkajs consumer: from joining its group until the signal, or a fault that a new consumer has to repair. */
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs'
import type { Clock } from '../../domain/clock.ts'
import type { Batch, SubscribeOptions } from '../bus.ts'
import type { Decoded, ReceivedMessage } from '../codec.ts'
import type { Delivery, Handover } from './handover.ts'
import type { OpenClient } from './kafka-client.ts'
import { kafkaLimits } from './limits.ts'
import { createPositions, type Positions } from './positions.ts'
import { aborted, within } from './waiting.ts'

export type ConsumerDeps<Item> = {
  readonly openClient: OpenClient
  readonly clock: Clock
  readonly topic: string
  readonly topicName: string
  readonly groupName: string
  readonly signal: AbortSignal
  readonly handover: Handover<Batch<Item>>
  readonly decode: (message: ReceivedMessage) => Decoded<Item>
  readonly onUndecodable: SubscribeOptions['onUndecodable']
}

/** Outages of up to a minute are sat out as the same member: a new one would wait until the session of the old has run out. */
const consumerRetry = { initialRetryTime: 100, multiplier: 1.5, maxRetryTime: 1_000, retries: 60 }

const rebalanceTypes = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'NOT_COORDINATOR_FOR_GROUP',
])

export async function consumeOnce<Item>(deps: ConsumerDeps<Item>): Promise<void> {
  const { topicName, groupName, signal, clock } = deps
  const client = deps.openClient(consumerRetry)
  const consumer = client.kafka.consumer({
    groupId: groupName,
    allowAutoTopicCreation: false,
    sessionTimeout: kafkaLimits.sessionTimeoutMs,
    rebalanceTimeout: kafkaLimits.rebalanceTimeoutMs,
    heartbeatInterval: kafkaLimits.heartbeatIntervalMs,
    minBytes: 1,
    maxBytes: kafkaLimits.fetchBytesMax,
    maxWaitTimeInMs: kafkaLimits.fetchWaitMs,
    // its own way to start again keeps no promise; a new one is made instead
    retry: { ...consumerRetry, restartOnFailure: async () => false },
  })
  /** The way to commit that does not try again under the next generation. */
  let commit: EachBatchPayload['commitOffsetsIfNecessary'] | undefined
  const positions = createPositions(async (offsets) => {
    const partitions = [...offsets].map(([partition, next]) => ({ partition, offset: String(next) }))
    await commit?.({ topics: [{ topic: topicName, partitions }] })
  })
  const watched = watch(consumer, positions, clock)
  const ended = aborted(signal)
  try {
    await Promise.race([start(), ended.promise])
    await Promise.race([watched.fault, ended.promise])
  } finally {
    ended.forget()
    watched.forget()
    await within(
      kafkaLimits.closeBudgetMs,
      positions.flush().then(() => consumer.disconnect()),
      () => undefined,
    ).catch(() => undefined)
    positions.stop()
    client.destroy()
  }

  async function start(): Promise<void> {
    await consumer.connect()
    await consumer.subscribe({ topics: [topicName], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatch: (payload) => {
        commit = payload.commitOffsetsIfNecessary
        return watched.working(() => eachBatch(payload))
      },
    })
  }

  async function eachBatch({ batch, heartbeat, isRunning }: EachBatchPayload): Promise<void> {
    for (let from = 0; from < batch.messages.length; from += kafkaLimits.batchLengthMax) {
      if (signal.aborted || !isRunning()) return
      await handOver(batch.partition, batch.messages.slice(from, from + kafkaLimits.batchLengthMax), heartbeat)
    }
  }

  async function handOver(
    partition: number,
    messages: readonly KafkaMessage[],
    heartbeat: () => Promise<void>,
  ): Promise<void> {
    const { epoch } = positions
    const next = BigInt(messages.at(-1)!.offset) + 1n
    const acknowledge = () => positions.note(epoch, partition, next, messages.length)
    const items = await withHeartbeats(decodeAll(partition, messages), heartbeat)
    if (items.length === 0) return acknowledge()
    const delivery: Delivery = deps.handover.offer({
      items,
      async ack() {
        acknowledge()
        delivery.finish()
      },
    })
    try {
      await withHeartbeats(delivery.done, heartbeat)
    } catch (rebalance) {
      delivery.withdraw()
      throw rebalance
    }
  }

  async function decodeAll(partition: number, messages: readonly KafkaMessage[]): Promise<Item[]> {
    const items: Item[] = []
    for (const message of messages) {
      const decoded = deps.decode(message)
      if ('item' in decoded) items.push(decoded.item)
      else
        await deps.onUndecodable({ topic: deps.topic, partition, offset: message.offset, reason: decoded.undecodable })
    }
    return items
  }

  /** @throws what says that the partition goes to another member, after some time to finish and to commit. */
  async function withHeartbeats<Result>(task: Promise<Result>, heartbeat: () => Promise<void>): Promise<Result> {
    let onRebalance: (thrown: unknown) => void = () => {}
    const rebalance = new Promise<never>((_, reject) => {
      onRebalance = reject
    })
    rebalance.catch(() => undefined)
    const timer = setInterval(() => {
      heartbeat().catch((thrown: unknown) => {
        // a broker that is away for a while changes nothing for the batch under way
        if (rebalanceTypes.has(String(Reflect.get(Object(thrown), 'type')))) onRebalance(thrown)
      })
    }, kafkaLimits.heartbeatIntervalMs)
    try {
      return await Promise.race([task, rebalance])
    } catch (thrown) {
      clearInterval(timer)
      if (Reflect.get(Object(thrown), 'type') === 'REBALANCE_IN_PROGRESS') {
        await within(
          kafkaLimits.revokeGraceMs,
          task.then(() => undefined),
          () => undefined,
        ).catch(() => undefined)
        await within(kafkaLimits.closeBudgetMs, positions.flush(), () => undefined)
      }
      throw thrown
    } finally {
      clearInterval(timer)
    }
  }
}

/** Notices the end of a consumer: it says so, or it says nothing for too long. */
function watch(consumer: Consumer, positions: Positions, clock: Clock) {
  let heardAt = clock.now()
  let busy = 0
  let onFault: (thrown: unknown) => void = () => {}
  const fault = new Promise<never>((_, reject) => {
    onFault = reject
  })
  fault.catch(() => undefined)
  consumer.on(consumer.events.CRASH, ({ payload }) => onFault(payload.error))
  consumer.on(consumer.events.GROUP_JOIN, () => positions.nextEpoch())
  for (const event of [
    consumer.events.FETCH_START,
    consumer.events.FETCH,
    consumer.events.HEARTBEAT,
    consumer.events.GROUP_JOIN,
  ] as const)
    consumer.on(event, () => {
      heardAt = clock.now()
    })
  const timer = setInterval(() => {
    if (busy === 0 && clock.now() - heardAt > kafkaLimits.silenceMaxMs) onFault(new Error('the consumer went silent'))
  }, kafkaLimits.heartbeatIntervalMs)
  return {
    fault,
    async working(task: () => Promise<void>): Promise<void> {
      busy++
      try {
        await task()
      } finally {
        busy--
        heardAt = clock.now()
      }
    },
    forget: () => clearInterval(timer),
  }
}
