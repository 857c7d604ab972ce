import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { RecordPolicy } from '../../../src/domain/record-policy.ts'
import { guarded, masked, permitAll } from '../support/guarded.ts'
import { parquet, readParquet } from './samples.ts'

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url))
const rows = fixture('pyarrow-rows.ndjson').toString().trimEnd().split('\n')

/** Columns that a file lacks or holds with other digits than the table it was made from. */
const files: readonly (readonly [name: string, leftOut: readonly string[]])[] = [
  ['pyarrow-snappy-dictionary', []],
  ['pyarrow-zstd-v2', []],
  ['pyarrow-lz4-int96', ['tms', 'tus']],
  ['pyarrow-brotli-plain', []],
  ['pyarrow-delta', []],
  ['pyarrow-delta-v2', []],
]

/** Python writes a whole float with a digit behind the point; moments of twelve bytes are always in UTC. */
const inOneWay = (json: string) => json.replace(/(\d)\.0(?=[,\]}])/g, '$1').replace(/("tns":"[^"Z]*)Z"/, '$1"')

async function rowsOf(bytes: Uint8Array): Promise<readonly string[]> {
  const seen: string[] = []
  const policy: RecordPolicy = {
    kind: 'by-record',
    fields: undefined,
    decide(json) {
      seen.push(Buffer.from(json).toString())
      return { drop: true }
    },
  }
  await guarded(parquet, bytes, { policy })
  return seen
}

function without(json: string, names: readonly string[]): string {
  return names.reduce((text, name) => text.replace(new RegExp(`"${name}":(?:null|"[^"]*"),`), ''), json)
}

const keep = { drop: false, masks: [] } as const
const drop = { drop: true } as const

describe.each(files)('%s', (name, leftOut) => {
  const source = fixture(`${name}.parquet`)

  test('is seen with every digit', async () => {
    expect((await rowsOf(source)).map((row) => inOneWay(without(row, leftOut)))).toEqual(
      rows.map((row) => inOneWay(without(row, leftOut))),
    )
  })

  test('keeps its values exactly where rows are dropped', async () => {
    let row = 0
    const policy: RecordPolicy = { kind: 'by-record', fields: [], decide: () => (row++ % 3 === 1 ? keep : drop) }
    const { bytes, counts } = await guarded(parquet, source, { policy })
    const isKept = (_: unknown, index: number) => index % 3 === 1
    expect(await rowsOf(bytes)).toEqual((await rowsOf(source)).filter(isKept))
    // hyparquet cannot decompress what Arrow has written in LZ4, though it can read what became of it
    const read = await readParquet(bytes)
    if (!name.includes('lz4')) expect(read).toEqual((await readParquet(source)).filter(isKept))
    expect(read.map(({ rid }) => rid)).toEqual(rows.map((_, index) => index).filter(isKept))
    expect(counts).toEqual({ processed: rows.length, returned: rows.filter(isKept).length })
  })

  test('is given as it is where nothing is hidden', async () => {
    expect((await guarded(parquet, source, { policy: permitAll })).bytes.equals(source)).toBe(true)
  })

  test('has its columns masked, each by what its type can express', async () => {
    const policy = masked(
      { path: '/d128', action: 'round', to: 1_000 },
      { path: '/date', action: 'date', to: 'year' },
      { path: '/f64', action: 'round', to: 100 },
      { path: '/i64', action: 'constant', value: 9_007_199_254_740_993n },
      { path: '/list/*', action: 'remove' },
      { path: '/los/*/v', action: 'null' },
      { path: '/map/*', action: 'null' },
      { path: '/str', action: 'truncate', to: 1 },
      { path: '/struct', action: 'null' },
      { path: '/time', action: 'constant', value: '01:02:03.5' },
      { path: '/tns', action: 'date', to: 'month' },
      { path: '/u8', action: 'round', to: 10 },
    )
    const before = (await rowsOf(source)).map(
      (row) => JSON.parse(without(row, leftOut)) as Readonly<Record<string, unknown>>,
    )
    const after = (await rowsOf((await guarded(parquet, source, { policy })).bytes)).map((row) => without(row, leftOut))
    const half = (value: number, to: number) => Math.sign(value) * Math.round(Math.abs(value) / to) * to
    const number = (value: unknown, to: number) => (value === null ? null : half(value as number, to))
    const text = (value: unknown, change: (text: string) => string) => (value === null ? null : change(value as string))
    const entries = (value: unknown, change: (item: never) => unknown) =>
      value === null
        ? null
        : Object.fromEntries(Object.entries(value as object).map(([key]) => [key, change(key as never)]))
    expect(after.map((row) => (JSON.parse(row) as { readonly d128: number }).d128)).toEqual(
      before.map(({ d128 }) => (d128 === null ? null : expect.closeTo(half(d128 as number, 1_000), -12))),
    )
    expect(after.every((row) => row.includes('"i64":9007199254740993,'))).toBe(true)
    expect(after.map((row) => ({ ...(JSON.parse(row) as object), d128: 0, i64: 0 }))).toEqual(
      before.map((row) => ({
        ...row,
        d128: 0,
        i64: 0,
        date: text(row.date, (date) => `${date.slice(0, 4)}-01-01`),
        f64: number(row.f64, 100),
        list: row.list === null ? null : [],
        los:
          row.los === null
            ? null
            : (row.los as readonly ({ readonly n: string } | null)[]).map((item) => item && { ...item, v: null }),
        map: entries(row.map, () => null),
        str: text(row.str, (value) => Array.from(value).slice(0, 1).join('')),
        struct: null,
        time: '01:02:03.500000',
        tns: text(row.tns, (moment) => `${moment.slice(0, 7)}-01T00:00:00.000000000${moment.slice(29)}`),
        u8: number(row.u8, 10) === 260 ? null : number(row.u8, 10),
      })),
    )
  })
})
