/** Kafka and Redis go away, at the start and in the middle, and strangers write to our topics: nothing is lost quietly, and the next request is served. */
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createClient } from '../../src/cli/client.ts'
import { type KafkaBroker, startKafkaBroker } from '../support/kafka-broker.ts'
import { startPortcullis, writeHrConfig } from '../support/portcullis-process.ts'
import { type RedisServer, startRedisServer } from '../support/redis-server.ts'
import { createTempFolder } from '../support/temp-folder.ts'
import { hrFiles } from './hr-truth.ts'
import { ask, leafIds, read, type System, startDistributed, startEmbedded } from './system.ts'

const first = `file:/data/hr/${hrFiles[0]}`
const recoveryMs = 60_000

async function isServed(system: System): Promise<void> {
  const { token, items } = await ask(system, { userId: 'Alice', purpose: 'SALARY', resourceId: first })
  expect(leafIds(items)).toEqual([first])
  expect((await read(system, token, first)).length).toBeGreaterThan(0)
}

const readiness = async (system: System) => (await fetch(new URL('/health/ready', system.urls.request))).status

const codeOfAsking = (system: System) =>
  createClient({ server: system.urls.request })
    .register({ userId: 'Alice', resourceId: first, context: { purpose: 'SALARY' } })
    .then(
      () => 'registered',
      (thrown: unknown) => (thrown as { code: string }).code,
    )

describe('one process over a Kafka and a Redis of its own', () => {
  let kafka: KafkaBroker
  let redis: RedisServer
  let system: System
  beforeAll(async () => {
    kafka = await startKafkaBroker()
    redis = await startRedisServer()
    await Promise.all([kafka.kill(), redis.kill()])
    system = await startEmbedded({ kafkaBrokers: kafka.brokers, redisUrl: redis.url })
  }, 240_000)
  afterAll(async () => {
    await system?.[Symbol.asyncDispose]()
    await Promise.all([kafka?.stop(), redis?.stop()])
  }, 60_000)

  test('both down at the start: it starts, says that it is not ready, refuses, and works once they are there', async () => {
    expect(await readiness(system)).toBe(503)
    expect(['store.unavailable', 'bus.unavailable']).toContain(await codeOfAsking(system))
    await Promise.all([kafka.restart(), redis.restart()])
    await expect.poll(() => readiness(system), { timeout: recoveryMs, interval: 250 }).toBe(200)
    await isServed(system)
  }, 180_000)

  test('Redis goes away: 503 at once, served again when it is back; what was granted before is still granted', async () => {
    const { token } = await ask(system, { userId: 'Alice', purpose: 'SALARY', resourceId: first })
    await redis.kill()
    expect(await codeOfAsking(system)).toBe('store.unavailable')
    await expect(read(system, token, first)).rejects.toMatchObject({ code: 'store.unavailable' })
    await expect.poll(() => readiness(system), { timeout: 10_000 }).toBe(503)
    await redis.restart()
    await expect.poll(() => readiness(system), { timeout: recoveryMs, interval: 250 }).toBe(200)
    expect((await read(system, token, first)).length).toBeGreaterThan(0)
    await isServed(system)
  }, 120_000)

  test('the broker goes away: 503, and served again when it is back', async () => {
    await kafka.kill()
    expect(await codeOfAsking(system)).toMatch(/^(bus\.unavailable|audit\.failed)$/u)
    await kafka.restart()
    await expect.poll(() => readiness(system), { timeout: recoveryMs, interval: 250 }).toBe(200)
    await isServed(system)
  }, 180_000)

  test('a request under way while the broker stands still is delivered when it goes on', async () => {
    const token = await createClient({ server: system.urls.request }).register({
      userId: 'Alice',
      resourceId: 'file:/data/hr/',
      context: { purpose: 'SALARY' },
    })
    kafka.pause()
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    kafka.resume()
    const leaves: string[] = []
    for await (const item of createClient({ server: system.urls.delivery }).items(token))
      if (item.kind === 'leaf') leaves.push(item.leaf.id)
    expect(leaves).toEqual(hrFiles.map((file) => `file:/data/hr/${file}`))
  }, 120_000)
})

describe('eight processes over the shared Kafka and Redis', () => {
  let system: System
  const prefix = `faults-${process.pid}.`
  const servers = { kafkaBrokers: inject('kafkaBrokers'), redisUrl: inject('redisUrl') }
  beforeAll(async () => {
    system = await startDistributed(servers, { prefix })
  }, 120_000)
  afterAll(() => system?.[Symbol.asyncDispose]())

  test('messages that are not ours are audited with their place, and do not hold up the next request', async () => {
    await isServed(system)
    const kafka = new Kafka({ brokers: [...servers.kafkaBrokers], logLevel: logLevel.NOTHING })
    const producer = kafka.producer()
    await producer.connect()
    const strangers = [
      { value: 'not JSON' },
      { key: 'x', value: '{}', headers: { 'x-request-token': 'not-a-token' } },
      { value: null },
    ]
    for (const topic of ['request', 'user', 'resource', 'rule', 'masked-resource'])
      await producer.send({ topic: prefix + topic, messages: strangers })
    await producer.disconnect()
    await isServed(system)
    await expect
      .poll(async () => (await system.audit()).filter(({ kind }) => kind === 'message.undecodable').length, {
        timeout: 20_000,
      })
      .toBe(15)
    for (const event of (await system.audit()).filter(({ kind }) => kind === 'message.undecodable'))
      expect(event.place).toMatchObject({
        topic: expect.any(String),
        partition: expect.any(Number),
        offset: expect.stringMatching(/^\d+$/u),
      })
  }, 90_000)

  test('a service that is killed in mid-request and started again loses nothing', async () => {
    await system.processes.policy!.kill()
    const register = createClient({ server: system.urls.request })
    const tokens = await Promise.all(
      Array.from({ length: 5 }, () =>
        register.register({ userId: 'Alice', resourceId: 'file:/data/hr/', context: { purpose: 'SALARY' } }),
      ),
    )
    await using place = await createTempFolder('again')
    const config = await writeHrConfig(place.path, { ...servers, prefix })
    await using _again = await startPortcullis({ config, services: ['policy'] })
    for (const token of tokens) {
      const leaves: string[] = []
      for await (const item of createClient({ server: system.urls.delivery }).items(token))
        if (item.kind === 'leaf') leaves.push(item.leaf.id)
      expect(leaves).toEqual(hrFiles.map((file) => `file:/data/hr/${file}`))
    }
  }, 120_000)
})
