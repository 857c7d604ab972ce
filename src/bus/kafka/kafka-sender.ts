/** Sends to one topic, in order: one request at a time, each with all that came while the last was under way. */
import { Partitioners, type Producer } from 'kafkajs'
import type { Clock } from '../../domain/clock.ts'
import { PortcullisError } from '../../domain/errors.ts'
import type { Message } from '../codec.ts'
import type { KafkaClient, OpenClient } from './kafka-client.ts'
import { kafkaLimits } from './limits.ts'
import { pause, within } from './waiting.ts'

export type KafkaSender = {
  /** Resolves when all in-sync replicas have all messages. @throws PortcullisError bus.unavailable */
  send(messages: readonly Message[]): Promise<void>
  /** Waits for what is under way, but not long. */
  close(): Promise<void>
}

type SenderDeps = {
  readonly topic: string
  readonly openClient: OpenClient
  readonly clock: Clock
  readonly signal: AbortSignal
}

type Pending = {
  readonly messages: readonly Message[]
  readonly bytes: number
  readonly deadline: number
  resolve(): void
  reject(thrown: unknown): void
}

/** The broker has lost, or never had, what this producer counts: only a new one can go on. */
const endOfProducer = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
])
const messageOverheadBytes = 100

export function createKafkaSender(deps: SenderDeps): KafkaSender {
  let queue: Pending[] = []
  let queuedBytes = 0
  let sending: Promise<void> | undefined
  let open: { readonly client: KafkaClient; readonly producer: Promise<Producer> } | undefined

  function producer(): Promise<Producer> {
    if (open === undefined) {
      const client = deps.openClient({ retries: 1, initialRetryTime: 50 })
      // idempotent: a request repeated after a lost answer is stored once
      const made = client.kafka.producer({
        idempotent: true,
        allowAutoTopicCreation: false,
        createPartitioner: Partitioners.DefaultPartitioner,
        retry: { retries: 1, initialRetryTime: 50 },
      })
      open = { client, producer: made.connect().then(() => made) }
    }
    return open.producer
  }

  function drop(): void {
    open?.client.destroy()
    open = undefined
  }

  async function attempt(group: readonly Message[], budgetMs: number): Promise<void> {
    const sent = producer().then((ready) =>
      ready.send({
        topic: deps.topic,
        acks: -1,
        timeout: kafkaLimits.publishBudgetMs,
        messages: group.map((message) => ({ ...message, headers: { ...message.headers } })),
      }),
    )
    await within(
      Math.max(budgetMs, 1),
      sent.then(() => undefined),
      () => {
        throw new Error('no answer in time')
      },
    )
  }

  /** A group is repeated as it is, so that the broker knows it again. */
  async function sendGroup(group: readonly Message[], deadline: number): Promise<void> {
    let pauseMs: number = kafkaLimits.retryPauseMs.first
    for (;;) {
      try {
        await attempt(group, deadline - deps.clock.now())
        return
      } catch (cause) {
        const late = deps.clock.now() + pauseMs >= deadline
        // another group must never go out under the numbers of one whose fate is unknown: the broker would take it for a repetition
        if (late || endsProducer(cause) || !(await isConnected())) drop()
        if (late || deps.signal.aborted) throw new PortcullisError('bus.unavailable', { cause })
        await pause(pauseMs, deps.signal)
        pauseMs = Math.min(pauseMs * 2, kafkaLimits.retryPauseMs.longest)
      }
    }
  }

  async function isConnected(): Promise<boolean> {
    return open !== undefined && (await open.producer.then(() => true).catch(() => false))
  }

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const taken = takeGroup()
      const deadline = Math.min(...taken.map((pending) => pending.deadline))
      try {
        for (const group of groupsOf(taken.flatMap(({ messages }) => messages))) await sendGroup(group, deadline)
        for (const pending of taken) pending.resolve()
      } catch (thrown) {
        for (const pending of taken) pending.reject(thrown)
      }
    }
  }

  function takeGroup(): Pending[] {
    let [bytes, length, count] = [0, 0, 0]
    for (const pending of queue) {
      bytes += pending.bytes
      length += pending.messages.length
      if (count > 0 && (bytes > kafkaLimits.sendBytesMax || length > kafkaLimits.sendLengthMax)) break
      count++
    }
    const taken = queue.slice(0, count)
    queue = queue.slice(count)
    for (const pending of taken) queuedBytes -= pending.bytes
    return taken
  }

  return {
    send(messages) {
      if (deps.signal.aborted || queuedBytes > kafkaLimits.pendingBytesMax)
        return Promise.reject(new PortcullisError('bus.unavailable'))
      const bytes = messages.reduce((sum, message) => sum + bytesOf(message), 0)
      return new Promise((resolve, reject) => {
        queue.push({ messages, bytes, deadline: deps.clock.now() + kafkaLimits.publishBudgetMs, resolve, reject })
        queuedBytes += bytes
        sending ??= drain().finally(() => {
          sending = undefined
        })
      })
    },
    async close() {
      await within(kafkaLimits.closeBudgetMs, sending ?? Promise.resolve(), () => undefined)
      drop()
      for (const pending of queue.splice(0)) pending.reject(new PortcullisError('bus.unavailable'))
    },
  }
}

function endsProducer(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause)
    if (endOfProducer.has(String(Reflect.get(error, 'type')))) return true
  return false
}

function bytesOf(message: Message): number {
  const headers = Object.entries(message.headers).reduce(
    (sum, [name, value]) => sum + name.length + value.length + 8,
    0,
  )
  return message.value.length + (message.key?.length ?? 0) + headers + messageOverheadBytes
}

function* groupsOf(messages: readonly Message[]): Generator<readonly Message[]> {
  let from = 0
  let bytes = 0
  for (const [index, message] of messages.entries()) {
    bytes += bytesOf(message)
    if (index > from && (bytes > kafkaLimits.sendBytesMax || index - from >= kafkaLimits.sendLengthMax)) {
      yield messages.slice(from, index)
      from = index
      bytes = bytesOf(message)
    }
  }
  if (from < messages.length) yield messages.slice(from)
}
