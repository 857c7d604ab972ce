import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Mask } from '../../../src/domain/decision.ts'
import type { Json } from '../../../src/domain/json.ts'
import { parsePointer } from '../../../src/domain/json-pointer.ts'
import type { RecordPolicy } from '../../../src/domain/record-policy.ts'
import { guarded, maskValue } from '../support/guarded.ts'
import { type Generated, generated } from './generated.ts'
import { parquet, readParquet, writeParquet } from './samples.ts'
import { schemaOf } from './shapes.ts'

function written({ fields, rows, rowGroupSize, pageSize, codec }: Generated): Buffer {
  const columnData = Object.keys(fields).map((name) => ({ name, data: rows.map((row) => row[name]) }))
  return writeParquet(columnData, { schema: schemaOf(fields), rowGroupSize, pageSize, codec })
}

/** A field that is removed is null, since the schema stays; an item goes. */
function maskPlainly(value: unknown, segments: readonly string[], mask: Mask): unknown {
  const [segment, ...below] = segments
  if (segment === undefined) {
    if (value === null && mask.action !== 'constant') return null
    return maskValue(mask, value as Json) ?? null
  }
  if (value === null || value === undefined) return null
  if (segment !== '*') {
    const object = value as Readonly<Record<string, unknown>>
    return { ...object, [segment]: maskPlainly(object[segment], below, mask) }
  }
  const removes = below.length === 0 && mask.action === 'remove'
  if (Array.isArray(value)) return removes ? [] : value.map((item) => maskPlainly(item, below, mask))
  const entries = Object.entries(value as object).map(([key, item]) => [key, maskPlainly(item, below, mask)])
  return Object.fromEntries(removes ? [] : entries)
}

test('what is given on decodes to the rows that are kept, masked', async () => {
  await fc.assert(
    fc.asyncProperty(generated, async (sample) => {
      const { masks, fates, rows } = sample
      const decisions = {
        drop: { drop: true },
        keep: { drop: false, masks: [] },
        mask: { drop: false, masks },
      } as const
      let row = 0
      const policy: RecordPolicy = { kind: 'by-record', fields: [], decide: () => decisions[fates[row++]!] }
      const source = written(sample)
      const { bytes, counts } = await guarded(parquet, source, {
        policy(schema) {
          expect(masks.map((mask) => schema.accepts(mask))).toEqual(masks.map(() => 'ok'))
          return policy
        },
      })
      const before = await readParquet(source)
      expect(before.length).toBe(rows.length)
      const expected = before.flatMap((record, index) => {
        const fate = fates[index]!
        if (fate === 'drop') return []
        return [
          fate === 'keep'
            ? record
            : masks.reduce<unknown>((masked, mask) => maskPlainly(masked, parsePointer(mask.path), mask), record),
        ]
      })
      expect(nullsAlike(await readParquet(bytes))).toEqual(nullsAlike(expected))
      expect(counts).toEqual({ processed: rows.length, returned: expected.length })
    }),
    { numRuns: 300 },
  )
})

/** The reader gives now null, now undefined. */
function nullsAlike(value: unknown): unknown {
  if (value === undefined || value === null) return null
  if (Array.isArray(value)) return value.map(nullsAlike)
  if (typeof value !== 'object' || value instanceof Uint8Array || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, nullsAlike(inner)]))
}
