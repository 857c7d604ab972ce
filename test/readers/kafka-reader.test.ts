import { setTimeout as sleep } from 'node:timers/promises'
import avro from 'avsc'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKafkaReader } from '../../src/readers/kafka/kafka-reader.ts'
import { createSchemaRegistry } from '../../src/readers/kafka/schema-registry.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { createKafkaClient, type KafkaClient } from '../../src/remote/kafka/client.ts'
import { createKafkaSlices, type KafkaTopicRule, sliceVersion } from '../../src/remote/kafka/slices.ts'
import type { PinnedPlace } from '../../src/remote/pinned-place.ts'
import { describeReader } from '../conformance/reader.ts'
import { type KafkaBroker, startKafkaBroker } from '../support/kafka-broker.ts'
import { openTopics, type TestTopics } from '../support/kafka-topics.ts'
import { framed, type RegistryServer, startSchemaRegistry } from '../support/schema-registry.ts'

const root = 'kafka://hr/'
const signal = new AbortController().signal
const http = createHttpClient({ timeoutMs: 10_000 })

let broker: KafkaBroker
let topics: TestTopics
let registry: RegistryServer
beforeAll(async () => {
  registry = await startSchemaRegistry()
  broker = await startKafkaBroker({ properties: { 'message.max.bytes': 40_000_000 } })
  topics = await openTopics(broker.brokers)
}, 120_000)
afterAll(async () => {
  await topics?.[Symbol.asyncDispose]()
  await broker?.[Symbol.asyncDispose]()
  await registry?.[Symbol.asyncDispose]()
})

const rules: readonly KafkaTopicRule[] = [
  { prefix: 'avro-', values: { kind: 'avro-registry' } },
  { prefix: 'bare-', values: { kind: 'avro', schema: '"string"' } },
  ...'abcdefghijklmnopqrstuvwxyz'.split('').map((prefix) => ({ prefix, values: { kind: 'json' } }) as const),
]

function openCluster(options: { brokers?: readonly string[]; timeoutMs?: number } = {}) {
  const client = createKafkaClient({ brokers: broker.brokers, timeoutMs: 10_000, tls: false, ...options })
  const slices = createKafkaSlices(client, rules)
  const fetches = { count: 0 }
  const counted: KafkaClient = {
    ...client,
    async openLog(at, signal) {
      const log = await client.openLog(at, signal)
      return {
        ...log,
        fetch(offset) {
          fetches.count++
          return log.fetch(offset)
        },
      }
    },
  }
  const cluster = { client: counted, slices, registry: createSchemaRegistry({ ...registry, http }) }
  const reader = createKafkaReader(new Map([[root, cluster]]))
  const placeOf = (path: string): PinnedPlace => ({ scheme: 'kafka', root, path })
  return {
    ...cluster,
    fetches,
    reader,
    placeOf,
    async pinned(path: string): Promise<PinnedPlace> {
      return { ...placeOf(path), version: sliceVersion(await slices.look(path, signal)) }
    },
    async all(place: PinnedPlace | string, part: { start?: number; end?: number } = {}): Promise<Buffer> {
      const { bytes } = await reader.open(typeof place === 'string' ? placeOf(place) : place, { ...part, signal })
      const parts: Uint8Array[] = []
      for await (const one of bytes) parts.push(one)
      return Buffer.concat(parts)
    },
    [Symbol.dispose]: () => client[Symbol.dispose](),
  }
}

const lines = (...values: readonly string[]) => values.map((value) => `${value}\n`).join('')

const line = '"portcullis portcullis"\n'
describeReader(
  'the Kafka reader',
  async () => {
    const cluster = openCluster()
    return {
      reader: cluster.reader,
      async put(topic, content) {
        await topics.make(topic)
        await topics.send(topic, Buffer.from(content).toString().split('\n').slice(0, -1))
      },
      place: (topic) => cluster.placeOf(`${topic}/0/all`),
      [Symbol.asyncDispose]: async () => cluster[Symbol.dispose](),
    }
  },
  { content: Buffer.from(line.repeat(28_000)), one: Buffer.from(line), another: Buffer.from(line.repeat(2)) },
)

describe('a slice', () => {
  test('is as it was seen, while producers go on', async () => {
    using cluster = openCluster()
    await topics.make('growing')
    await topics.send('growing', ['1', '2', '3'])
    const place = await cluster.pinned('growing/0/all')
    const { bytes, version } = await cluster.reader.open(place, { signal })
    await topics.send('growing', ['4', '5'])
    const parts: Uint8Array[] = []
    for await (const one of bytes) parts.push(one)
    expect(Buffer.concat(parts).toString()).toBe(lines('1', '2', '3'))
    expect(version).toBe(place.version)
    expect((await cluster.all(place)).toString()).toBe(lines('1', '2', '3'))
    expect((await cluster.all('growing/0/all')).toString()).toBe(lines('1', '2', '3', '4', '5'))
  })

  test('has its own offsets, also in the middle of what producers sent together', async () => {
    using cluster = openCluster()
    await topics.make('middle')
    await topics.send('middle', ['0', '1', '2', '3', '4'])
    expect((await cluster.all('middle/0/1-4')).toString()).toBe(lines('1', '2', '3'))
    expect((await cluster.all('middle/0/4-5')).toString()).toBe(lines('4'))
  })

  test('is of one partition', async () => {
    using cluster = openCluster()
    await topics.make('parted', { partitions: 2 })
    await topics.send('parted', ['"a"'], 0)
    await topics.send('parted', ['"b"'], 1)
    expect((await cluster.all('parted/1/all')).toString()).toBe(lines('"b"'))
  })

  test('begins behind what retention removed, and is another when that goes on', async () => {
    using cluster = openCluster()
    await topics.make('shortened')
    await topics.send('shortened', ['0', '1', '2', '3'])
    const before = await cluster.pinned('shortened/0/all')
    await topics.removeBefore('shortened', 2)
    expect((await cluster.all('shortened/0/all')).toString()).toBe(lines('2', '3'))
    await expect(cluster.all(before)).rejects.toMatchObject({ code: 'source.changed' })
  })

  test('has what was committed and not what was taken back, and ends where a marker ends it', async () => {
    using cluster = openCluster()
    await topics.make('traded')
    await topics.send('traded', ['"before"'])
    await topics.transact('traded', ['"never"', '"nor this"'], 'abort')
    await topics.transact('traded', ['"yes"'], 'commit')
    await topics.send('traded', ['"after"'])
    await topics.transact('traded', ['"not at the end"'], 'abort')
    // three markers count as well
    await expect.poll(async () => (await cluster.pinned('traded/0/all')).version, { timeout: 20_000 }).toMatch(/:0-9$/u)
    expect((await cluster.all('traded/0/all')).toString()).toBe(lines('"before"', '"yes"', '"after"'))
    expect((await cluster.all('traded/0/2-8')).toString()).toBe(lines('"yes"', '"after"'))
    expect(await cluster.all('traded/0/7-9')).toHaveLength(0)
  })

  test('is refused when its topic was made anew, and gone when there is none', async () => {
    using cluster = openCluster()
    await topics.make('anew')
    await topics.send('anew', ['1'])
    const place = await cluster.pinned('anew/0/all')
    await topics.make('anew')
    await topics.send('anew', ['2'])
    await expect(cluster.all(place)).rejects.toMatchObject({ code: 'source.changed' })
    await topics.remove('anew')
    await expect(cluster.all(place)).rejects.toMatchObject({ code: 'source.not_found' })
  })

  test.each(['gzip', 'snappy', 'lz4', 'zstd'])('is read out of batches compressed with %s', async (codec) => {
    using cluster = openCluster()
    const topic = `packed-${codec}`
    await topics.make(topic, { config: { 'compression.type': codec } })
    const values = Array.from({ length: 5_000 }, (_, index) =>
      JSON.stringify({ index, text: 'portcullis '.repeat(index % 40) }),
    )
    await topics.send(topic, values)
    expect((await cluster.all(`${topic}/0/all`)).equals(Buffer.from(lines(...values)))).toBe(true)
  })

  test('of 100,000 records is read in pieces, and a part of it is that part', async () => {
    using cluster = openCluster()
    await topics.make('many')
    const values = Array.from({ length: 100_000 }, (_, index) => JSON.stringify({ index, text: 'x'.repeat(150) }))
    await topics.send('many', values)
    const expected = Buffer.from(lines(...values))
    const { bytes } = await cluster.reader.open(cluster.placeOf('many/0/all'), { signal })
    let [at, most] = [0, 0]
    for await (const one of bytes) {
      if (!expected.subarray(at, at + one.length).equals(one)) throw new Error(`other bytes at ${at}`)
      at += one.length
      most = Math.max(most, one.length)
      // who does not read on is not fetched for
      if (at === one.length) {
        await sleep(300)
        expect(cluster.fetches.count).toBe(1)
      }
    }
    expect(at).toBe(expected.length)
    // a piece of a batch, not a piece of the slice
    expect(most).toBeLessThan(1024 * 1024)
    expect(cluster.fetches.count).toBeGreaterThan(10)
    const part = await cluster.all('many/0/all', { start: 5_000_000, end: 5_000_100 })
    expect(part.toString()).toBe(expected.subarray(5_000_000, 5_000_100).toString())
  })
})

describe('JSON values', () => {
  async function written(topic: string, ...values: readonly (string | Uint8Array | null)[]): Promise<string> {
    using cluster = openCluster()
    await topics.make(topic)
    await topics.send(topic, values)
    return (await cluster.all(`${topic}/0/all`)).toString()
  }

  test('are on a line each, as they are; tombstones are left out', async () => {
    const given = ['{"a": 1.0}', '{\n  "b":\r\n [true]\n}', null, '"x\\ny"', 'null', '12345678901234567890']
    expect(await written('values', ...given)).toBe(
      lines('{"a": 1.0}', '{   "b":   [true] }', '"x\\ny"', 'null', '12345678901234567890'),
    )
  })

  test.each(['', ' ', '{"a":1', '{} {}', '{}\n{}', '\ufeff{}', 'NaN'])(
    'that are none (%j) break the read, which names the offset and nothing else',
    async (value) => {
      await expect(written('broken', '1', value)).rejects.toMatchObject({
        code: 'format.corrupt',
        message: 'The value at offset 1 is not valid JSON.',
      })
    },
  )

  test('of invalid UTF-8 break the read', async () => {
    await expect(written('broken', Buffer.from([0x22, 0xff, 0x22]))).rejects.toMatchObject({ code: 'format.corrupt' })
  })

  test('that are larger than values may be are refused', async () => {
    const large = `"${'x'.repeat(16 * 1024 * 1024)}"`
    using cluster = openCluster()
    await topics.make('large', { config: { 'max.message.bytes': '40000000' } })
    await topics.send('large', ['1', large])
    await expect(cluster.all('large/0/all')).rejects.toMatchObject({ code: 'format.limit' })
    await topics.send('large', [`"${'x'.repeat(34 * 1024 * 1024)}"`])
    await expect(cluster.all('large/0/2-3')).rejects.toMatchObject({ code: 'format.limit' })
  })
})

const person = { type: 'record', name: 'Person', namespace: 'hr', fields: [{ name: 'name', type: 'string' }] } as const
const wider = { ...person, fields: [...person.fields, { name: 'age', type: ['null', 'int'], default: null }] } as const
const personType = avro.Type.forSchema(person as unknown as avro.Schema)

function decode(bytes: Buffer): Promise<{ schema: unknown; records: unknown[] }> {
  return new Promise((resolve, reject) => {
    const records: unknown[] = []
    let schema: unknown
    const decoder = new avro.streams.BlockDecoder()
    decoder.on('metadata', (type: avro.Type) => {
      schema = type.schema()
    })
    decoder.on('data', (record: unknown) => records.push(JSON.parse(JSON.stringify(record))))
    decoder.on('error', reject)
    decoder.on('end', () => resolve({ schema, records }))
    decoder.end(bytes)
  })
}

describe('Avro values', () => {
  const datum = (name: string) => personType.toBuffer({ name })

  async function container(topic: string, ...values: readonly (Uint8Array | string | null)[]): Promise<Buffer> {
    using cluster = openCluster()
    await topics.make(topic)
    await topics.send(topic, values)
    return await cluster.all(`${topic}/0/all`)
  }

  test('become one container of the schema they name, which is asked for once, the same each time', async () => {
    using cluster = openCluster()
    const id = registry.register('avro-staff-value', JSON.stringify(person))
    const names = Array.from({ length: 20_000 }, (_, index) => `somebody ${index}`)
    const first = await container('avro-staff', ...names.map((name) => framed(id, datum(name))), null)
    const { schema, records } = await decode(first)
    expect(schema).toMatchObject({ name: 'hr.Person' })
    expect(records).toEqual(names.map((name) => ({ name })))
    const asked = registry.asked.length
    const place = await cluster.pinned('avro-staff/0/all')
    const [second, third] = [await cluster.all(place), await cluster.all(place)]
    expect(second.equals(first)).toBe(true)
    expect(third.equals(first)).toBe(true)
    expect(registry.asked.slice(asked)).toEqual([`/schemas/ids/${id}`])
  })

  test('of a slice without any are a container of the newest schema of the topic', async () => {
    registry.register('avro-none-value', JSON.stringify(wider))
    const { schema, records } = await decode(await container('avro-none'))
    expect(schema).toMatchObject({ fields: [{ name: 'name' }, { name: 'age' }] })
    expect(records).toEqual([])
    await expect(container('avro-unheard')).rejects.toMatchObject({ code: 'source.not_found' })
  })

  test('of two schemas are refused with the offset where to cut, and read on both sides of it', async () => {
    using cluster = openCluster()
    const [old, again, other] = [person, person, wider].map((schema) =>
      registry.register('avro-two-value', JSON.stringify(schema)),
    )
    const widerType = avro.Type.forSchema(wider as unknown as avro.Schema)
    const last = framed(other!, widerType.toBuffer({ name: 'c', age: 3 }))
    // another id for the same schema is no other schema
    const values = [framed(old!, datum('a')), framed(again!, datum('b')), last]
    await expect(container('avro-two', ...values)).rejects.toMatchObject({
      code: 'format.unknown',
      message: expect.stringContaining('At offset 2 '),
    })
    expect((await decode(await cluster.all('avro-two/0/0-2'))).records).toEqual([{ name: 'a' }, { name: 'b' }])
    expect((await decode(await cluster.all('avro-two/0/2-3'))).records).toEqual([{ name: 'c', age: 3 }])
  })

  test('that end early or late are refused: none reaches into the next', async () => {
    const id = registry.register('avro-short-value', JSON.stringify(person))
    const short = datum('somebody').subarray(0, 4)
    for (const wrong of [short, Buffer.concat([datum('x'), Buffer.of(0)]), Buffer.alloc(0)])
      await expect(container('avro-short', framed(id, datum('a')), framed(id, wrong))).rejects.toMatchObject({
        code: 'format.corrupt',
        message: 'The value at offset 1 is not one of its schema.',
      })
  })

  test.each([
    ['without the five bytes', Buffer.from([0, 0, 0])],
    ['of another framing', Buffer.from([1, 0, 0, 0, 1, 2])],
    ['of a schema that nobody registered', framed(999_999, Buffer.alloc(1))],
  ])('%s are refused', async (_, value) => {
    await expect(container('avro-wrong', value)).rejects.toMatchObject({ code: 'format.corrupt' })
  })

  test('of what is no Avro, or in several parts, are refused', async () => {
    for (const extra of [{ schemaType: 'JSON' }, { references: [{ name: 'x', subject: 'y', version: 1 }] }]) {
      const id = registry.register('avro-kind-value', JSON.stringify(person), extra)
      await expect(container('avro-kind', framed(id, datum('a')))).rejects.toMatchObject({ code: 'format.unknown' })
    }
    const id = registry.register('avro-kind-value', '{"type":"unheard"}')
    await expect(container('avro-kind', framed(id, datum('a')))).rejects.toMatchObject({ code: 'format.corrupt' })
  })

  test('without framing are of the one schema that is configured', async () => {
    const text = avro.Type.forSchema('string')
    const { records } = await decode(await container('bare-text', text.toBuffer('a'), text.toBuffer('b')))
    expect(records).toEqual(['a', 'b'])
    expect((await decode(await container('bare-text'))).records).toEqual([])
  })

  test('need a registry that lets us in, and can be reached', async () => {
    using cluster = openCluster()
    const id = registry.register('avro-shut-value', JSON.stringify(person))
    await container('avro-shut', framed(id, datum('a')))
    const read = async (options: { url: string; headers: Record<string, string> }) => {
      const shut = { ...cluster, registry: createSchemaRegistry({ ...options, http }) }
      const { bytes } = await createKafkaReader(new Map([[root, shut]])).open(cluster.placeOf('avro-shut/0/all'), {
        signal,
      })
      for await (const _ of bytes);
    }
    await expect(read({ url: registry.url, headers: {} })).rejects.toMatchObject({ code: 'source.forbidden' })
    await expect(read({ url: 'http://127.0.0.1:1', headers: {} })).rejects.toMatchObject({ code: 'source.unavailable' })
  })
})

describe('a broker', () => {
  test('that is killed in mid-read is asked again when it is back, and the slice is whole', async () => {
    using cluster = openCluster({ timeoutMs: 3_000 })
    await topics.make('restarted')
    const values = Array.from({ length: 30_000 }, (_, index) => JSON.stringify({ index, text: 'x'.repeat(150) }))
    await topics.send('restarted', values)
    const { bytes } = await cluster.reader.open(cluster.placeOf('restarted/0/all'), { signal })
    const parts: Uint8Array[] = []
    for await (const one of bytes) {
      if (parts.length === 0) await broker.restart()
      parts.push(one)
    }
    expect(Buffer.concat(parts).equals(Buffer.from(lines(...values)))).toBe(true)
  }, 60_000)

  test('that says nothing, or is gone, ends the read; a signal ends it at once', async () => {
    using cluster = openCluster({ timeoutMs: 500 })
    const place = await cluster.pinned('restarted/0/all')
    const controller = new AbortController()
    const opened = await cluster.reader.open(place, { signal: controller.signal })
    broker.pause()
    try {
      await expect(cluster.all(place)).rejects.toMatchObject({ code: 'source.unavailable' })
      setTimeout(() => controller.abort(), 50)
      await expect(
        (async () => {
          for await (const _ of opened.bytes);
        })(),
      ).rejects.toMatchObject({ name: 'AbortError' })
    } finally {
      broker.resume()
    }
    const read = await cluster.reader.open(place, { signal })
    await broker.kill()
    await expect(
      (async () => {
        for await (const _ of read.bytes);
      })(),
    ).rejects.toMatchObject({ code: 'source.unavailable' })
  }, 60_000)
})
