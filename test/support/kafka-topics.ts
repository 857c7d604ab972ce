/** Topics at a real broker, filled by the ordinary client. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'

export type TestTopics = AsyncDisposable & {
  readonly kafka: Kafka
  /** Made anew if it is there. */
  make(topic: string, options?: { partitions?: number; config?: Record<string, string> }): Promise<void>
  send(topic: string, values: readonly (Uint8Array | string | null)[], partition?: number): Promise<void>
  /** Sent in one transaction, then committed or taken back. */
  transact(topic: string, values: readonly string[], end: 'commit' | 'abort'): Promise<void>
  /** Everything before the offset is removed. */
  removeBefore(topic: string, offset: number): Promise<void>
  remove(topic: string): Promise<void>
}

const MESSAGES_A_REQUEST = 5_000
const PAUSE_MS = 50
const TRIES_MAX = 100

/** A broker needs a moment for a topic that was made anew, and the client to hear of it. */
async function persistently(task: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++)
    try {
      await task()
      return
    } catch (thrown) {
      if (tries === TRIES_MAX) throw thrown
      await sleep(PAUSE_MS)
    }
}

export async function openTopics(brokers: readonly string[]): Promise<TestTopics> {
  const kafka = new Kafka({ clientId: 'test', brokers: [...brokers], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()

  async function remove(topic: string): Promise<void> {
    await admin.deleteTopics({ topics: [topic] })
    while ((await admin.listTopics()).includes(topic)) await sleep(PAUSE_MS)
  }

  const messagesOf = (values: readonly (Uint8Array | string | null)[], partition: number) =>
    values.map((value) => ({
      partition,
      value: value === null || typeof value === 'string' ? value : Buffer.from(value),
      key: value === null ? 'gone' : null,
    }))

  return {
    kafka,
    remove,
    async make(topic, { partitions = 1, config = {} } = {}) {
      if ((await admin.listTopics()).includes(topic)) await remove(topic)
      const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
      await admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }], waitForLeaders: false })
      await persistently(() => admin.fetchTopicMetadata({ topics: [topic] }))
    },
    async send(topic, values, partition = 0) {
      // one of its own: a producer fails for all topics when one that it has known is gone
      const producer = kafka.producer({ allowAutoTopicCreation: false })
      await producer.connect()
      try {
        for (let from = 0; from < values.length; from += MESSAGES_A_REQUEST) {
          const messages = messagesOf(values.slice(from, from + MESSAGES_A_REQUEST), partition)
          await persistently(() => producer.send({ topic, messages }))
        }
      } finally {
        await producer.disconnect()
      }
    },
    async transact(topic, values, end) {
      const transactional = kafka.producer({
        transactionalId: `of-${topic}`,
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
      })
      await transactional.connect()
      const transaction = await transactional.transaction()
      await transaction.send({ topic, messages: messagesOf(values, 0) })
      await transaction[end]()
      await transactional.disconnect()
    },
    async removeBefore(topic, offset) {
      await persistently(() =>
        admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] }),
      )
    },
    async [Symbol.asyncDispose]() {
      await admin.disconnect().catch(() => undefined)
    },
  }
}
