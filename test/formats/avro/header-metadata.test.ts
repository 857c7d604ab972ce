/** What a writer noted in a file's header beside schema and codec passes with untouched bytes alone: it may tell of the records. */
import { describe, expect, test } from 'vitest'
import type { RecordPolicy } from '../../../src/domain/record-policy.ts'
import { createAvroFormat } from '../../../src/formats/avro/avro-format.ts'
import { dropAll, guarded, masked, maskValue, permitAll, untouched } from '../support/guarded.ts'
import { codecNames, decodeAvro, encodeAvro } from './samples.ts'

const avro = createAvroFormat({ maskValue })
const schema = {
  type: 'record',
  name: 'Person',
  doc: 'One ünë a line.',
  fields: [
    { name: 'name', type: 'string' },
    { name: 'salary', type: ['null', 'long'] },
  ],
}
const records = Array.from({ length: 25 }, (_, index) => ({
  name: `n${index}`,
  salary: { long: BigInt(1_000 + index) },
}))
const keepAll: RecordPolicy = { kind: 'by-record', fields: ['name'], decide: () => ({ drop: false, masks: [] }) }

describe.each(codecNames)('a file compressed by %s', (codec) => {
  const file = encodeAvro(schema, records, { codec })

  test.each([
    ['untouched bytes', untouched],
    ['a decision that hides nothing', permitAll],
  ])('keeps its notes for %s', async (_, policy) => {
    expect((await guarded(avro, file, { policy })).bytes.equals(file)).toBe(true)
  })

  test.each([
    ['are masked', masked({ path: '/salary', action: 'null' }), records.map(({ name }) => ({ name, salary: null }))],
    ['are dropped', dropAll, []],
    ['may be withheld', keepAll, records],
  ])('loses its notes where records %s', async (_, policy, expected) => {
    const { bytes } = await guarded(avro, file, { policy })
    const decoded = decodeAvro(bytes)
    expect(Object.keys(decoded.metadata).sort()).toEqual(['avro.codec', 'avro.schema'])
    expect(decoded.metadata['avro.schema']).toEqual(decodeAvro(file).metadata['avro.schema'])
    expect(decoded.codec).toBe(codec)
    expect(decoded.blocks.flat()).toEqual(expected)
  })

  test('loses its notes where a policy that is new before the first bytes withholds something', async () => {
    const { bytes } = await guarded(avro, file, { policy: untouched, checkpoint: () => dropAll })
    expect(decodeAvro(bytes)).toMatchObject({ blocks: [] })
    expect(bytes.includes('by a test')).toBe(false)
  })
})
