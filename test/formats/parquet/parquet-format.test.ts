import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { type FileMetaData, parquetMetadata } from 'hyparquet'
import { describe, expect, test } from 'vitest'
import { PortcullisError } from '../../../src/domain/errors.ts'
import type { RecordPolicy } from '../../../src/domain/record-policy.ts'
import { createParquetFormat } from '../../../src/formats/parquet/parquet-format.ts'
import { codeOf, dropAll, guarded, masked, maskValue, permitAll, untouched } from '../support/guarded.ts'
import { parquet, readParquet, writeParquet } from './samples.ts'

const secrets = Array.from({ length: 200 }, (_, index) => `secret-value-${index}-of-many`)
const names = secrets.map((_, index) => `name-${index}`)
const everyThird = (_: unknown, index: number) => index % 3 === 0

const telling = writeParquet(
  [
    { name: 'name', data: names, type: 'STRING', columnIndex: true, bloomFilter: true },
    { name: 'secret', data: secrets, type: 'STRING', columnIndex: true, bloomFilter: true },
    {
      name: 'repeated',
      data: secrets.map((secret, index) => (index % 2 === 0 ? secret : secrets[0]!)),
      type: 'STRING',
      encoding: 'RLE_DICTIONARY',
      columnIndex: true,
    },
    { name: 'number', data: secrets.map((_, index) => 7_000_000 + index), type: 'INT32', columnIndex: true },
  ],
  {
    rowGroupSize: 90,
    codec: 'UNCOMPRESSED',
    statisticsTruncateLength: 1_000,
    kvMetadata: [{ key: 'pandas', value: `{"stop": 200, "first": "${secrets[0]}"}` }],
  },
)

function metadataOf(bytes: Buffer): FileMetaData {
  return parquetMetadata(new Uint8Array(bytes))
}

const keepThird = (): RecordPolicy => {
  let row = 0
  const [keep, drop] = [{ drop: false, masks: [] } as const, { drop: true } as const]
  return { kind: 'by-record', fields: [], decide: () => (row++ % 3 === 0 ? keep : drop) }
}

const numberBytes = (number: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(number)
  return bytes
}

describe('nothing leaks', () => {
  test('of a column that is masked, anywhere in the file', async () => {
    const policy = masked(
      { path: '/secret', action: 'null' },
      { path: '/repeated', action: 'partial', keepFirst: 2, fill: '*' },
      { path: '/number', action: 'round', to: 1_000 },
    )
    const { bytes } = await guarded(parquet, telling, { policy })
    expect(secrets.filter((secret) => telling.includes(secret)).length).toBe(secrets.length)
    expect(bytes.includes('secret-value')).toBe(false)
    for (let index = 1; index < 200; index++) expect(bytes.includes(numberBytes(7_000_000 + index))).toBe(false)
    expect((await readParquet(bytes)).map(({ name }) => name)).toEqual(names)
  })

  test('of rows that are dropped, anywhere in the file', async () => {
    const { bytes } = await guarded(parquet, telling, { policy: keepThird() })
    expect(secrets.filter((secret) => bytes.includes(`${secret}`))).toEqual(secrets.filter(everyThird))
    expect(
      names.filter(
        (name) => bytes.includes(`${name}`) && !names.filter(everyThird).some((kept) => kept.includes(name)),
      ),
    ).toEqual([])
    expect((await readParquet(bytes)).map(({ secret }) => secret)).toEqual(secrets.filter(everyThird))
  })

  test('by the number of distinct values that a mask has made the same', async () => {
    const policy = masked({ path: '/repeated', action: 'truncate', to: 3 })
    const { bytes } = await guarded(parquet, telling, { policy })
    // one entry in the dictionary of each of three row groups
    expect(bytes.toString('latin1').split('\u0003\0\0\0sec').length - 1).toBe(3)
  })

  test('by counts, statistics, indexes or free text in the metadata', async () => {
    const dropped = metadataOf((await guarded(parquet, telling, { policy: keepThird() })).bytes)
    expect(dropped.num_rows).toBe(67n)
    expect(dropped.row_groups.map(({ num_rows }) => num_rows)).toEqual([30n, 30n, 7n])
    expect(dropped.key_value_metadata).toBeUndefined()
    for (const { columns } of dropped.row_groups)
      for (const column of columns) {
        expect(column.meta_data?.statistics).toBeUndefined()
        expect(column.meta_data?.bloom_filter_offset).toBeUndefined()
        expect(column.column_index_offset).toBeUndefined()
        expect(column.offset_index_offset).toBeUndefined()
      }
    const hidden = metadataOf(
      (await guarded(parquet, telling, { policy: masked({ path: '/secret', action: 'null' }) })).bytes,
    )
    const [name, secret] = hidden.row_groups[0]!.columns
    expect(secret!.meta_data?.statistics).toBeUndefined()
    expect(name!.meta_data?.statistics).toMatchObject({ min_value: 'name-0', max_value: 'name-9' })
    expect(hidden.key_value_metadata).toBeUndefined()
  })

  test('by a row group of which nothing is left', async () => {
    const decide = (_: Uint8Array, row = row_++) => (row < 90 || row >= 180 ? keep : drop)
    let row_ = 0
    const [keep, drop] = [{ drop: false, masks: [] } as const, { drop: true } as const]
    const { bytes } = await guarded(parquet, telling, {
      policy: { kind: 'by-record', fields: [], decide: (json) => decide(json) },
    })
    expect(metadataOf(bytes).row_groups.map(({ num_rows }) => num_rows)).toEqual([90n, 20n])
  })
})

describe('columns that no rule touches', () => {
  test('are copied byte for byte', async () => {
    const { bytes } = await guarded(parquet, telling, { policy: masked({ path: '/secret', action: 'null' }) })
    const chunksOf = (file: Buffer) =>
      metadataOf(file).row_groups.map(({ columns }) => {
        const meta = columns[0]!.meta_data!
        const start = Number(meta.dictionary_page_offset ?? meta.data_page_offset)
        return file.subarray(start, start + Number(meta.total_compressed_size)).toString('hex')
      })
    expect(chunksOf(bytes)).toEqual(chunksOf(telling))
  })
})

describe('what a file cannot express', () => {
  const required = writeParquet([
    { name: 'id', data: ['a'], type: 'STRING', nullable: false },
    { name: 'uuid', data: ['00000000-0000-4000-8000-000000000000'], type: 'UUID' },
    { name: 'count', data: [1], type: 'INT32' },
  ])

  test.each([
    ['path_unknown', { path: '/nothing', action: 'null' }],
    ['path_unknown', { path: '/id/below', action: 'null' }],
    ['not_expressible', { path: '/id', action: 'null' }],
    ['not_expressible', { path: '/id', action: 'remove' }],
    ['not_expressible', { path: '/id', action: 'constant', value: 1 }],
    ['not_expressible', { path: '/uuid', action: 'hash' }],
    ['not_expressible', { path: '/uuid', action: 'constant', value: 'x' }],
    ['not_expressible', { path: '/count', action: 'partial', keepFirst: 1, fill: '*' }],
    ['not_expressible', { path: '/count', action: 'round', to: 0.5 }],
    ['not_expressible', { path: '/count', action: 'constant', value: 2 ** 31 }],
    ['ok', { path: '/uuid', action: 'constant', value: 'ffffffff-ffff-4fff-bfff-ffffffffffff' }],
    ['ok', { path: '/count', action: 'null' }],
  ] as const)('%s: %j', async (verdict, mask) => {
    let answer: string | undefined
    await guarded(parquet, required, {
      policy(schema) {
        answer = schema.accepts(mask)
        return untouched
      },
    })
    expect(answer).toBe(verdict)
    const given: Uint8Array[] = []
    if (verdict === 'ok') return
    const reading = (async () => {
      const { chunks } = await guarded(parquet, required, {
        policy: { kind: 'constant', decision: { drop: false, masks: [mask] } },
      })
      given.push(...chunks)
    })()
    expect(await codeOf(reading)).toBe(`mask.${verdict}`)
    expect(given).toEqual([])
  })
})

describe('a file that is wrong', () => {
  const fixture = readFileSync(new URL('fixtures/pyarrow-snappy-dictionary.parquet', import.meta.url))
  const delta = readFileSync(new URL('fixtures/pyarrow-delta-v2.parquet', import.meta.url))
  const everything: RecordPolicy = { kind: 'by-record', fields: undefined, decide: () => ({ drop: true }) }
  const policies = [
    () => permitAll,
    () => dropAll,
    () => everything,
    keepThird,
    () => masked({ path: '/rid', action: 'constant', value: 1 }),
  ]

  async function outcome(bytes: Buffer, policy: RecordPolicy): Promise<unknown> {
    return guarded(parquet, bytes, { policy }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
  }

  test('gives a whole file or a known error where bits are flipped', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(fixture, delta),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        fc.nat(policies.length - 1),
        async (file, flips, inMetadata, at) => {
          const bytes = Buffer.from(file)
          const first = inMetadata ? bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8) : 0
          for (const [place, bits] of flips) bytes[first + (place % (bytes.length - first))]! ^= bits
          const thrown = await outcome(bytes, policies[at]!())
          if (thrown === undefined) return
          expect(thrown).toBeInstanceOf(PortcullisError)
          const { code, message } = thrown as PortcullisError
          expect([
            'format.corrupt',
            'format.limit',
            'format.unknown',
            'policy.input_invalid',
            'mask.path_unknown',
            'mask.not_expressible',
          ]).toContain(code)
          expect(message).not.toMatch(/alpha|beta|gamma|Zo/)
        },
      ),
      { numRuns: 1_500 },
    )
  }, 120_000)

  test('is not opened where it is encrypted', async () => {
    const encrypted = Buffer.concat([Buffer.from('PARE'), fixture.subarray(4, -4), Buffer.from('PARE')])
    expect(await codeOf(guarded(parquet, encrypted, { policy: untouched }))).toBe('format.unknown')
  })

  test.each([
    ['more rows in the file', '\u0016\u0090\u0003', '\u0016\u0092\u0003'],
    ['fewer rows in a row group', '\u0016\u00b4\u0001', '\u0016\u00b2\u0001'],
  ])('that says %s is refused', async (_, from, to) => {
    const at = telling.lastIndexOf(Buffer.from(from, 'latin1'))
    expect(at).toBeGreaterThan(0)
    const bytes = Buffer.from(telling)
    bytes.write(to, at, 'latin1')
    expect(await codeOf(guarded(parquet, bytes, { policy: permitAll }))).toBe('format.corrupt')
  })
})

describe('ranges', () => {
  const source = writeParquet(
    [
      { name: 'id', data: Array.from({ length: 20_000 }, (_, index) => index), type: 'INT32' },
      { name: 'noise', data: Array.from({ length: 20_000 }, (_, index) => `${index * 7919}-${index}`), type: 'STRING' },
    ],
    { rowGroupSize: 5_000, codec: 'UNCOMPRESSED' },
  )
  const never: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]() {
      throw new Error('not to be asked')
    },
  }

  async function readWith(policy: RecordPolicy, read: (start: number, end: number) => Promise<Uint8Array>) {
    const parts: Uint8Array[] = []
    for await (const part of parquet.guard(never, {
      policyFor: () => policy,
      counts: { processed: -1, returned: -1 },
      signal: new AbortController().signal,
      ranges: { size: source.length, read },
    }))
      parts.push(part)
    return Buffer.concat(parts)
  }

  test('are used instead of the stream, and only of columns that are needed', async () => {
    let bytesRead = 0
    const out = await readWith(masked({ path: '/noise', action: 'null' }), async (start, end) => {
      bytesRead += end - start
      return source.subarray(start, end)
    })
    expect(await readParquet(out)).toEqual(Array.from({ length: 20_000 }, (_, id) => ({ id, noise: null })))
    expect(bytesRead).toBeLessThan(source.length / 2)
  })

  test('that give fewer bytes than asked for end the read', async () => {
    const short = readWith(permitAll, async (start, end) => source.subarray(start, Math.max(start, end - 1)))
    expect(await codeOf(short)).toBe('format.corrupt')
  })
})

describe('bytes in work', () => {
  test('are limited over all reads: who has waited long enough is turned away', async () => {
    const format = createParquetFormat({ maskValue, workBytesMax: 1_000, workWaitMs: 60 })
    const reading = (policy: RecordPolicy) =>
      format.guard(
        (async function* () {
          yield telling
        })(),
        { policyFor: () => policy, counts: { processed: -1, returned: -1 }, signal: new AbortController().signal },
      )
    const first = reading(dropAllButOne())[Symbol.asyncIterator]()
    await first.next()
    expect(await codeOf(guarded(format, telling, { policy: permitAll }))).toBe('service.busy')
    await first.return?.()
    expect((await guarded(format, telling, { policy: permitAll })).bytes.equals(telling)).toBe(true)
  })
})

function dropAllButOne(): RecordPolicy {
  let row = 0
  const [keep, drop] = [{ drop: false, masks: [] } as const, { drop: true } as const]
  return { kind: 'by-record', fields: [], decide: () => (row++ === 0 ? keep : drop) }
}
