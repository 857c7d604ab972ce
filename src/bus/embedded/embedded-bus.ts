/** The bus inside one process: a log per topic, in memory, read by each group at its own position. What was not acknowledged is gone with the process. */
import { PortcullisError } from '../../domain/errors.ts'
import type { Batch, Bus, SubscribeOptions } from '../bus.ts'
import { auditTopics, pipelineTopics } from '../topics.ts'
import { createFreezer } from './frozen-copy.ts'
import { createTopicLog, type TopicLog } from './topic-log.ts'

export const embeddedBusLimits = {
  /** Envelopes a topic holds before publishing waits; one publication may go beyond. */
  logLengthMax: 8_192,
  /** Envelopes delivered together at most. */
  batchLengthMax: 500,
} as const

export type EmbeddedBusOptions = {
  readonly limits?: { readonly logLengthMax?: number; readonly batchLengthMax?: number }
}

/**
 * Each group gets everything the log still holds when it first subscribes: all of it, until some group has acknowledged it.
 * A topic is one partition: one member of a group works on it at a time, and hands it on when it has acknowledged.
 */
export function createEmbeddedBus(options: EmbeddedBusOptions = {}): Bus {
  const limits = { ...embeddedBusLimits, ...options.limits }
  const closing = new AbortController()
  const frozenCopy = createFreezer()
  const logs = new Map<string, TopicLog<unknown>>(
    [...pipelineTopics, ...auditTopics].map((topic) => [topic, createTopicLog<unknown>(limits)]),
  )

  function throwIfClosed(): void {
    if (closing.signal.aborted) throw new PortcullisError('bus.unavailable', { message: 'The bus is closed.' })
  }

  async function append(topic: string, items: readonly unknown[], signal?: AbortSignal): Promise<void> {
    throwIfClosed()
    if (items.length === 0) return
    const signals = signal === undefined ? [closing.signal] : [signal, closing.signal]
    if (await logs.get(topic)!.append(items.map(frozenCopy), signals)) return
    signal?.throwIfAborted()
    throwIfClosed()
  }

  async function* read<Item>(topic: string, options: SubscribeOptions): AsyncGenerator<Batch<Item>> {
    const signal = AbortSignal.any([options.signal, closing.signal])
    const member = logs.get(topic)!.join(options.group, signal)
    try {
      for (;;) {
        const batch = await member.next()
        if (batch === undefined) return
        yield { items: batch.items as readonly Item[], ack: async () => batch.ack() }
      }
    } finally {
      member.leave()
    }
  }

  return {
    publish: (topic, envelopes, options) => append(topic, envelopes, options?.signal),
    publishAudit: append,
    subscribe: read,
    subscribeAudit: read,
    check: async () => throwIfClosed(),
    async [Symbol.asyncDispose]() {
      closing.abort()
    },
  }
}
