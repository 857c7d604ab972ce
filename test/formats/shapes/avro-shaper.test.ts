/** Avro in other shapes, read back by other programs' readers. */
import { once } from 'node:events'
import avsc from 'avsc'
import { describe, expect, test } from 'vitest'
import { fieldsOnly } from '../../../src/formats/shapes/avro-schema-part.ts'
import { createAvroShaper } from '../../../src/formats/shapes/avro-shaper.ts'

const shaper = createAvroShaper()
const { signal } = new AbortController()

const metadataType = avsc.Type.forSchema({ type: 'map', values: 'bytes' })

/** avsc writes the blocks, and the header is ours: avsc would leave logical types out of it. */
async function container(schema: object, values: readonly unknown[], codec = 'null'): Promise<Buffer> {
  const syncMarker = Buffer.alloc(16, 7)
  const type = avsc.Type.forSchema(schema as avsc.Schema)
  const encoder = new avsc.streams.BlockEncoder(type, { codec, blockSize: 256, writeHeader: false, syncMarker })
  const metadata = { 'avro.schema': Buffer.from(JSON.stringify(schema)), 'avro.codec': Buffer.from(codec) }
  const chunks: Buffer[] = [Buffer.from('Obj\u0001', 'latin1'), metadataType.toBuffer(metadata), syncMarker]
  const ended = once(encoder, 'end')
  encoder.on('data', (chunk: Buffer) => chunks.push(chunk))
  for (const value of values) encoder.write(value)
  encoder.end()
  await ended
  return Buffer.concat(chunks)
}

async function* pieces(bytes: Buffer, size = 100): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

async function ndjson(bytes: Buffer, columns?: readonly string[]): Promise<string[]> {
  const records = { count: 0 }
  const text = (await collect(shaper.toNdjson(pieces(bytes), { columns, records, signal }))).toString()
  const lines = text.split('\n').slice(0, -1)
  expect(records.count).toBe(lines.length)
  return lines
}

async function decoded(bytes: Buffer): Promise<{ schema: { fields: { name: string }[] }; records: unknown[] }> {
  const decoder = new avsc.streams.BlockDecoder()
  const records: unknown[] = []
  let schema: unknown
  decoder.on('metadata', (type: avsc.Type) => (schema = JSON.parse(JSON.stringify(type.schema()))))
  decoder.on('data', (record: object) => records.push(JSON.parse(JSON.stringify(record))))
  decoder.end(bytes)
  await once(decoder, 'end')
  return { schema: schema as { fields: { name: string }[] }, records }
}

const record = (fields: readonly object[], more: object = {}) => ({ type: 'record', name: 'R', ...more, fields })

describe('NDJSON', () => {
  test.each([
    [{ type: 'int', logicalType: 'date' }, 19_000, '"2022-01-08"'],
    [{ type: 'int', logicalType: 'date' }, -1, '"1969-12-31"'],
    [{ type: 'int', logicalType: 'date' }, 2_000_000_000, '2000000000'],
    [{ type: 'int', logicalType: 'time-millis' }, 3_661_007, '"01:01:01.007"'],
    [{ type: 'int', logicalType: 'time-millis' }, 90_000_000, '90000000'],
    [{ type: 'long', logicalType: 'time-micros' }, 5, '"00:00:00.000005"'],
    [{ type: 'long', logicalType: 'timestamp-millis' }, 1_700_000_000_123, '"2023-11-14T22:13:20.123Z"'],
    [{ type: 'long', logicalType: 'timestamp-micros' }, -1, '"1969-12-31T23:59:59.999999Z"'],
    [{ type: 'long', logicalType: 'timestamp-nanos' }, 1, '"1970-01-01T00:00:00.000000001Z"'],
    [{ type: 'long', logicalType: 'local-timestamp-millis' }, 0, '"1970-01-01T00:00:00.000"'],
    ['long', 9_007_199_254_740_990, '9007199254740990'],
    ['double', 0.1, '0.1'],
    ['double', Number.NaN, 'null'],
    ['double', Number.POSITIVE_INFINITY, 'null'],
    ['float', 0.5, '0.5'],
    ['boolean', true, 'true'],
    ['string', 'a"\\\n\u00e9\u2028', JSON.stringify('a"\\\n\u00e9\u2028')],
    ['bytes', Buffer.from([0, 255]), '"AP8="'],
    [{ type: 'bytes', logicalType: 'decimal', precision: 20, scale: 2 }, Buffer.from([0xff, 0x85]), '-1.23'],
    [{ type: 'fixed', name: 'F', size: 2 }, Buffer.from([1, 2]), '"AQI="'],
    [
      { type: 'fixed', name: 'D', size: 12, logicalType: 'duration' },
      Buffer.from([1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]),
      '{"months":1,"days":2,"milliseconds":3}',
    ],
    [
      { type: 'fixed', name: 'U', size: 16, logicalType: 'uuid' },
      Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
      '"00112233-4455-6677-8899-aabbccddeeff"',
    ],
    [{ type: 'enum', name: 'E', symbols: ['X', 'Y'] }, 'Y', '"Y"'],
    [['null', 'int'], null, 'null'],
    [['null', 'int'], 7, '7'],
    [{ type: 'array', items: 'int' }, [1, 2], '[1,2]'],
    [{ type: 'array', items: 'int' }, [], '[]'],
    [{ type: 'map', values: 'int' }, { 'k"': 1 }, '{"k\\"":1}'],
    [record([{ name: 'x', type: 'null' }], { name: 'Inner' }), { x: null }, '{"x":null}'],
  ])('of %j: %j is %s', async (type, value, text) => {
    const bytes = await container(record([{ name: 'v', type }]), [{ v: value }])
    expect(await ndjson(bytes)).toEqual([`{"v":${text}}`])
  })

  test('has every digit of a long', async () => {
    const type = avsc.types.LongType.__with({
      fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
      toBuffer: (value: bigint) => {
        const buffer = Buffer.alloc(8)
        buffer.writeBigInt64LE(value)
        return buffer
      },
      fromJSON: BigInt,
      toJSON: String,
      isValid: (value: unknown) => typeof value === 'bigint',
      compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
    })
    const schema = avsc.Type.forSchema(record([{ name: 'v', type: 'long' }]) as avsc.Schema, {
      registry: { long: type },
    })
    const encoder = new avsc.streams.BlockEncoder(schema)
    const chunks: Buffer[] = []
    encoder.on('data', (chunk: Buffer) => chunks.push(chunk))
    encoder.write({ v: 9_223_372_036_854_775_807n })
    encoder.end({ v: -9_223_372_036_854_775_808n })
    await once(encoder, 'end')
    expect(await ndjson(Buffer.concat(chunks))).toEqual(['{"v":9223372036854775807}', '{"v":-9223372036854775808}'])
  })

  test('of records inside records of their own type', async () => {
    const schema = record([
      { name: 'id', type: 'int' },
      { name: 'next', type: ['null', 'R'] },
    ])
    const bytes = await container(schema, [{ id: 1, next: { id: 2, next: null } }])
    expect(await ndjson(bytes)).toEqual(['{"id":1,"next":{"id":2,"next":null}}'])
    expect(await ndjson(bytes, ['next'])).toEqual(['{"next":{"id":2,"next":null}}'])
  })

  test('of what is no record is an object with its value', async () => {
    expect(await ndjson(await container({ type: 'array', items: 'int' }, [[1], []]))).toEqual([
      '{"value":[1]}',
      '{"value":[]}',
    ])
  })

  test('of a map with a key twice is refused', async () => {
    const bytes = await container(record([{ name: 'v', type: { type: 'map', values: 'int' } }]), [
      { v: { aa: 1, bb: 2 } },
    ])
    await expect(ndjson(Buffer.from(bytes.toString('latin1').replace('bb', 'aa'), 'latin1'))).rejects.toMatchObject({
      code: 'format.corrupt',
    })
  })

  test('of no record is nothing', async () => {
    expect(await ndjson(await container(record([{ name: 'v', type: 'int' }]), []))).toEqual([])
  })
})

describe('chosen columns', () => {
  const address = {
    type: 'record',
    name: 'Address',
    namespace: 'x.y',
    fields: [
      { name: 'city', type: 'string' },
      { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['HOME', 'WORK'] } },
    ],
  }
  const schema = record(
    [
      { name: 'id', type: 'int' },
      { name: 'home', type: address },
      { name: 'work', type: ['null', 'x.y.Address'] },
      { name: 'kinds', type: { type: 'array', items: 'x.y.Kind' } },
    ],
    { namespace: 'a.b', doc: 'rows' },
  )
  const value = (id: number) => ({
    id,
    home: { city: `c${id}`, kind: 'HOME' },
    work: { city: 'w', kind: 'WORK' },
    kinds: ['WORK'],
  })
  const values = Array.from({ length: 60 }, (_, id) => value(id))

  test.each([[['id']], [['work']], [['kinds', 'id']], [['kinds', 'work']], [['home', 'id', 'kinds', 'work']]])(
    '%j decode under a schema that has only those',
    async (columns) => {
      for (const codec of ['null', 'deflate']) {
        const records = { count: 0 }
        const bytes = await container(schema, values, codec)
        const given = await decoded(await collect(shaper.project!(pieces(bytes), { columns, records, signal })))
        const kept = Object.keys(value(0)).filter((name) => columns.includes(name))
        expect(given.schema.fields.map(({ name }) => name)).toEqual(kept)
        const plain = (await decoded(bytes)).records as Record<string, unknown>[]
        expect(given.records).toEqual(plain.map((one) => Object.fromEntries(kept.map((name) => [name, one[name]]))))
        expect(records.count).toBe(60)
      }
    },
  )

  test('keep what else the schema says', () => {
    expect(JSON.parse(fieldsOnly(JSON.stringify(schema), [0]))).toEqual({
      type: 'record',
      name: 'R',
      namespace: 'a.b',
      doc: 'rows',
      fields: [{ name: 'id', type: 'int' }],
    })
  })

  test('that hold records of the root’s own type are refused before a byte', async () => {
    const bytes = await container(
      record([
        { name: 'id', type: 'int' },
        { name: 'next', type: ['null', 'R'] },
      ]),
      [{ id: 1, next: null }],
    )
    const project = (columns: readonly string[]) =>
      collect(shaper.project!(pieces(bytes), { columns, records: { count: 0 }, signal }))
    await expect(project(['next'])).rejects.toMatchObject({ code: 'request.invalid' })
    expect((await decoded(await project(['id']))).records).toEqual([{ id: 1 }])
  })

  test('that are not there are named', async () => {
    const bytes = await container(schema, values)
    await expect(ndjson(bytes, ['id', 'nope'])).rejects.toMatchObject({
      code: 'request.invalid',
      message: 'columns: this leaf has no column "nope"',
    })
  })
})

test('a file that is cut short fails, whatever its shape', async () => {
  const bytes = await container(
    record([{ name: 'v', type: 'int' }]),
    Array.from({ length: 500 }, (_, v) => ({ v })),
  )
  await expect(ndjson(bytes.subarray(0, -5))).rejects.toMatchObject({ code: 'format.corrupt' })
})
