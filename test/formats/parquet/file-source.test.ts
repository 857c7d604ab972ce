/** Reads of parts of a file: joined where they follow one another, and never other bytes than those asked for. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RecordPolicy } from '../../../src/domain/record-policy.ts'
import { openFileSource } from '../../../src/formats/parquet/file-source.ts'
import { aheadBytesMax } from '../../../src/formats/parquet/limits.ts'
import { createWorkBudget } from '../../../src/formats/parquet/work-budget.ts'
import { codeOf, guarded, masked } from '../support/guarded.ts'
import { parquet, writeParquet } from './samples.ts'

const { signal } = new AbortController()
const never: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]() {
    throw new Error('not to be asked')
  },
}

/** What was asked for, as `[start, end]`. */
function ranged(file: Buffer) {
  const asked: (readonly [number, number])[] = []
  const read = async (start: number, end: number) => {
    asked.push([start, end])
    return Buffer.from(file.subarray(start, end))
  }
  return { asked, options: { counts: { processed: -1, returned: -1 }, signal, ranges: { size: file.length, read } } }
}

const policyFor = () => ({ kind: 'untouched' }) as const
const open = (file: ReturnType<typeof ranged>) =>
  openFileSource(never, { ...file.options, policyFor }, createWorkBudget().open())

const large = Buffer.from(Uint32Array.from({ length: 1_000_000 }, (_, index) => index * 2_654_435_761).buffer)

test('each read gives exactly its bytes, whatever was read before', async () => {
  const place = fc.nat(large.length)
  const lengths = fc.oneof(fc.nat(2_000), fc.nat(2 * aheadBytesMax))
  // where it begins: anywhere, or so many bytes behind the one before
  const reads = fc.array(fc.record({ at: fc.oneof(place, fc.constant(undefined)), gap: fc.nat(70_000), lengths }), {
    minLength: 1,
    maxLength: 30,
  })
  await fc.assert(
    fc.asyncProperty(reads, async (steps) => {
      const source = await open(ranged(large))
      const got: Buffer[] = []
      const expected: Buffer[] = []
      let last = 0
      for (const { at, gap, lengths: length } of steps) {
        const start = Math.min(at ?? last + gap, large.length)
        last = Math.min(start + length, large.length)
        got.push(await source.read(start, last))
        expected.push(large.subarray(start, last))
      }
      // all at the end: none may change what another was given
      expect(got.every((bytes, index) => bytes.equals(expected[index]!))).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('small reads side by side are few requests of a bounded size, and one that is alone is no larger than itself', async () => {
  const file = ranged(large)
  const source = await open(file)
  for (let start = 0; start < large.length; start += 1_000)
    await source.read(start, Math.min(start + 900, large.length))
  expect(file.asked.length).toBeLessThan(10)
  expect(Math.max(...file.asked.map(([start, end]) => end - start))).toBe(aheadBytesMax)

  const far = ranged(large)
  const jumping = await open(far)
  for (const start of [3_000_000, 10, 2_000_000]) await jumping.read(start, start + 500)
  expect(far.asked).toEqual([
    [3_000_000, 3_000_500],
    [10, 510],
    [2_000_000, 2_000_500],
  ])
})

test('nothing is read ahead where no bytes are left for that, nor for what is given on as it is', async () => {
  const parts = Array.from({ length: 50 }, (_, index) => [index * 1_000, index * 1_000 + 900] as const)
  const budget = createWorkBudget({ bytesMax: aheadBytesMax })
  await budget.open().hold('rows', 10, signal)
  const file = ranged(large)
  const source = await openFileSource(never, { ...file.options, policyFor }, budget.open())
  for (const [start, end] of parts) expect(await source.read(start, end)).toEqual(large.subarray(start, end))
  expect(file.asked).toEqual(parts)

  const other = ranged(large)
  const passing = await open(other)
  for (const [start, end] of parts) expect(await passing.pass(start, end)).toEqual(large.subarray(start, end))
  expect(other.asked).toEqual(parts)
})

test('a place beyond the end is refused before anything is read', async () => {
  const file = ranged(large)
  const source = await open(file)
  for (const [start, end] of [
    [-1, 3],
    [0, large.length + 1],
    [5, 4],
  ] as const) {
    expect(await codeOf(source.read(start, end))).toBe('format.corrupt')
    expect(await codeOf(source.pass(start, end))).toBe('format.corrupt')
  }
  expect(file.asked).toEqual([])
  // nor where reading ahead has begun
  for (const at of [0, 10, 20]) await source.read(at, at + 10)
  expect(await codeOf(source.read(500_000, 499_999))).toBe('format.corrupt')
  await source.read(100_000, 100_010)
  expect(await codeOf(source.read(100_010, 100_009))).toBe('format.corrupt')
})

test('a file of many small row groups is read with few requests, and comes out as from one piece', async () => {
  const rows = 4_000
  const columns = Array.from({ length: 12 }, (_, column) => ({
    name: `c${column}`,
    data: Array.from({ length: rows }, (_unused, row) => `${row * 7919 + column}`),
    type: 'STRING' as const,
  }))
  const source = writeParquet(columns, { rowGroupSize: 100, codec: 'UNCOMPRESSED' })
  const policies: readonly RecordPolicy[] = [
    masked({ path: '/c3', action: 'truncate', to: 1 }),
    {
      kind: 'by-facts',
      facts: [{ name: 'test.rule/all', op: 'get', path: '/c9' }],
      decide: ([value]) => (String(value).endsWith('1') ? { drop: true } : { drop: false, masks: [] }),
    },
  ]
  for (const policy of policies) {
    const file = ranged(source)
    const parts: Uint8Array[] = []
    for await (const part of parquet.guard(never, { ...file.options, policyFor: () => policy })) parts.push(part)
    expect(Buffer.concat(parts).equals((await guarded(parquet, source, { policy })).bytes)).toBe(true)
    expect(file.asked.length).toBeLessThan(20)
  }
})
