import { randomUUID } from 'node:crypto'
import { Kafka, logLevel, type Message, Partitioners } from 'kafkajs'
import { expect, inject, onTestFinished, test } from 'vitest'
import { createKafkaBus } from '../../../src/bus/kafka/kafka-bus.ts'
import type { UserBody } from '../../../src/bus/topics.ts'
import { systemClock } from '../../../src/domain/clock.ts'
import type { Envelope } from '../../../src/domain/envelope.ts'
import { testBus } from '../../conformance/bus.ts'
import { auditEvent, newToken, readAudit, readTopic, requestBody, requestOf } from '../support.ts'

const quiet = () => undefined
const log = { info: quiet, warn: quiet, error: quiet }
const brokers = inject('kafkaBrokers').join(',')
const openBus = (topicPrefix: string, partitions = 3) =>
  createKafkaBus({ brokers, topicPrefix, partitions, log, clock: systemClock })

testBus('Kafka', async () => {
  const topicPrefix = `${randomUUID()}.`
  return { open: () => openBus(topicPrefix) }
})

async function setUp() {
  const topicPrefix = `${randomUUID()}.`
  const bus = await openBus(topicPrefix, 1)
  const kafka = new Kafka({ clientId: 'test', brokers: brokers.split(','), logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false })
  const admin = kafka.admin()
  await Promise.all([producer.connect(), admin.connect()])
  onTestFinished(async () => {
    await bus[Symbol.asyncDispose]()
    await producer.disconnect()
    await admin.disconnect()
  })
  return {
    bus,
    admin,
    topicPrefix,
    send: (topic: string, message: Message) => producer.send({ topic: topicPrefix + topic, messages: [message] }),
  }
}

test('a message that is not ours goes to its callback with its place, and the next one is served', async () => {
  const { bus, send } = await setUp()
  const token = newToken()
  await bus.publish('request', requestOf(token))
  await send('request', { key: 'x', value: 'not ours' })
  await send('request', {
    key: token,
    value: '{"userId":"Alice"}',
    headers: { 'x-request-token': token, 'x-leaf-index': '0' },
  })
  await bus.publish('request', requestOf(token))
  const reading = readTopic(bus)
  await reading.has(6)
  expect(reading.items).toEqual([...requestOf(token), ...requestOf(token)])
  expect(reading.undecodable).toEqual([
    { topic: 'request', partition: 0, offset: '3', reason: 'x-request-token is missing' },
    { topic: 'request', partition: 0, offset: '4', reason: 'the value does not match its schema at #/required' },
  ])
})

test('what comes after a message that is not ours waits for its callback', async () => {
  const { bus, send } = await setUp()
  await bus.publish('request', [])
  await send('request', { key: null, value: 'x' })
  await send('request', { key: null, value: 'y' })
  await bus.publish('request', requestOf(newToken()))
  const order: string[] = []
  const stopping = new AbortController()
  for await (const batch of bus.subscribe('request', {
    group: 'g',
    signal: stopping.signal,
    async onUndecodable({ offset }) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      order.push(offset)
    },
  })) {
    order.push('batch')
    await batch.ack()
    stopping.abort()
  }
  expect(order).toEqual(['0', '1', 'batch'])
})

test('messages that are not ours are acknowledged without any that is', async () => {
  const { bus, admin, send, topicPrefix } = await setUp()
  await bus.publish('request', [])
  await send('success', { key: null, value: '{}' })
  const reading = readAudit(bus, 'success', { group: 'audit' })
  await expect.poll(() => reading.undecodable.length, { timeout: 20_000 }).toBe(1)
  const committed = async () => {
    const [topic] = await admin.fetchOffsets({
      groupId: `${topicPrefix}audit.success`,
      topics: [`${topicPrefix}success`],
    })
    return topic?.partitions[0]?.offset
  }
  await expect.poll(committed, { timeout: 20_000 }).toBe('1')
})

test('positions reach the broker in the background, while the subscription goes on', async () => {
  const { bus, admin, topicPrefix } = await setUp()
  const reading = readTopic(bus, 'request', { group: 'user' })
  await bus.publish('request', requestOf(newToken()))
  await reading.has(3)
  const committed = async () => {
    const [topic] = await admin.fetchOffsets({
      groupId: `${topicPrefix}user.request`,
      topics: [`${topicPrefix}request`],
    })
    return topic?.partitions[0]?.offset
  }
  await expect.poll(committed, { timeout: 20_000 }).toBe('3')
})

test('a body that cannot be carried arrives as a failure in its place', async () => {
  const { bus } = await setUp()
  const token = newToken()
  const bodyWith = (attributes: UserBody['user']['attributes']): UserBody => ({
    ...requestBody,
    user: { id: requestBody.userId, active: true, roles: [], attributes },
  })
  const envelopes: Envelope<UserBody>[] = [{ large: 'x'.repeat(1_000_000) }, { exact: 2n ** 60n }, { fine: 1 }].map(
    (attributes, index) => ({
      kind: 'data',
      token,
      extras: {},
      index,
      body: bodyWith(attributes),
    }),
  )
  await bus.publish('user', envelopes)
  const stopping = new AbortController()
  const received: Envelope<UserBody>[] = []
  for await (const batch of bus.subscribe('user', {
    group: 'g',
    signal: stopping.signal,
    onUndecodable: async () => undefined,
  })) {
    received.push(...batch.items)
    if (received.length >= 3) stopping.abort()
  }
  const failed = (index: number, message: string) => ({
    kind: 'failed',
    token,
    extras: {},
    index,
    failure: { code: 'bus.undecodable', message, stage: 'bus' },
  })
  expect(received).toEqual([
    failed(0, 'A message is larger than 900000 bytes.'),
    failed(1, 'A message holds what JSON cannot carry exactly.'),
    envelopes[2],
  ])
})

test('more than a record batch holds is published in order', async () => {
  const { bus } = await setUp()
  const token = newToken()
  const body = { ...requestBody, context: { purpose: 'x'.repeat(100_000) } }
  const envelopes = Array.from(
    { length: 60 },
    (_, index) => ({ kind: 'data', token, extras: {}, index, body }) as const,
  )
  await bus.publish('request', envelopes)
  const reading = readTopic(bus)
  await reading.has(60)
  expect(reading.items.map((envelope) => envelope.kind === 'data' && envelope.index)).toEqual(
    envelopes.map(({ index }) => index),
  )
})

test('an audit event too large for a message is refused', async () => {
  const { bus } = await setUp()
  const event = auditEvent({ context: { purpose: 'x'.repeat(1_000_000) } })
  await expect(bus.publishAudit('success', [event])).rejects.toMatchObject({ code: 'bus.undecodable' })
})

test('topics are made with the configured number of partitions, once, by whoever comes first', async () => {
  const topicPrefix = `${randomUUID()}.`
  const buses = await Promise.all([openBus(topicPrefix, 2), openBus(topicPrefix, 2), openBus(topicPrefix, 2)])
  await Promise.all(
    buses.map((bus) => expect.poll(() => bus.check().then(() => 'ok', String), { timeout: 20_000 }).toBe('ok')),
  )
  const admin = new Kafka({ clientId: 'test', brokers: brokers.split(','), logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  const { topics } = await admin.fetchTopicMetadata()
  expect(
    topics
      .filter(({ name }) => name.startsWith(topicPrefix))
      .map(({ name, partitions }) => [name.slice(topicPrefix.length), partitions.length])
      .sort(),
  ).toEqual(['error', 'masked-resource', 'request', 'resource', 'rule', 'success', 'user'].map((name) => [name, 2]))
  await admin.disconnect()
  await Promise.all(buses.map((bus) => bus[Symbol.asyncDispose]()))
})
