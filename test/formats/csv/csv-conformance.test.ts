import { createCsvFormat, createTsvFormat } from '../../../src/formats/csv/csv-format.ts'
import { formatConformance, type SampleRecord } from '../../conformance/format.ts'
import { maskValue } from '../support/guarded.ts'
import { parseTable } from './parse-table.ts'

const columns = ['id', 'note', 'amount'] as const

for (const [name, createFormat, delimiter] of [
  ['CSV', createCsvFormat, ','],
  ['TSV', createTsvFormat, '\t'],
] as const) {
  const line = (fields: readonly unknown[]) =>
    `${fields.map((field) => `"${String(field ?? '').replaceAll('"', '""')}"`).join(delimiter)}\r\n`
  formatConformance(name, async () => ({
    format: createFormat({ maskValue }),
    encode: async (records) =>
      Buffer.from([columns, ...records.map(({ id, note, amount }) => [id, note, amount])].map(line).join('')),
    decode: async (bytes): Promise<readonly SampleRecord[]> =>
      parseTable(bytes.toString(), delimiter)
        .slice(1)
        // cut off after the last delimiter, a row has an empty last field: nobody can tell
        .filter(([, , amount]) => amount !== '')
        .map(([id, note, amount]) => ({ id: id!, note: note === '' ? null : note!, amount: Number(amount) })),
    seen: ({ id, note, amount }) => ({ id, note: note ?? '', amount: String(amount) }),
    knowsFields: true,
    // within the header there are fewer columns and no rows; within a row there are too few fields
    canEndAt: (bytes, length) => {
      const text = bytes.subarray(0, length).toString()
      if ((text.match(/"/g)?.length ?? 0) % 2 !== 0 || text.endsWith('\r')) return false
      const last = text.split('\n').at(-1)!
      return (
        !text.includes('\n') ||
        last === '' ||
        parseTable(last, delimiter)[0]!.length === columns.length ||
        last.split(`"${delimiter}`).length === columns.length
      )
    },
    corrupt: [
      { name: 'too few fields', bytes: Buffer.from(`id${delimiter}note\nid-1\n`) },
      { name: 'a stray quote', bytes: Buffer.from(`id${delimiter}note\nid-1${delimiter}x"y\n`) },
      { name: 'a quote that stays open', bytes: Buffer.from(`id${delimiter}note\nid-1${delimiter}"x\n`) },
      { name: 'a column twice', bytes: Buffer.from(`note${delimiter}note\n`) },
      { name: 'no UTF-8', bytes: Buffer.concat([Buffer.from('note\n'), Buffer.from([0xff])]) },
    ],
  }))
}
