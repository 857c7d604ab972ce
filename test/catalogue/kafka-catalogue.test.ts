import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKafkaCatalogue } from '../../src/catalogue/kafka/kafka-catalogue.ts'
import type { ResourceCatalogue } from '../../src/catalogue/resource-catalogue.ts'
import type { ResourceId } from '../../src/domain/ids.ts'
import { parseResourceId } from '../../src/domain/resource-id.ts'
import { createKafkaClient, type KafkaClient } from '../../src/remote/kafka/client.ts'
import { createKafkaSlices, type KafkaTopicRule } from '../../src/remote/kafka/slices.ts'
import type { PinnedPlace } from '../../src/remote/pinned-place.ts'
import { describeResourceCatalogue } from '../conformance/resource-catalogue.ts'
import { type KafkaBroker, startKafkaBroker } from '../support/kafka-broker.ts'
import { openTopics, type TestTopics } from '../support/kafka-topics.ts'

const root = parseResourceId('kafka://hr/')
const json = { values: { kind: 'json' } } as const
const signal = new AbortController().signal

let broker: KafkaBroker
let topics: TestTopics
let client: KafkaClient

beforeAll(async () => {
  broker = await startKafkaBroker()
  topics = await openTopics(broker.brokers)
  client = createKafkaClient({ brokers: broker.brokers, timeoutMs: 10_000, tls: false })
}, 120_000)
afterAll(async () => {
  client?.[Symbol.dispose]()
  await topics?.[Symbol.asyncDispose]()
  await broker?.[Symbol.asyncDispose]()
})

function catalogueOf(...rules: readonly KafkaTopicRule[]): ResourceCatalogue {
  const slices = createKafkaSlices(client, rules)
  return createKafkaCatalogue({ root: { id: root, types: [], detect: [] }, slices, onUnnameable: () => undefined })
}

describeResourceCatalogue(
  'the Kafka catalogue',
  async () => {
    await topics.make('pay', { partitions: 11 })
    await topics.make('pay-2')
    await topics.make('b.staff')
    return {
      root,
      catalogue: catalogueOf({ prefix: 'pay', ...json }, { topic: 'b.staff', ...json }),
      [Symbol.asyncDispose]: async () => undefined,
    }
  },
  {
    paths: ['b.staff/0/all', 'pay-2/0/all', ...Array.from({ length: 11 }, (_, index) => `pay/${index}/all`)],
    folder: 'pay/1/',
    below: ['pay/1/all'],
    unknown: ['none', 'none/', 'pay', 'pay/1', 'pay/1/all/', 'pay/01/all', 'pay/11/all', 'pay/1/All', 'B.staff/0/all'],
  },
)

describe('the Kafka catalogue', () => {
  const place = async (catalogue: ResourceCatalogue, path: string) =>
    (await catalogue.locate((root + path) as ResourceId)).place as PinnedPlace

  test('pins a leaf to what is committed now, and tells another version when more is', async () => {
    await topics.make('growing')
    const catalogue = catalogueOf({ topic: 'growing', ...json })
    const empty = await place(catalogue, 'growing/0/all')
    await topics.send('growing', ['1', '2', '3'])
    const three = await place(catalogue, 'growing/0/all')
    expect([empty.version, three.version]).toEqual([
      expect.stringMatching(/^[A-Za-z0-9_-]{22}:0-0$/u),
      expect.stringMatching(/:0-3$/u),
    ])
    await topics.make('growing')
    await topics.send('growing', ['1', '2', '3'])
    const anew = await place(catalogue, 'growing/0/all')
    expect(anew.version).toMatch(/:0-3$/u)
    expect(anew.version).not.toBe(three.version)
  })

  test('knows a slice by its offsets, whose version stays when more is written', async () => {
    await topics.make('sliced')
    await topics.send('sliced', ['0', '1', '2', '3'])
    const catalogue = catalogueOf({ topic: 'sliced', ...json })
    const before = await place(catalogue, 'sliced/0/1-3')
    await topics.send('sliced', ['4'])
    expect((await place(catalogue, 'sliced/0/1-3')).version).toBe(before.version)
    expect(before.version).toMatch(/:1-3$/u)
  })

  test.each(['0-9', '3-3', '3-1', '00-2', '0-02', '-1-2', '0-2-', 'all-2', '0-99999999999999999999'])(
    'does not know the slice %s',
    async (slice) => {
      await topics.send('b.staff', ['0', '1'])
      const catalogue = catalogueOf({ topic: 'b.staff', ...json })
      await expect(place(catalogue, `b.staff/0/${slice}`)).rejects.toMatchObject({ code: 'resource.unknown' })
    },
  )

  test('begins where the log begins: what was removed is no part of a slice', async () => {
    await topics.make('shortened')
    await topics.send('shortened', ['0', '1', '2', '3'])
    await topics.removeBefore('shortened', 2)
    const catalogue = catalogueOf({ topic: 'shortened', ...json })
    expect((await place(catalogue, 'shortened/0/all')).version).toMatch(/:2-4$/u)
    expect((await place(catalogue, 'shortened/0/1-3')).version).toMatch(/:2-3$/u)
    await expect(place(catalogue, 'shortened/0/0-2')).rejects.toMatchObject({ code: 'resource.unknown' })
  })

  test('gives a leaf the types of its topic: by its name first, then by how its name begins', async () => {
    const catalogue = catalogueOf(
      { prefix: 'pay', values: { kind: 'avro-registry' }, recordType: 'Payment' },
      { topic: 'pay-2', values: { kind: 'json' }, recordType: 'Salary' },
    )
    const leaves = []
    for await (const leaf of catalogue.leaves(root, { signal })) leaves.push(leaf)
    expect(leaves).toHaveLength(12)
    expect(leaves[0]).toMatchObject({ mediaType: 'application/x-ndjson', recordType: 'Salary' })
    expect(leaves[1]).toMatchObject({ mediaType: 'avro/binary', recordType: 'Payment' })
  })

  test('has no leaf of a topic that is not configured, or not there', async () => {
    const catalogue = catalogueOf({ topic: 'b.staff', ...json }, { topic: 'missing', ...json })
    const ids = []
    for await (const { id } of catalogue.leaves(root, { signal })) ids.push(id)
    expect(ids).toEqual([`${root}b.staff/0/all`])
    for (const path of ['pay/0/all', 'missing/0/all', '__consumer_offsets/0/all'])
      await expect(place(catalogue, path)).rejects.toMatchObject({ code: 'resource.unknown' })
  })

  test('does not end a slice behind an open transaction', async () => {
    await topics.make('open')
    await topics.send('open', ['0'])
    const producer = topics.kafka.producer({ transactionalId: 'open', idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({ topic: 'open', messages: [{ value: '1' }] })
    await topics.send('open', ['2'])
    const catalogue = catalogueOf({ topic: 'open', ...json })
    expect((await place(catalogue, 'open/0/all')).version).toMatch(/:0-1$/u)
    await transaction.commit()
    await producer.disconnect()
    await expect.poll(async () => (await place(catalogue, 'open/0/all')).version, { timeout: 20_000 }).toMatch(/:0-4$/u)
  })

  test('says that a cluster cannot be reached, or that it does not speak as it should', async () => {
    using away = createKafkaClient({ brokers: ['127.0.0.1:1'], timeoutMs: 1_000, tls: false })
    const slices = createKafkaSlices(away, [{ topic: 'b.staff', ...json }])
    await expect(slices.all(signal)).rejects.toMatchObject({ code: 'source.unavailable' })
    using secure = createKafkaClient({ brokers: broker.brokers, timeoutMs: 1_000, tls: true })
    const encrypted = createKafkaSlices(secure, [{ topic: 'b.staff', ...json }])
    await expect(encrypted.all(signal)).rejects.toMatchObject({ code: 'source.unavailable' })
  })

  test('asks the next broker where the first is away', async () => {
    using some = createKafkaClient({ brokers: ['127.0.0.1:1', ...broker.brokers], timeoutMs: 5_000, tls: false })
    await expect(some.topics(['b.staff'], signal)).resolves.toMatchObject([{ name: 'b.staff', partitions: [0] }])
  })
})
