/** From publishing to receiving: one hop, and five in a row, one message at a time; then many at once. Both buses, with the codec Kafka needs. */
import { randomUUID } from 'node:crypto'
import type { Bus } from '../src/bus/bus.ts'
import { createEmbeddedBus } from '../src/bus/embedded/embedded-bus.ts'
import { createKafkaBus } from '../src/bus/kafka/kafka-bus.ts'
import { kafkaLimits } from '../src/bus/kafka/limits.ts'
import { systemClock } from '../src/domain/clock.ts'
import type { Envelope } from '../src/domain/envelope.ts'
import type { ResourceId, Token, UserId } from '../src/domain/ids.ts'
import { startKafkaBroker } from '../test/support/kafka-broker.ts'
import { distributionOf, type Row, report, round } from './support/statistics.ts'

const warmUps = 200
const singles = 1_000
const hops = 5
const many = 50_000
const atOnce = 500

type Body = { readonly userId: UserId; readonly resourceId: ResourceId; readonly context: { readonly purpose: string } }
const body: Body = {
  userId: 'Alice' as UserId,
  resourceId: 'file:/data/hr/' as ResourceId,
  context: { purpose: 'SALARY' },
}
const envelopeOf = (token: Token): Envelope<Body> => ({ kind: 'data', token, extras: {}, index: 0, body })

const quiet = () => undefined
const log = { info: quiet, warn: quiet, error: quiet }

/** Five stages over one topic that differ in nothing but their bus: what a hop costs is all they measure. */
async function measure(name: string, open: (hop: number) => Promise<Bus>): Promise<Row> {
  const buses = await Promise.all(Array.from({ length: hops }, (_, hop) => open(hop)))
  const stopping = new AbortController()
  const waiting = new Map<string, (hop: number) => void>()
  let received = 0
  let onReceived: () => void = quiet
  const loops = buses.map(async (bus, hop) => {
    const subscription = bus.subscribe('request', {
      group: 'bench',
      signal: stopping.signal,
      onUndecodable: async () => undefined,
    })
    for await (const batch of subscription) {
      const passing = batch.items.filter(({ token }) => waiting.has(token))
      for (const { token } of passing) waiting.get(token)!(hop)
      if (hop + 1 < hops && passing.length > 0) await buses[hop + 1]!.publish('request', passing)
      received += batch.items.length - passing.length
      await batch.ack()
      onReceived()
    }
  })
  const [one, all]: [number[], number[]] = [[], []]
  for (let index = 0; index < warmUps + singles; index++) {
    const token = randomUUID() as Token
    const startedAt = performance.now()
    const arrived = new Promise<void>((resolve) => {
      waiting.set(token, (hop) => {
        const took = performance.now() - startedAt
        if (index >= warmUps && hop === 0) one.push(took)
        if (index >= warmUps && hop === hops - 1) all.push(took)
        if (hop === hops - 1) resolve()
      })
    })
    await buses[0]!.publish('request', [envelopeOf(token)])
    await arrived
    waiting.delete(token)
  }
  const startedAt = performance.now()
  const done = new Promise<void>((resolve) => {
    onReceived = () => received >= many && resolve()
  })
  for (let sent = 0; sent < many; sent += atOnce)
    await buses[0]!.publish(
      'request',
      Array.from({ length: atOnce }, () => envelopeOf(randomUUID() as Token)),
    )
  await done
  const perSecond = many / ((performance.now() - startedAt) / 1000)
  stopping.abort()
  await Promise.all(loops)
  await Promise.all(buses.map((bus) => bus[Symbol.asyncDispose]()))
  const [single, five] = [distributionOf(one), distributionOf(all)]
  return {
    bus: name,
    '1 hop p50 ms': single.p50,
    'p90 ms': single.p90,
    'p99 ms': single.p99,
    '5 hops p50 ms': five.p50,
    '5 hops p90 ms': five.p90,
    '5 hops p99 ms': five.p99,
    'messages/s': round(perSecond),
  }
}

await using broker = await startKafkaBroker()
const rows = [
  await measure('embedded', async () => createEmbeddedBus()),
  await measure('Kafka', (hop) =>
    createKafkaBus({ brokers: broker.brokers.join(','), topicPrefix: `bench.${hop}.`, log, clock: systemClock }),
  ),
]
report('bus', rows, { singles, many, atOnce, limits: kafkaLimits })
process.exit(0)
