/** PORT: moves envelopes between services, in order within a token, at least once. Adapters: embedded/, kafka/. Suite: test/conformance/bus.ts. */
import type { AuditEvent } from '../domain/audit-event.ts'
import type { Envelope } from '../domain/envelope.ts'
import type { AuditTopic, PipelineTopic, PipelineTopics } from './topics.ts'

/** Several envelopes of one partition, in order. Not acknowledged: delivered again after a restart. */
export type Batch<Item> = {
  readonly items: readonly Item[]
  /** Notes the position; the broker may learn of it later (in the background, at the latest on close). */
  ack(): Promise<void>
}

/** Where a message that is not ours stood. Its bytes are not passed on. */
export type Undecodable = {
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly reason: string
}

export type SubscribeOptions = {
  /** One consumer group = one service; each message reaches one member. */
  readonly group: string
  readonly signal: AbortSignal
  /** Awaited before the batch that held the message can be acknowledged; the message itself is skipped. */
  readonly onUndecodable: (place: Undecodable) => Promise<void>
}

export interface Bus extends AsyncDisposable {
  /** Resolves when all are accepted, in order (Kafka: by all in-sync replicas). May wait for slow consumers (embedded). @throws bus.unavailable */
  publish<T extends PipelineTopic>(
    topic: T,
    envelopes: readonly Envelope<PipelineTopics[T]>[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<void>
  publishAudit(topic: AuditTopic, events: readonly AuditEvent[]): Promise<void>
  /** One partition's batches one after another; partitions may interleave. Ends quietly on abort. Faults of the broker are retried inside, not thrown, unless final. */
  subscribe<T extends PipelineTopic>(
    topic: T,
    options: SubscribeOptions,
  ): AsyncIterable<Batch<Envelope<PipelineTopics[T]>>>
  subscribeAudit(topic: AuditTopic, options: SubscribeOptions): AsyncIterable<Batch<AuditEvent>>
  /** Resolves when a message can be moved. @throws bus.unavailable */
  check(): Promise<void>
}
