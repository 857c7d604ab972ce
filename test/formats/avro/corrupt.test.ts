import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RecordDecision } from '../../../src/domain/decision.ts'
import { PortcullisError } from '../../../src/domain/errors.ts'
import type { RecordPolicy } from '../../../src/domain/record-policy.ts'
import { createAvroFormat } from '../../../src/formats/avro/avro-format.ts'
import {
  blockBytesMax,
  depthMax,
  emptyItemsMax,
  headerBytesMax,
  recordBytesMax,
} from '../../../src/formats/avro/limits.ts'
import { maskValue } from '../../../src/policy/masks/mask-value.ts'
import { readAll } from '../../conformance/format.ts'
import { blockOf, codecNames, decodeAvro, encodeAvro, fileOf, headerOf, long, syncMarker, text } from './samples.ts'

const format = createAvroFormat({ maskValue })
const keep: RecordDecision = { drop: false, masks: [] }
const constant = (decision: RecordDecision): RecordPolicy => ({ kind: 'constant', decision })
const policies: readonly RecordPolicy[] = [
  constant(keep),
  constant({ drop: false, masks: [{ path: '/note', action: 'null' }] }),
  { kind: 'by-facts', facts: [{ name: 'a.b/c', op: 'any', path: '/**', operand: 'x' }], decide: () => keep },
  { kind: 'by-record', fields: undefined, decide: () => keep },
]

const schema = {
  type: 'record',
  name: 'A',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'note', type: ['null', 'string'] },
    { name: 'color', type: { type: 'enum', name: 'Color', symbols: ['RED', 'GREEN'] } },
    { name: 'list', type: { type: 'array', items: ['int', 'boolean', 'long'] } },
    { name: 'map', type: { type: 'map', values: 'bytes' } },
    { name: 'code', type: { type: 'fixed', name: 'Code', size: 2 } },
  ],
}
const records = [1, 2, 3].map((index) => ({
  id: `id ${index}`,
  note: index === 2 ? null : { string: 'nöte' },
  color: 'GREEN',
  list: [{ int: 300 }, { boolean: true }, { long: -(2n ** 62n) }],
  map: { a: Buffer.from([1, 2]) },
  code: Buffer.from('ab'),
}))

async function outcomeOf(bytes: Buffer, policy: RecordPolicy): Promise<Buffer | PortcullisError> {
  try {
    return await readAll(format, bytes, { policy, chunkSize: 50 })
  } catch (thrown) {
    if (thrown instanceof PortcullisError) return thrown
    throw thrown
  }
}

async function failureOf(bytes: Buffer, policy: RecordPolicy = constant(keep)) {
  const outcome = await outcomeOf(bytes, policy)
  return outcome instanceof PortcullisError ? { code: outcome.code, message: outcome.message } : outcome
}

const corruptAt = (offset: number) => ({
  code: 'format.corrupt',
  message: `The data of this leaf is not valid Avro: byte ${offset}.`,
})

/** A file of one block whose content is given, or of the records of another schema. */
const oneBlock = (type: unknown, count: number, content: Buffer) =>
  Buffer.concat([headerOf(type), blockOf(count, content)])
const recordOf = (type: unknown) => ({ type: 'record', name: 'A', fields: [{ name: 'a', type }] })
const contentStart = (type: unknown, count: number, content: Buffer) =>
  headerOf(type).length + long(count).length + long(content.length).length

describe('a changed byte', () => {
  it.each(codecNames)('is an error, or what avsc reads there, too (%s)', async (codec) => {
    const bytes = encodeAvro(schema, records, { codec, recordsPerBlock: 2 })
    let refused = 0
    for (let position = 0; position < bytes.length; position++)
      for (const flip of [0x01, 0x80, 0xff]) {
        const changed = Buffer.from(bytes)
        changed[position]! ^= flip
        const outcome = await outcomeOf(changed, policies[0]!)
        if (outcome instanceof PortcullisError) {
          refused++
          expect(['format.corrupt', 'format.limit', 'format.unknown']).toContain(outcome.code)
        } else expect(decodeAvro(outcome).blocks.flat()).toEqual(decodeAvro(changed).blocks.flat())
      }
    expect(refused).toBeGreaterThan(bytes.length)
  })

  it('never gives more than whole records, whatever is decided and done', async () => {
    const bytes = encodeAvro(schema, records, { recordsPerBlock: 2 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...policies),
        async (changes, policy) => {
          const changed = Buffer.from(bytes)
          for (const [position, byte] of changes) changed[position] = byte
          const outcome = await outcomeOf(changed, policy)
          if (!(outcome instanceof PortcullisError)) decodeAvro(outcome)
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

describe('a file that is wrong', () => {
  const valid = encodeAvro(schema, records, { recordsPerBlock: 3 })
  const { ends } = decodeAvro(valid)
  const blockStart = ends[0]!

  it('is refused where the sync marker is another, also when its bytes would pass untouched', async () => {
    const changed = Buffer.from(valid)
    changed[valid.length - 1]! ^= 1
    for (const policy of [...policies, { kind: 'untouched' } as const])
      expect(await failureOf(changed, policy)).toEqual(corruptAt(valid.length - 16))
  })

  it('is refused where a block holds fewer records than it says', async () => {
    const content = text('id 1')
    expect(await failureOf(oneBlock('string', 2, content))).toEqual(
      corruptAt(contentStart('string', 2, content) + content.length),
    )
  })

  it('is refused where a block holds more than its records', async () => {
    const content = Buffer.concat([text('id 1'), text('id 2')])
    expect(await failureOf(oneBlock('string', 1, content))).toEqual(corruptAt(contentStart('string', 1, content) + 5))
  })

  it('is refused where a count or a size is negative', async () => {
    for (const head of [
      [long(-1), long(4)],
      [long(1), long(-4)],
    ]) {
      const bytes = Buffer.concat([headerOf('string'), ...head, text('abc'), syncMarker])
      expect(await failureOf(bytes)).toMatchObject({ code: 'format.corrupt' })
      expect(await failureOf(bytes, { kind: 'untouched' })).toMatchObject({ code: 'format.corrupt' })
    }
  })

  it('is refused where its metadata name a codec that nobody here knows', async () => {
    expect(await failureOf(headerOf('string', 'lzo'))).toMatchObject({ code: 'format.unknown' })
    expect(await failureOf(headerOf('string', undefined))).toBeInstanceOf(Buffer)
  })

  it.each([
    ['text that is not UTF-8', 'string', Buffer.concat([long(2), Buffer.from([0xc3, 0x28])])],
    ['a surrogate in UTF-8', 'string', Buffer.concat([long(3), Buffer.from([0xed, 0xa0, 0x80])])],
    ['text of a negative length', 'string', long(-1)],
    ['text longer than the block', 'string', Buffer.concat([long(9), Buffer.from('abc')])],
    ['a boolean of 2', 'boolean', Buffer.from([2])],
    ['an int of 33 bits', 'int', long(2 ** 32)],
    ['an int of six bytes', 'int', Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0])],
    ['a long of 65 bits', 'long', Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2])],
    ['a symbol that the enum does not have', { type: 'enum', name: 'E', symbols: ['A'] }, long(1)],
    ['a negative symbol', { type: 'enum', name: 'E', symbols: ['A'] }, long(-1)],
    [
      'an optional symbol that the enum does not have',
      ['null', { type: 'enum', name: 'E', symbols: ['A'] }],
      Buffer.from([2, 2]),
    ],
    ['a branch that the union does not have', ['null', 'string'], long(2)],
    ['a negative branch', ['int', 'string', 'null'], long(-1)],
    [
      'an array whose block has another size',
      { type: 'array', items: 'int' },
      Buffer.concat([long(-1), long(2), long(1), long(0)]),
    ],
    ['an array without an end', { type: 'array', items: 'int' }, Buffer.concat([long(1), long(1)])],
    ['bytes longer than the block', 'bytes', long(1)],
    ['a fixed cut off', { type: 'fixed', name: 'F', size: 3 }, Buffer.from('ab')],
    ['a double cut off', 'double', Buffer.from('1234567')],
  ])('is refused for %s', async (_, type, content) => {
    for (const policy of [policies[0]!, policies[2]!, policies[3]!]) {
      expect(await failureOf(oneBlock(recordOf(type), 1, content), policy)).toMatchObject({ code: 'format.corrupt' })
      if (typeof type === 'string')
        expect(
          await failureOf(oneBlock(recordOf(['null', type]), 1, Buffer.concat([long(1), content])), policy),
        ).toMatchObject({ code: 'format.corrupt' })
    }
  })

  it('is refused where a map names a key twice and somebody decides by it', async () => {
    const content = Buffer.concat([long(2), text('a'), text('1'), text('a'), text('2'), long(0)])
    const bytes = oneBlock(recordOf({ type: 'map', values: 'string' }), 1, content)
    expect(await failureOf(bytes, policies[3])).toMatchObject({ code: 'format.corrupt' })
  })

  it('is refused where compressed bytes are followed by others, or decompress to something else', async () => {
    for (const codec of ['deflate', 'snappy'] as const) {
      const bytes = encodeAvro('string', ['note'.repeat(20)], { codec })
      const start = decodeAvro(bytes).ends[0]!
      const data = bytes.subarray(start + 2, -16)
      const longer = Buffer.concat([headerOf('string', codec), blockOf(1, Buffer.concat([data, Buffer.from('x')]))])
      expect(await failureOf(longer)).toEqual(corruptAt(start + 2))
      expect(await failureOf(Buffer.concat([headerOf('string', codec), blockOf(1, data.subarray(0, -1))]))).toEqual(
        corruptAt(start + 2),
      )
    }
  })

  it.each([
    ['no JSON', '{'],
    ['an unknown type', '"employee"'],
    ['no name', '{"type":"record","fields":[]}'],
    ['no fields', '{"type":"record","name":"A"}'],
    ['a field twice', '{"type":"record","name":"A","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}'],
    ['a union in a union', '["null",["int"]]'],
    ['a branch twice', '["int","int"]'],
    ['a union of nothing', '[]'],
    ['an enum of nothing', '{"type":"enum","name":"E","symbols":[]}'],
    ['a symbol twice', '{"type":"enum","name":"E","symbols":["A","A"]}'],
    ['a negative size', '{"type":"fixed","name":"F","size":-1}'],
    ['a name twice', '[{"type":"fixed","name":"F","size":1},{"type":"enum","name":"F","symbols":["A"]}]'],
    ['types nested without end', `${'{"type":"array","items":'.repeat(70)}"int"${'}'.repeat(70)}`],
  ])('is refused for a schema with %s', async (_, schemaText) => {
    const header = Buffer.concat([
      Buffer.from('Obj\u0001'),
      long(1),
      text('avro.schema'),
      text(schemaText),
      long(0),
      syncMarker,
    ])
    expect(await failureOf(header)).toEqual(corruptAt(0))
  })

  it('is refused where its schema is not UTF-8', async () => {
    const header = headerOf(recordOf('string'))
    const changed = Buffer.from(header)
    changed.write('\u00e4', header.indexOf('"record"') + 1, 'latin1')
    expect(await failureOf(changed)).toEqual(corruptAt(4))
  })

  it('says where in the block, and where the block is, when that is compressed', async () => {
    const bad = Buffer.concat([text('id 1'), long(99)])
    const bytes = fileOf('string', [bad], { codec: 'snappy' })
    expect(await failureOf(bytes)).toEqual({
      code: 'format.corrupt',
      message: `The data of this leaf is not valid Avro: byte 5 of the block at byte ${headerOf('string', 'snappy').length}.`,
    })
    expect(blockStart).toBeGreaterThan(0)
  })
})

describe('limits', () => {
  it('end the read of a block that is, or says it is, too large', async () => {
    const header = headerOf('bytes')
    const lying = Buffer.concat([header, long(1), long(blockBytesMax + 1)])
    for (const policy of [constant(keep), { kind: 'untouched' } as const])
      expect(await failureOf(Buffer.concat([lying, Buffer.alloc(20)]), policy)).toMatchObject({ code: 'format.limit' })
    const bomb = fileOf('bytes', [Buffer.alloc(blockBytesMax + 1)], { codec: 'deflate' })
    expect(await failureOf(bomb)).toMatchObject({ code: 'format.limit' })
  })

  it('end the read of a record that is too large', async () => {
    const bytes = fileOf('bytes', [Buffer.concat([long(recordBytesMax), Buffer.alloc(recordBytesMax)])])
    const failure = await failureOfWhole(bytes)
    expect(failure).toMatchObject({ code: 'format.limit' })
  })

  it('end the read of a record that is nested too deep', async () => {
    const nested = { type: 'record', name: 'A', fields: [{ name: 'a', type: ['null', 'A'] }] }
    const chain = (depth: number) => Buffer.concat([Buffer.alloc(depth, 2), long(0)])
    for (const policy of [policies[0]!, policies[2]!, policies[3]!]) {
      expect(await failureOf(oneBlock(nested, 1, chain(depthMax)), policy)).toBeInstanceOf(Buffer)
      expect(await failureOf(oneBlock(nested, 1, chain(depthMax + 1)), policy)).toMatchObject({ code: 'format.limit' })
    }
  })

  it('end the read of a record that contains itself without an end', async () => {
    const endless = { type: 'record', name: 'A', fields: [{ name: 'a', type: 'A' }] }
    expect(await failureOf(oneBlock(endless, 1, Buffer.alloc(0)))).toMatchObject({ code: 'format.limit' })
  })

  it('end the read of items or records that take no byte', async () => {
    const nulls = recordOf({ type: 'array', items: 'null' })
    const many = Buffer.concat([long(emptyItemsMax * 2), long(0)])
    expect(await failureOf(oneBlock(nulls, 1, many))).toMatchObject({ code: 'format.limit' })
    expect(await failureOf(oneBlock(recordOf('null'), emptyItemsMax + 1, Buffer.alloc(0)))).toMatchObject({
      code: 'format.limit',
    })
    expect(await failureOf(oneBlock(recordOf('null'), 1_000, Buffer.alloc(0)))).toBeInstanceOf(Buffer)
  })

  it('end the read of a schema that is too large to compile together with its facts', async () => {
    let maps: unknown = 'string'
    for (let depth = 0; depth < 6; depth++) maps = { type: 'map', values: maps }
    const facts = Array.from({ length: 12 }, (_, index) => ({
      name: `a.b/${index}`,
      op: 'exists' as const,
      path: `/**/name${index}`,
    }))
    const policy: RecordPolicy = { kind: 'by-facts', facts, decide: () => keep }
    expect(await failureOf(headerOf(recordOf(maps)), policy)).toMatchObject({ code: 'format.limit' })
  })

  it('end the read of a header without an end', async () => {
    const header = Buffer.concat([
      Buffer.from('Obj\u0001'),
      long(1),
      text('avro.schema'),
      long(headerBytesMax * 2),
      Buffer.alloc(headerBytesMax),
    ])
    expect(await failureOfWhole(header)).toMatchObject({ code: 'format.limit' })
  })
})

async function failureOfWhole(bytes: Buffer): Promise<unknown> {
  return readAll(format, bytes, { policy: constant(keep), chunkSize: 65_536 }).catch((thrown: unknown) => thrown)
}
