import { createNdjsonFormat } from '../../../src/formats/ndjson/ndjson-format.ts'
import { formatConformance, type SampleRecord } from '../../conformance/format.ts'
import { maskValue } from '../support/guarded.ts'

formatConformance('ndjson', async () => ({
  format: createNdjsonFormat({ maskValue }),
  encode: async (records) => Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join('')),
  decode: async (bytes) =>
    bytes
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as SampleRecord),
  knowsFields: false,
  canEndAt: (bytes, length) => length === 0 || bytes[length - 1] === 0x0a || bytes[length] === 0x0a,
  corrupt: [
    { name: 'no JSON', bytes: Buffer.from('{"id":"id-1","note":null\n') },
    { name: 'no object', bytes: Buffer.from('"id-1"\n') },
    { name: 'no UTF-8', bytes: Buffer.concat([Buffer.from('{"note":"'), Buffer.from([0xff]), Buffer.from('"}\n')]) },
    { name: 'nested too deep', bytes: Buffer.from(`{"note":${'['.repeat(100)}${']'.repeat(100)}}\n`) },
  ],
}))
