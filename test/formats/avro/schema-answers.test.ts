import { describe, expect, it } from 'vitest'
import type { Mask, RecordDecision } from '../../../src/domain/decision.ts'
import { PortcullisError } from '../../../src/domain/errors.ts'
import type { FactSelector, MaskVerdict, RecordPolicy, RecordSchema } from '../../../src/domain/record-policy.ts'
import { createAvroFormat } from '../../../src/formats/avro/avro-format.ts'
import { maskValue } from '../../../src/policy/masks/mask-value.ts'
import { readAll } from '../../conformance/format.ts'
import { decodeAvro, encodeAvro, headerOf } from './samples.ts'

const format = createAvroFormat({ maskValue })
const keep: RecordDecision = { drop: false, masks: [] }

async function ask<Answer>(schema: unknown, question: (schema: RecordSchema) => Answer): Promise<Answer> {
  let answer: Answer | undefined
  await readAll(format, headerOf(schema), {
    policy(known) {
      answer = question(known)
      return { kind: 'constant', decision: keep }
    },
  })
  return answer!
}

const record = (...fields: readonly (readonly [string, unknown])[]) => ({
  type: 'record',
  name: 'A',
  fields: fields.map(([name, type]) => ({ name, type })),
})

async function masked(
  schema: unknown,
  records: readonly unknown[],
  ...masks: readonly Mask[]
): Promise<readonly unknown[]> {
  const out = await readAll(format, encodeAvro(schema, records), {
    policy: { kind: 'constant', decision: { drop: false, masks } },
  })
  return decodeAvro(out).blocks.flat()
}

describe('a mask', () => {
  const at = <Rest extends object>(rest: Rest) => ({ path: '/a', ...rest }) as unknown as Mask
  const partial = at({ action: 'partial', keepFirst: 1, fill: '*' })
  const color = { type: 'enum', name: 'Color', symbols: ['RED', 'GREEN'] }
  const decimal = { type: 'bytes', logicalType: 'decimal', precision: 6, scale: 2 }
  const date = { type: 'int', logicalType: 'date' }
  const uuid = { type: 'string', logicalType: 'uuid' }

  it.each<[string, unknown, Mask, MaskVerdict]>([
    ['null where null may be', ['null', 'string'], at({ action: 'null' }), 'ok'],
    ['null where null may be last', ['string', 'null'], at({ action: 'null' }), 'ok'],
    ['null where it may not be', 'string', at({ action: 'null' }), 'not_expressible'],
    ['null where a union has none', ['int', 'string'], at({ action: 'null' }), 'not_expressible'],
    ['removal where null may be', ['null', 'string'], at({ action: 'remove' }), 'ok'],
    ['removal of a field that cannot be null', 'string', at({ action: 'remove' }), 'not_expressible'],
    ['a constant of the type', 'int', at({ action: 'constant', value: 0 }), 'ok'],
    ['a constant of another type', 'int', at({ action: 'constant', value: 'x' }), 'not_expressible'],
    ['a constant beyond the type', 'int', at({ action: 'constant', value: 2 ** 31 }), 'not_expressible'],
    ['a constant beyond 2^53', 'long', at({ action: 'constant', value: 2n ** 62n }), 'ok'],
    ['a fraction for a whole number', 'long', at({ action: 'constant', value: 0.5 }), 'not_expressible'],
    ['a symbol', color, at({ action: 'constant', value: 'GREEN' }), 'ok'],
    ['a symbol that there is not', color, at({ action: 'constant', value: 'BLUE' }), 'not_expressible'],
    ['a constant decimal', decimal, at({ action: 'constant', value: 12.5 }), 'ok'],
    ['a constant decimal with too many places', decimal, at({ action: 'constant', value: 0.125 }), 'not_expressible'],
    ['a constant decimal with too many digits', decimal, at({ action: 'constant', value: 10_000 }), 'not_expressible'],
    ['a constant list', { type: 'array', items: 'int' }, at({ action: 'constant', value: [1, 2] }), 'ok'],
    ['a constant that is no uuid', uuid, at({ action: 'constant', value: 'x' }), 'not_expressible'],
    ['a part of a text', 'string', partial, 'ok'],
    ['a part of a text that may be null', ['null', 'string'], partial, 'ok'],
    ['a part of what is no text', 'int', partial, 'not_expressible'],
    ['a part of what is a text or null or a number', ['null', 'string', 'int'], partial, 'ok'],
    ['a part of what is a text or a number', ['string', 'int'], partial, 'not_expressible'],
    ['a part of a symbol', ['null', color], partial, 'not_expressible'],
    ['a part of a uuid', ['null', uuid], partial, 'not_expressible'],
    ['a hash of a text', 'string', at({ action: 'hash' }), 'ok'],
    ['a hash of a number', 'long', at({ action: 'hash' }), 'not_expressible'],
    ['the first characters of a text', 'string', at({ action: 'truncate', to: 2 }), 'ok'],
    ['the year of a text', 'string', at({ action: 'date', to: 'year' }), 'ok'],
    ['the year of a date', date, at({ action: 'date', to: 'year' }), 'ok'],
    ['the year of a number', 'int', at({ action: 'date', to: 'year' }), 'not_expressible'],
    [
      'the year of a time of day',
      { type: 'int', logicalType: 'time-millis' },
      at({ action: 'date', to: 'year' }),
      'not_expressible',
    ],
    ['a rounded number', 'double', at({ action: 'round', to: 0.5 }), 'ok'],
    ['a whole number rounded to a fraction', 'int', at({ action: 'round', to: 0.5 }), 'not_expressible'],
    ['a rounded date', date, at({ action: 'round', to: 10 }), 'not_expressible'],
    ['a rounded decimal', decimal, at({ action: 'round', to: 0.25 }), 'ok'],
    ['a decimal rounded to more places than it has', decimal, at({ action: 'round', to: 0.125 }), 'not_expressible'],
    ['rounded bytes', 'bytes', at({ action: 'round', to: 1 }), 'not_expressible'],
    ['another field', 'string', { path: '/b', action: 'null' }, 'path_unknown'],
    ['something below a text', 'string', { path: '/a/b', action: 'null' }, 'path_unknown'],
    ['a name in a list', { type: 'array', items: ['null', 'int'] }, { path: '/a/b', action: 'null' }, 'path_unknown'],
    ['every item of a list', { type: 'array', items: ['null', 'int'] }, { path: '/a/*', action: 'null' }, 'ok'],
    ['one item of a list', { type: 'array', items: ['null', 'int'] }, { path: '/a/2', action: 'null' }, 'ok'],
    [
      'null for items that cannot be',
      { type: 'array', items: 'int' },
      { path: '/a/*', action: 'null' },
      'not_expressible',
    ],
    ['removal of the items of a list', { type: 'array', items: 'int' }, { path: '/a/*', action: 'remove' }, 'ok'],
    ['a value of a map', { type: 'map', values: ['null', 'int'] }, { path: '/a/any~1name', action: 'null' }, 'ok'],
    ['every value of a map', { type: 'map', values: ['null', 'int'] }, { path: '/a/*', action: 'null' }, 'ok'],
    [
      'every field of a record',
      { ...record(['b', ['null', 'int']]), name: 'B' },
      { path: '/a/*', action: 'null' },
      'path_unknown',
    ],
    [
      'a place in one branch of a union that may be null',
      ['null', 'string', { type: 'map', values: 'string' }],
      { path: '/a/b', action: 'truncate', to: 1 },
      'ok',
    ],
    [
      'a place in one branch of a union that may not be null',
      ['string', { type: 'map', values: 'string' }],
      { path: '/a/b', action: 'truncate', to: 1 },
      'not_expressible',
    ],
    ['a path that is none', 'string', { path: 'a', action: 'null' }, 'path_unknown'],
  ])('%s', async (_, type, mask, verdict) => {
    expect(await ask(record(['a', type]), (schema) => schema.accepts(mask))).toBe(verdict)
  })

  it('that the schema cannot express refuses the read before the first byte, whoever decides so', async () => {
    const bytes = encodeAvro(record(['a', 'int']), [{ a: 1 }])
    const decision: RecordDecision = { drop: false, masks: [{ path: '/a', action: 'null' }] }
    const policies: readonly RecordPolicy[] = [
      { kind: 'constant', decision },
      { kind: 'by-facts', facts: [], decide: () => decision },
      { kind: 'by-record', fields: [], decide: () => decision },
    ]
    for (const policy of policies)
      await expect(readAll(format, bytes, { policy })).rejects.toMatchObject({ code: 'mask.not_expressible' })
  })

  it('blanks a parent that has another type than the path expects', async () => {
    const schema = record(['a', ['null', 'string', { ...record(['b', ['null', 'string']]), name: 'B' }]])
    const text = (value: string) => ({ string: value })
    expect(
      await masked(schema, [{ a: text('x') }, { a: { B: { b: text('y') } } }, { a: null }], {
        path: '/a/b',
        action: 'null',
      }),
    ).toEqual([{ a: null }, { a: { B: { b: null } } }, { a: null }])
  })

  it('reaches into a record inside itself as deep as its path', async () => {
    const schema = record(['id', 'string'], ['next', ['null', 'A']])
    const chain = { id: 'one', next: { A: { id: 'two', next: { A: { id: 'three', next: null } } } } }
    expect(await masked(schema, [chain], { path: '/next/next/id', action: 'truncate', to: 1 })).toEqual([
      { id: 'one', next: { A: { id: 'two', next: { A: { id: 't', next: null } } } } },
    ])
    expect(
      await masked(schema, [{ id: 'one', next: null }], { path: '/next/next/id', action: 'truncate', to: 1 }),
    ).toEqual([{ id: 'one', next: null }])
  })

  it('removes items and map values, all or some', async () => {
    const schema = record(['list', { type: 'array', items: 'int' }], ['map', { type: 'map', values: 'int' }])
    const records = [{ list: [10, 11, 12], map: { a: 1, b: 2 } }]
    expect(
      await masked(schema, records, { path: '/list/1', action: 'remove' }, { path: '/map/a', action: 'remove' }),
    ).toEqual([{ list: [10, 12], map: { b: 2 } }])
    expect(
      await masked(schema, records, { path: '/list/*', action: 'remove' }, { path: '/map/*', action: 'remove' }),
    ).toEqual([{ list: [], map: {} }])
  })

  it('for every value of a map and one for a single value meet in null', async () => {
    const schema = record(['map', { type: 'map', values: ['null', 'string'] }])
    const records = [{ map: { a: { string: 'one' }, b: { string: 'two' } } }]
    const masks: readonly Mask[] = [
      { path: '/map/*', action: 'truncate', to: 1 },
      { path: '/map/a', action: 'truncate', to: 2 },
    ]
    expect(await masked(schema, records, ...masks)).toEqual([{ map: { a: null, b: { string: 't' } } }])
  })

  it('of a value that cannot be masked, in a place that cannot be null, ends the read', async () => {
    const schema = record(['a', 'string'])
    await expect(masked(schema, [{ a: 'no date' }], { path: '/a', action: 'date', to: 'year' })).rejects.toMatchObject({
      code: 'mask.not_expressible',
    })
    const nullable = record(['a', ['null', 'string']])
    expect(await masked(nullable, [{ a: { string: 'no date' } }], { path: '/a', action: 'date', to: 'year' })).toEqual([
      { a: null },
    ])
  })

  it('makes a number that is not finite null', async () => {
    const schema = record(['a', ['null', 'double']])
    const records = [Number.NaN, Number.NEGATIVE_INFINITY, 1.26].map((double) => ({ a: { double } }))
    expect(await masked(schema, records, { path: '/a', action: 'round', to: 0.5 })).toEqual([
      { a: null },
      { a: null },
      { a: { double: 1.5 } },
    ])
  })

  it('goes back to the first of the month also before 1970 and before the year 100', async () => {
    const schema = record(
      ['day', { type: 'int', logicalType: 'date' }],
      ['at', { type: 'long', logicalType: 'timestamp-micros' }],
    )
    const day = (text: string) => Date.parse(text) / 86_400_000
    const out = await masked(
      schema,
      [
        { day: day('0050-03-04'), at: BigInt(Date.parse('1969-12-31T23:59:59.999Z')) * 1_000n },
        { day: day('2024-02-29'), at: BigInt(Date.parse('2024-02-29T12:00:00Z')) * 1_000n + 1n },
      ],
      { path: '/at', action: 'date', to: 'month' },
      { path: '/day', action: 'date', to: 'year' },
    )
    expect(out).toEqual([
      { day: day('0050-01-01'), at: BigInt(Date.parse('1969-12-01')) * 1_000n },
      { day: day('2024-01-01'), at: BigInt(Date.parse('2024-02-01')) * 1_000n },
    ])
  })
})

describe('a fact', () => {
  const fact = (path: string): FactSelector => ({ name: 'a.b/c', op: 'exists', path })
  const schema = record(
    ['list', { type: 'array', items: { ...record(['b', 'int']), name: 'B' } }],
    ['map', { type: 'map', values: 'int' }],
  )

  it.each([
    ['/list/*/b', true],
    ['/**', true],
    ['/**/b', true],
    ['/nothing/at/all', true],
    ['/map/0', true],
    ['/list/0/b', false],
    ['/**/0', false],
  ])('at %s can be computed: %s', async (path, can) => {
    expect(await ask(schema, (known) => known.canCompute(fact(path)))).toBe(can)
  })

  it('of an unknown kind cannot be computed', async () => {
    expect(await ask(schema, (known) => known.canCompute({ ...fact('/map'), op: 'sum' as never }))).toBe(false)
  })
})

describe('the projection', () => {
  async function projected(schema: unknown, value: unknown, fields?: readonly string[]): Promise<string> {
    let text = ''
    await readAll(format, encodeAvro(schema, [value]), {
      policy: {
        kind: 'by-record',
        fields,
        decide(json) {
          text = Buffer.from(json).toString()
          return keep
        },
      },
    })
    return text
  }

  it('holds the fields asked for, and no others', async () => {
    const schema = record(['a', 'int'], ['b', 'string'], ['c', 'boolean'])
    expect(await projected(schema, { a: -1, b: 'x', c: true }, ['c', 'a', 'z'])).toBe('{"a":-1,"c":true}')
    expect(await projected(schema, { a: -1, b: 'x', c: true }, [])).toBe('{}')
  })

  it('shows unions as plain values, enums, bytes and fixed as text, decimals and longs to the last digit', async () => {
    const schema = record(
      ['long', 'long'],
      ['union', ['null', { type: 'array', items: ['int', 'string'] }]],
      ['color', { type: 'enum', name: 'Color', symbols: ['RED'] }],
      ['bytes', 'bytes'],
      ['code', { type: 'fixed', name: 'Code', size: 2 }],
      ['price', { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 3 }],
      ['empty', { ...record(), name: 'Empty' }],
    )
    const value = {
      long: -(2n ** 63n),
      union: { array: [{ int: 1 }, { string: '\u0000"\\\n\u001f é' }] },
      color: 'RED',
      bytes: Buffer.from([0, 255]),
      code: Buffer.from('ab'),
      price: Buffer.from('ff00000000000000000001', 'hex'),
      empty: {},
    }
    expect(await projected(schema, value)).toBe(
      '{"long":-9223372036854775808,"union":[1,"\\u0000\\"\\\\\\u000a\\u001f é"],"color":"RED","bytes":"\\u0000ÿ","code":"ab","price":-1208925819614629174706.175,"empty":{}}',
    )
  })

  it('may be of a map, whose names are its fields', async () => {
    expect(await projected({ type: 'map', values: 'int' }, { a: 1 })).toBe('{"a":1}')
  })

  it('of a record with a number that is not finite ends the read, and not where the field is not asked for', async () => {
    const schema = record(['a', 'double'], ['b', 'int'])
    await expect(projected(schema, { a: Number.NaN, b: 1 })).rejects.toMatchObject({ code: 'policy.input_invalid' })
    await expect(projected(schema, { a: Number.POSITIVE_INFINITY, b: 1 }, ['a'])).rejects.toBeInstanceOf(
      PortcullisError,
    )
    expect(await projected(schema, { a: Number.NaN, b: 1 }, ['b'])).toBe('{"b":1}')
  })

  it('of what is no object is refused before the first byte', async () => {
    await expect(projected('string', 'x')).rejects.toMatchObject({ code: 'policy.input_invalid' })
  })
})

describe('records that are no records', () => {
  it('are kept, dropped and masked as a whole', async () => {
    expect(await masked('string', ['one', 'two'], { path: '', action: 'truncate', to: 1 })).toEqual(['o', 't'])
    expect(
      await masked({ type: 'map', values: 'string' }, [{ a: 'one' }], { path: '/a', action: 'truncate', to: 1 }),
    ).toEqual([{ a: 'o' }])
  })
})
