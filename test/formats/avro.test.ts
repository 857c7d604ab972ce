import { createAvroFormat } from '../../src/formats/avro/avro-format.ts'
import { maskValue } from '../../src/policy/masks/mask-value.ts'
import { formatConformance, type SampleRecord } from '../conformance/format.ts'
import { blockOf, codecNames, decodeAvro, encodeAvro, headerOf, text } from './avro/samples.ts'

const sampleSchema = {
  type: 'record',
  name: 'Sample',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'note', type: ['null', 'string'] },
    { name: 'amount', type: 'long' },
  ],
}

type Stored = { readonly id: string; readonly note: { readonly string: string } | null; readonly amount: bigint }

for (const codec of codecNames)
  formatConformance(`avro (${codec})`, async () => ({
    format: createAvroFormat({ maskValue: (mask, value) => maskValue(mask, value) }),
    encode: async (records) =>
      encodeAvro(
        sampleSchema,
        records.map(
          ({ id, note, amount }): Stored => ({
            id,
            note: note === null ? null : { string: note },
            amount: BigInt(amount),
          }),
        ),
        { codec, recordsPerBlock: 17 },
      ),
    decode: async (bytes) =>
      (decodeAvro(bytes).blocks.flat() as readonly Stored[]).map(
        ({ id, note, amount }): SampleRecord => ({
          id,
          note: note === null ? null : note.string,
          amount: Number(amount),
        }),
      ),
    knowsFields: true,
    canEndAt: (bytes, length) => decodeAvro(bytes).ends.includes(length),
    corrupt: [
      { name: 'nothing', bytes: Buffer.alloc(0) },
      { name: 'another format', bytes: Buffer.from('{"id":"id-1","note":"note"}\n') },
      {
        name: 'an unknown type',
        bytes: headerOf({ type: 'record', name: 'A', fields: [{ name: 'note', type: 'B' }] }),
      },
      { name: 'bytes behind the last block', bytes: Buffer.concat([encodeAvro(sampleSchema, []), text('note')]) },
      { name: 'a record cut off', bytes: Buffer.concat([headerOf(sampleSchema), blockOf(1, text('id-1'))]) },
    ],
  }))
