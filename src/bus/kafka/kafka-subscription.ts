/** One member of a consumer group, as a sequence of batches. Whatever happens to the broker, it starts again until the signal ends it. */
import type { Batch, SubscribeOptions } from '../bus.ts'
import type { Decoded, ReceivedMessage } from '../codec.ts'
import { createHandover } from './handover.ts'
import { type ConsumerDeps, consumeOnce } from './kafka-consumer.ts'
import { kafkaLimits } from './limits.ts'
import { pause } from './waiting.ts'

export type KafkaLog = Record<
  'info' | 'warn' | 'error',
  (fields: Readonly<Record<string, unknown>>, event: string) => void
>

export type SubscriptionDeps<Item> = Pick<ConsumerDeps<Item>, 'openClient' | 'clock'> & {
  readonly topic: string
  /** As the broker knows it. */
  readonly topicName: string
  readonly groupName: string
  readonly options: SubscribeOptions
  readonly signal: AbortSignal
  readonly decode: (message: ReceivedMessage) => Decoded<Item>
  /** Resolves when the topics are there, or the signal aborts. */
  readonly ready: (signal: AbortSignal) => Promise<void>
  /** What goes on until the subscription has left its group. */
  readonly onConsuming: (consuming: Promise<void>) => void
  readonly log: KafkaLog
}

export async function* subscribeToKafka<Item>(deps: SubscriptionDeps<Item>): AsyncGenerator<Batch<Item>> {
  const leaving = new AbortController()
  const signal = AbortSignal.any([deps.signal, leaving.signal])
  const handover = createHandover<Batch<Item>>()
  signal.addEventListener('abort', () => handover.close())
  if (signal.aborted) handover.close()
  const consuming = consume()
  deps.onConsuming(consuming)
  try {
    for (;;) {
      const batch = await handover.take()
      if (batch === undefined) return
      yield batch
    }
  } finally {
    leaving.abort()
    await consuming
  }

  async function consume(): Promise<void> {
    let pauseMs: number = kafkaLimits.retryPauseMs.first
    while (!signal.aborted) {
      await deps.ready(signal)
      const startedAt = deps.clock.now()
      try {
        if (!signal.aborted) await consumeOnce({ ...deps, signal, handover, onUndecodable: deps.options.onUndecodable })
      } catch (thrown) {
        if (signal.aborted) return
        deps.log.warn({ topic: deps.topic, group: deps.options.group, err: thrown }, 'bus.consumer.restarted')
      }
      if (deps.clock.now() - startedAt > kafkaLimits.sessionTimeoutMs) pauseMs = kafkaLimits.retryPauseMs.first
      await pause(pauseMs, signal)
      pauseMs = Math.min(pauseMs * 2, kafkaLimits.retryPauseMs.longest)
    }
  }
}
