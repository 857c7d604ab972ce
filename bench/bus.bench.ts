/** From publishing to receiving: one hop, and five in a row, one message at a time; then many at once. The same over both buses. */
import { randomUUID } from 'node:crypto'
import type { Bus } from '../src/bus/bus.ts'
import { createEmbeddedBus } from '../src/bus/embedded/embedded-bus.ts'
import { createKafkaBus } from '../src/bus/kafka/kafka-bus.ts'
import { kafkaLimits } from '../src/bus/kafka/limits.ts'
import { pipelineTopics } from '../src/bus/topics.ts'
import { systemClock } from '../src/domain/clock.ts'
import type { Envelope } from '../src/domain/envelope.ts'
import type { Token } from '../src/domain/ids.ts'
import { startKafkaBroker } from '../test/support/kafka-broker.ts'
import { distributionOf, type Row, report, round } from './support/statistics.ts'

const warmUps = 300
const singles = 1_000
const many = 50_000
const atOnce = 500
const hops = pipelineTopics.length

/** The kind that looks the same on all topics; about as large as a request. */
const envelopeOf = (token: Token): Envelope<never> => ({
  kind: 'withheld',
  token,
  extras: {},
  index: 0,
  reasons: [
    { code: 'policy.denied', rule: 'rules.hr.visible', title: 'The purpose does not allow this', layer: 'domain:hr' },
  ],
})

/** Stages that do nothing: what a hop costs is all that is measured. */
async function measure(name: string, bus: Bus): Promise<Row> {
  const stopping = new AbortController()
  const arrivals = new Map<string, (hop: number) => void>()
  let [others, onOther] = [0, () => {}]
  const loops = pipelineTopics.map(async (topic, hop) => {
    const subscription = bus.subscribe(topic, {
      group: 'bench',
      signal: stopping.signal,
      onUndecodable: async ({ reason }) => Promise.reject(new Error(reason)),
    })
    for await (const { items, ack } of subscription) {
      const passing = items.filter(({ token }) => arrivals.has(token)) as Envelope<never>[]
      for (const { token } of passing) arrivals.get(token)!(hop)
      const next = pipelineTopics[hop + 1]
      if (next !== undefined && passing.length > 0) await bus.publish(next, passing)
      await ack()
      others += items.length - passing.length
      onOther()
    }
  })

  const [one, all]: [number[], number[]] = [[], []]
  for (let index = -warmUps; index < singles; index++) {
    const token = randomUUID() as Token
    const startedAt = performance.now()
    const arrived = new Promise<void>((resolve) => {
      arrivals.set(token, (hop) => {
        const tookMs = performance.now() - startedAt
        if (index >= 0 && hop === 0) one.push(tookMs)
        if (index >= 0 && hop === hops - 1) all.push(tookMs)
        if (hop === hops - 1) resolve()
      })
    })
    await bus.publish('request', [envelopeOf(token)])
    await arrived
    arrivals.delete(token)
  }

  const startedAt = performance.now()
  const done = new Promise<void>((resolve) => {
    onOther = () => others >= many && resolve()
  })
  for (let sent = 0; sent < many; sent += atOnce)
    await bus.publish(
      'request',
      Array.from({ length: atOnce }, () => envelopeOf(randomUUID() as Token)),
    )
  await done
  const perSecond = many / ((performance.now() - startedAt) / 1000)
  stopping.abort()
  await Promise.all(loops)
  await bus[Symbol.asyncDispose]()
  const [single, five] = [distributionOf(one), distributionOf(all)]
  return {
    bus: name,
    '1 hop min ms': single.min,
    'p50 ms': single.p50,
    'p99 ms': single.p99,
    '5 hops min ms': five.min,
    '5 hops p50 ms': five.p50,
    '5 hops p90 ms': five.p90,
    '5 hops p99 ms': five.p99,
    'messages/s': round(perSecond),
  }
}

async function openKafka(brokers: string): Promise<Bus> {
  const quiet = () => undefined
  const log = { info: quiet, warn: quiet, error: quiet }
  const bus = await createKafkaBus({ brokers, log, clock: systemClock })
  while (
    !(await bus.check().then(
      () => true,
      () => false,
    ))
  )
    await new Promise((resolve) => setTimeout(resolve, 100))
  return bus
}

await using broker = await startKafkaBroker()
const rows = [
  await measure('embedded', createEmbeddedBus()),
  await measure('Kafka', await openKafka(broker.brokers.join(','))),
]
report('bus', rows, { singles, many, atOnce, limits: kafkaLimits })
process.exit(0)
