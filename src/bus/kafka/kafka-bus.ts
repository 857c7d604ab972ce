/** The bus over Kafka: one idempotent producer a topic, one consumer a subscription, positions committed in the background. */
import type { Clock } from '../../domain/clock.ts'
import type { Envelope } from '../../domain/envelope.ts'
import { PortcullisError } from '../../domain/errors.ts'
import type { Bus, SubscribeOptions } from '../bus.ts'
import { type Decoded, decode, decodeAudit, encode, encodeAudit, type Message, type ReceivedMessage } from '../codec.ts'
import { auditTopics, type PipelineTopic, type PipelineTopics, pipelineTopics } from '../topics.ts'
import { createClientOpener, type KafkaAccess, reasonOf } from './kafka-client.ts'
import { createKafkaSender, type KafkaSender } from './kafka-sender.ts'
import { type KafkaLog, subscribeToKafka } from './kafka-subscription.ts'
import { createKafkaTopics } from './kafka-topics.ts'
import { kafkaLimits } from './limits.ts'
import { aborted, pause, unlessAborted, within } from './waiting.ts'

export type KafkaBusOptions = KafkaAccess & {
  /** Before the name of each topic and each group. */
  readonly topicPrefix?: string
  readonly partitions?: number
  readonly replicationFactor?: number
  readonly log: KafkaLog
  readonly clock: Clock
}

export const kafkaDefaults = { topicPrefix: '', partitions: 3, replicationFactor: 1 } as const

/** Resolves at once: a broker that is not there yet is looked for in the background, and `check` says so meanwhile. */
export async function createKafkaBus(options: KafkaBusOptions): Promise<Bus> {
  const { log, clock } = options
  const prefix = options.topicPrefix ?? kafkaDefaults.topicPrefix
  const openClient = createClientOpener(options)
  const closing = new AbortController()
  const topics = createKafkaTopics(openClient, {
    topics: [...pipelineTopics, ...auditTopics].map((topic) => prefix + topic),
    partitions: options.partitions ?? kafkaDefaults.partitions,
    replicationFactor: options.replicationFactor ?? kafkaDefaults.replicationFactor,
  })
  const senders = new Map<string, KafkaSender>()
  const running = new Set<Promise<void>>()
  let isPrepared = false
  const prepared = prepareTopics()

  async function prepareTopics(): Promise<void> {
    let pauseMs: number = kafkaLimits.retryPauseMs.first
    while (!closing.signal.aborted) {
      try {
        await topics.ensure()
        isPrepared = true
        return log.info({}, 'bus.ready')
      } catch (thrown) {
        if (closing.signal.aborted) return
        if (pauseMs === kafkaLimits.retryPauseMs.first)
          log.warn({ reason: reasonOf(thrown), err: thrown }, 'bus.waiting')
        await pause(pauseMs, closing.signal)
        pauseMs = Math.min(pauseMs * 2, kafkaLimits.retryPauseMs.longest)
      }
    }
  }

  function senderTo(topic: string): KafkaSender {
    const known = senders.get(topic)
    if (known !== undefined) return known
    const sender = createKafkaSender({ topic: prefix + topic, openClient, clock, signal: closing.signal })
    senders.set(topic, sender)
    return sender
  }

  function throwIfClosed(): void {
    if (closing.signal.aborted) throw new PortcullisError('bus.unavailable', { message: 'The bus is closed.' })
  }

  async function send(topic: string, messages: readonly Message[], signal?: AbortSignal): Promise<void> {
    throwIfClosed()
    if (messages.length === 0) return
    signal?.throwIfAborted()
    if (!isPrepared)
      await within(kafkaLimits.publishBudgetMs, prepared, () => {
        throw new PortcullisError('bus.unavailable')
      })
    throwIfClosed()
    await unlessAborted(senderTo(topic).send(messages), signal)
  }

  /** What cannot be carried arrives as a failure, so that the request's end is still known. */
  function encodeOrFail<T extends PipelineTopic>(topic: T, envelope: Envelope<PipelineTopics[T]>): Message {
    try {
      return encode(topic, envelope)
    } catch (thrown) {
      if (!(thrown instanceof PortcullisError) || thrown.code !== 'bus.undecodable' || envelope.kind !== 'data')
        throw thrown
      log.error({ topic, err: thrown }, 'bus.unencodable')
      const failure = { code: thrown.code, message: thrown.message, stage: 'bus' }
      return encode(topic, {
        kind: 'failed',
        token: envelope.token,
        extras: envelope.extras,
        index: envelope.index,
        failure,
      })
    }
  }

  function subscribe<Item>(
    topic: string,
    decodeItem: (message: ReceivedMessage) => Decoded<Item>,
    subscription: SubscribeOptions,
  ) {
    return subscribeToKafka<Item>({
      openClient,
      clock,
      log,
      topic,
      topicName: prefix + topic,
      // kafkajs shares out the partitions of one member's topics: a group must not span two
      groupName: `${prefix}${subscription.group}.${topic}`,
      options: subscription,
      signal: AbortSignal.any([subscription.signal, closing.signal]),
      decode: decodeItem,
      onConsuming: (consuming) => {
        running.add(consuming)
        const forget = () => void running.delete(consuming)
        consuming.then(forget, forget)
      },
      async ready(signal) {
        const ended = aborted(signal)
        await Promise.race([prepared, ended.promise])
        ended.forget()
      },
    })
  }

  return {
    publish: async (topic, envelopes, sending) =>
      send(
        topic,
        envelopes.map((envelope) => encodeOrFail(topic, envelope)),
        sending?.signal,
      ),
    publishAudit: async (topic, events) => send(topic, events.map(encodeAudit)),
    subscribe: (topic, subscription) => subscribe(topic, (message) => decode(topic, message), subscription),
    subscribeAudit: (topic, subscription) => subscribe(topic, (message) => decodeAudit(topic, message), subscription),
    async check() {
      throwIfClosed()
      // the topics are looked for already, by a connection that must not be cut from here
      if (!isPrepared) throw new PortcullisError('bus.unavailable')
      try {
        await topics.check()
      } catch (cause) {
        throw new PortcullisError('bus.unavailable', { cause })
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort()
      topics.close()
      await Promise.all([...running, ...[...senders.values()].map((sender) => sender.close())])
    },
  }
}
