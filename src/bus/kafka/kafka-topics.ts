/** The topics at the broker: made where they are missing, and asked whether messages can be moved. */
import type { Admin } from 'kafkajs'
import type { KafkaClient, OpenClient } from './kafka-client.ts'
import { kafkaLimits } from './limits.ts'
import { within } from './waiting.ts'

export type TopicOptions = {
  readonly topics: readonly string[]
  readonly partitions: number
  readonly replicationFactor: number
}

export type KafkaTopics = {
  /** Resolves when all topics are there, each partition with a leader. */
  ensure(): Promise<void>
  check(): Promise<void>
  close(): void
}

/** What a topic takes as one record batch: the default of brokers, pinned because `sendBytesMax` relies on it. */
const recordBatchBytesMax = 1_048_588

export function createKafkaTopics(openClient: OpenClient, options: TopicOptions): KafkaTopics {
  let open: { readonly client: KafkaClient; readonly admin: Promise<Admin> } | undefined

  function close(): void {
    open?.client.destroy()
    open = undefined
  }

  /** A connection that failed is not used again. */
  async function ask(budgetMs: number, task: (admin: Admin) => Promise<void>): Promise<void> {
    open ??= connect()
    const asked = open
    try {
      await within(budgetMs, asked.admin.then(task), () => {
        throw new Error('no answer in time')
      })
    } catch (thrown) {
      asked.client.destroy()
      if (open === asked) open = undefined
      throw thrown
    }
  }

  function connect() {
    const client = openClient({ retries: 1, initialRetryTime: 100 })
    const admin = client.kafka.admin()
    return { client, admin: admin.connect().then(() => admin) }
  }

  async function haveLeaders(admin: Admin): Promise<void> {
    const { topics } = await admin.fetchTopicMetadata({ topics: [...options.topics] })
    const led = topics.filter(
      ({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0),
    )
    if (led.length < options.topics.length) throw new Error('a partition has no leader')
  }

  return {
    close,
    check: () => ask(kafkaLimits.checkBudgetMs, haveLeaders),
    ensure: () =>
      ask(kafkaLimits.publishBudgetMs * 2, async (admin) => {
        const present = new Set(await admin.listTopics())
        const missing = options.topics.filter((topic) => !present.has(topic))
        if (missing.length > 0)
          // false: another process was faster
          await admin.createTopics({
            topics: missing.map((topic) => ({
              topic,
              numPartitions: options.partitions,
              replicationFactor: options.replicationFactor,
              configEntries: [
                { name: 'cleanup.policy', value: 'delete' },
                { name: 'max.message.bytes', value: String(recordBatchBytesMax) },
                { name: 'min.insync.replicas', value: options.replicationFactor > 2 ? '2' : '1' },
              ],
            })),
          })
        await haveLeaders(admin)
      }),
  }
}
