import { createJsonFormat } from '../../../src/formats/json/json-format.ts'
import { formatConformance, type SampleRecord } from '../../conformance/format.ts'
import { maskValue } from '../support/guarded.ts'

formatConformance('JSON', async () => ({
  format: createJsonFormat({ maskValue }),
  encode: async (records) =>
    Buffer.from(`[\n${records.map((record) => JSON.stringify(record, undefined, 1)).join(',\n')}]\n`),
  decode: async (bytes) => JSON.parse(bytes.toString()) as readonly SampleRecord[],
  knowsFields: false,
  canEndAt: (bytes, length) => length === bytes.length - 1,
  corrupt: [
    { name: 'a comma too many', bytes: Buffer.from('[{"id":"id-1"},]') },
    { name: 'no object', bytes: Buffer.from('["id-1"]') },
    { name: 'something after the list', bytes: Buffer.from('[{"id":"id-1"}] "note"') },
    { name: 'another bracket', bytes: Buffer.from('[{"id":"id-1"}}') },
    { name: 'no UTF-8', bytes: Buffer.concat([Buffer.from('[{"note":"'), Buffer.from([0xff]), Buffer.from('"}]')]) },
  ],
}))
