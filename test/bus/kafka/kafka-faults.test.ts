/** The Kafka bus while its broker is away, slow, or cut off: a broker of its own, behind a proxy. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Bus } from '../../../src/bus/bus.ts'
import { createKafkaBus } from '../../../src/bus/kafka/kafka-bus.ts'
import { systemClock } from '../../../src/domain/clock.ts'
import type { Token } from '../../../src/domain/ids.ts'
import { freePort } from '../../support/free-port.ts'
import { type KafkaBroker, startKafkaBroker } from '../../support/kafka-broker.ts'
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts'
import { byToken, newToken, type Reading, type RequestEnvelope, readTopic, requestOf } from '../support.ts'

const faultTimeoutMs = 120_000
const quiet = () => undefined
const log = { info: quiet, warn: quiet, error: quiet }

let broker: KafkaBroker
let proxy: TcpProxy
beforeAll(async () => {
  const port = await freePort()
  proxy = await startTcpProxy({ port })
  broker = await startKafkaBroker({ port, advertisedPort: proxy.port })
}, faultTimeoutMs)
afterAll(async () => {
  await broker.stop()
  await proxy[Symbol.asyncDispose]()
})

async function openBus(topicPrefix = `${randomUUID()}.`, partitions = 2): Promise<Bus> {
  const bus = await createKafkaBus({ brokers: proxy.address, topicPrefix, partitions, log, clock: systemClock })
  onTestFinished(() => bus[Symbol.asyncDispose]())
  return bus
}

/** Publishes one request after another, again where refused, until told to stop; the tokens in order. */
function publishAlways(bus: Bus) {
  let going = true
  const tokens: Token[] = []
  async function run(): Promise<void> {
    while (going) {
      const token = newToken()
      for (;;) {
        try {
          await bus.publish('request', requestOf(token, 2))
          break
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'bus.unavailable' })
          await sleep(50)
        }
      }
      tokens.push(token)
      await sleep(10)
    }
  }
  const ran = run()
  return {
    tokens,
    async stop() {
      going = false
      await ran
    },
  }
}

async function expectAll(reading: Reading<RequestEnvelope>, tokens: readonly Token[]): Promise<void> {
  const missing = () => {
    const ended = new Set(reading.items.filter(({ kind }) => kind === 'end').map(({ token }) => token))
    return tokens.filter((token) => !ended.has(token)).length
  }
  await expect.poll(missing, { timeout: 60_000, interval: 100 }).toBe(0)
  for (const [token, envelopes] of byToken(reading.items)) {
    // at least once: a run may come again as a whole, never out of order
    const once = requestOf(token, 2)
    expect(envelopes.length % once.length).toBe(0)
    for (let from = 0; from < envelopes.length; from += once.length)
      expect(envelopes.slice(from, from + once.length)).toEqual(once)
  }
}

async function runThrough(fault: () => Promise<void>): Promise<void> {
  const bus = await openBus()
  const [reading, publishing] = [readTopic(bus), publishAlways(bus)]
  await reading.has(30)
  await fault()
  const soFar = publishing.tokens.length
  await expect.poll(() => publishing.tokens.length, { timeout: 60_000 }).toBeGreaterThan(soFar + 20)
  await publishing.stop()
  await expectAll(reading, publishing.tokens)
}

test('nothing is lost when the broker is killed and comes back', { timeout: faultTimeoutMs }, () =>
  runThrough(async () => {
    await broker.kill()
    await sleep(1_500)
    await broker.restart()
  }),
)

test('nothing is lost when all connections are cut, again and again', { timeout: faultTimeoutMs }, () =>
  runThrough(async () => {
    for (let cut = 0; cut < 10; cut++) {
      proxy.resetConnections()
      await sleep(150)
    }
  }),
)

test('nothing is lost when answers are cut off in the middle', { timeout: faultTimeoutMs }, () =>
  runThrough(async () => {
    for (const bytes of [1, 20, 100, 500]) {
      proxy.setFault({ kind: 'reset-after', bytes })
      await sleep(500)
    }
    proxy.setFault(undefined)
  }),
)

test(
  'nothing is lost when the broker swallows requests for longer than they may take',
  { timeout: faultTimeoutMs },
  () =>
    runThrough(async () => {
      proxy.setFault({ kind: 'black-hole' })
      await sleep(8_000)
      proxy.setFault(undefined)
      proxy.resetConnections()
    }),
)

test('nothing is lost when the broker stops for longer than a session', { timeout: faultTimeoutMs }, () =>
  runThrough(async () => {
    broker.pause()
    await sleep(13_000)
    broker.resume()
  }),
)

test('what is published after a publication whose fate is unknown is not taken for its repetition', {
  timeout: faultTimeoutMs,
}, async () => {
  // a partition counts for itself
  const bus = await openBus(undefined, 1)
  const [before, unknown, after] = [newToken(), newToken(), newToken()]
  await bus.publish('request', requestOf(before))
  // requests arrive, answers do not
  proxy.setFault({ kind: 'reset-after', bytes: 1 })
  await expect(bus.publish('request', requestOf(unknown))).rejects.toMatchObject({ code: 'bus.unavailable' })
  proxy.setFault(undefined)
  await bus.publish('request', requestOf(after))
  const reading = readTopic(bus)
  await expect.poll(() => byToken(reading.items).get(after), { timeout: 30_000 }).toEqual(requestOf(after))
  // so the fault was the one that is meant
  expect(byToken(reading.items).get(unknown)).toEqual(requestOf(unknown))
})

test('a publication that waits for the broker ends with its signal', { timeout: faultTimeoutMs }, async () => {
  const bus = await openBus()
  await bus.publish('request', requestOf(newToken()))
  proxy.setFault({ kind: 'black-hole' })
  const stopping = new AbortController()
  const publishing = bus.publish('request', requestOf(newToken()), { signal: stopping.signal })
  const reason = new Error('stopping')
  setTimeout(() => stopping.abort(reason), 50)
  await expect(publishing).rejects.toBe(reason)
  proxy.setFault(undefined)
})

test('a broker that is not there at the start is waited for', { timeout: faultTimeoutMs }, async () => {
  await proxy.refuse()
  const bus = await openBus()
  const reading = readTopic(bus)
  await expect(bus.check()).rejects.toMatchObject({ code: 'bus.unavailable', status: 503 })
  await expect(bus.publish('request', requestOf(newToken()))).rejects.toMatchObject({ code: 'bus.unavailable' })
  await proxy.accept()
  await expect.poll(() => bus.check().then(() => 'ok', quiet), { timeout: 60_000 }).toBe('ok')
  const token = newToken()
  await bus.publish('request', requestOf(token))
  await reading.has(3)
  expect(reading.items).toEqual(requestOf(token))
})

test('check says so while the broker is away, and when it is back', { timeout: faultTimeoutMs }, async () => {
  const bus = await openBus()
  await bus.publish('request', requestOf(newToken()))
  await bus.check()
  await proxy.refuse()
  await expect(bus.check()).rejects.toMatchObject({ code: 'bus.unavailable' })
  await proxy.accept()
  await expect.poll(() => bus.check().then(() => 'ok', quiet), { timeout: 60_000 }).toBe('ok')
  proxy.setFault({ kind: 'black-hole' })
  await expect(bus.check()).rejects.toMatchObject({ code: 'bus.unavailable' })
  proxy.setFault(undefined)
  await expect.poll(() => bus.check().then(() => 'ok', quiet), { timeout: 60_000 }).toBe('ok')
})

test.each([
  ['refuses', () => proxy.refuse(), () => proxy.accept()],
  ['is silent', async () => proxy.setFault({ kind: 'black-hole' }), async () => proxy.setFault(undefined)],
])('closing ends while the broker %s', { timeout: faultTimeoutMs }, async (_, fault, repair) => {
  const bus = await openBus()
  const reading = readTopic(bus)
  await bus.publish('request', requestOf(newToken()))
  await reading.has(3)
  await fault()
  const publishing = bus.publish('request', requestOf(newToken())).then(
    () => 'published',
    () => 'refused',
  )
  await bus[Symbol.asyncDispose]()
  await reading.ended
  expect(await publishing).toBe('refused')
  await repair()
})

test('a batch under way when another member comes is finished, and not delivered to both', {
  timeout: faultTimeoutMs,
}, async () => {
  const topicPrefix = `${randomUUID()}.`
  const [bus, other] = [await openBus(topicPrefix), await openBus(topicPrefix)]
  const tokens = Array.from({ length: 20 }, newToken)
  let working: () => void = quiet
  const started = new Promise<void>((resolve) => {
    working = resolve
  })
  const slow = readTopic(bus, 'request', {
    async ack() {
      working()
      await sleep(1_500)
      return true
    },
  })
  await bus.publish(
    'request',
    tokens.flatMap((token) => requestOf(token)),
  )
  await started
  const second = readTopic(other)
  const ended = () => [...slow.items, ...second.items].filter(({ kind }) => kind === 'end').length
  await expect.poll(ended, { timeout: 60_000 }).toBeGreaterThanOrEqual(20)
  await sleep(2_000)
  expect([...byToken([...slow.items, ...second.items]).values()].map(({ length }) => length)).toEqual(
    tokens.map(() => 3),
  )
})

test('a member that cannot reach the broker does not acknowledge for the one that took over', {
  timeout: faultTimeoutMs,
}, async () => {
  const topicPrefix = `${randomUUID()}.`
  const bus = await openBus(topicPrefix)
  const direct = await createKafkaBus({ brokers: proxy.address, topicPrefix, partitions: 2, log, clock: systemClock })
  const token = newToken()
  await bus.publish('request', requestOf(token))
  const late: (() => Promise<void>)[] = []
  const first = readTopic(bus, 'request', { ack: (batch) => late.push(() => batch.ack()) < 0 })
  await first.has(3)
  await first.stop()
  const second = readTopic(direct)
  await second.has(3)
  for (const ack of late) await ack()
  expect(second.items).toEqual(requestOf(token))
  await direct[Symbol.asyncDispose]()
})

test('something that is no broker does not harm the process', { timeout: faultTimeoutMs }, async () => {
  const server = createServer((socket) => {
    socket.on('error', quiet)
    socket.write(Buffer.alloc(64))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const bus = await createKafkaBus({ brokers: `127.0.0.1:${port}`, log, clock: systemClock })
  await expect(bus.publish('request', requestOf(newToken()))).rejects.toMatchObject({ code: 'bus.unavailable' })
  await expect(bus.check()).rejects.toMatchObject({ code: 'bus.unavailable' })
  await bus[Symbol.asyncDispose]()
  server.close()
})
