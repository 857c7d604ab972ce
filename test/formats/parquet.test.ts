import { formatConformance } from '../conformance/format.ts'
import { parquet, recordsOf, samplesOf, writeParquet } from './parquet/samples.ts'

for (const codec of ['UNCOMPRESSED', 'SNAPPY', 'GZIP'] as const)
  formatConformance(`parquet (${codec})`, async () => {
    const whole = samplesOf([{ id: 'id-1', note: 'note', amount: 1 }], { codec })
    const damaged = (at: number, byte: number) => {
      const bytes = Buffer.from(whole)
      bytes[at < 0 ? bytes.length + at : at] = byte
      return bytes
    }
    return {
      format: parquet,
      encode: async (records) => samplesOf(records, { codec }),
      decode: recordsOf,
      knowsFields: true,
      endsWithSchema: true,
      canEndAt: () => false,
      corrupt: [
        { name: 'nothing', bytes: Buffer.alloc(0) },
        { name: 'another format', bytes: Buffer.from('{"id":"id-1","note":"note"}\n') },
        { name: 'no magic in front', bytes: damaged(0, 0x51) },
        { name: 'no magic behind', bytes: damaged(-1, 0x32) },
        { name: 'metadata larger than the file', bytes: damaged(-5, 0x7f) },
        { name: 'metadata cut off', bytes: damaged(-8, whole[whole.length - 8]! - 1) },
        {
          name: 'a name twice',
          bytes: writeParquet([
            { name: 'note', data: ['note'], type: 'STRING' },
            { name: 'note', data: ['note'], type: 'STRING' },
          ]),
        },
      ],
    }
  })
