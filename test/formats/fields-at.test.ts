/** What formats know of their fields before the first record, which a contract is compared with. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { createFormats } from '../../src/app/adapters.ts'
import { firstDifference, treeOfFields } from '../../src/domain/contract.ts'
import type { RecordSchema } from '../../src/domain/record-policy.ts'
import { chunksOf } from './support/guarded.ts'

const formats = await createFormats({ bundle: 'unused' })
const file = (path: string) => readFile(new URL(`../../${path}`, import.meta.url))

async function schemaOf(mediaType: string, bytes: Uint8Array): Promise<RecordSchema> {
  let seen: RecordSchema | undefined
  const format = formats.find(({ mediaTypes }) => mediaTypes.includes(mediaType))!
  const options = {
    policyFor(schema: RecordSchema) {
      seen = schema
      return { kind: 'untouched' } as const
    },
    counts: { processed: -1, returned: -1 },
    signal: new AbortController().signal,
  }
  for await (const _ of format.guard(chunksOf(bytes, []), options)) break
  return seen!
}

test('Avro: the fields of records, through unions, lists and references', async () => {
  const { fieldsAt } = await schemaOf('avro/binary', await file('examples/hr/data/employee_file0.avro'))
  expect(fieldsAt!([])).toContain('bankDetails')
  expect(fieldsAt!(['bankDetails'])).toEqual(['sortCode', 'accountNumber'])
  expect(fieldsAt!(['manager'])).toEqual(['*'])
  expect(fieldsAt!(['manager', '*', 'managers', '*', 'managers', '*'])).toEqual(['uid', 'managers', 'managerType'])
  expect(fieldsAt!(['uid'])).toBeUndefined()
  expect(fieldsAt!(['absent', 'x'])).toBeUndefined()
  expect(fieldsAt!(['manager', '0'])).toBeUndefined()
})

test('Parquet: columns, groups, and the items of lists', async () => {
  const { fieldsAt } = await schemaOf(
    'application/vnd.apache.parquet',
    await file('test/formats/parquet/fixtures/pyarrow-snappy-dictionary.parquet'),
  )
  const rows = await file('test/formats/parquet/fixtures/pyarrow-rows.ndjson')
  const record = JSON.parse(rows.toString('utf8').split('\n')[0]!) as Record<string, unknown>
  expect([...fieldsAt!([])!].sort()).toEqual(Object.keys(record).sort())
  const list = Object.keys(record).find((name) => Array.isArray(record[name]))!
  expect(fieldsAt!([list])).toEqual(['*'])
  expect(fieldsAt!(['absent'])).toBeUndefined()
  expect(fieldsAt!([list, '0'])).toBeUndefined()
})

test('CSV: the names of its header, and nothing below them', async () => {
  const { fieldsAt } = await schemaOf('text/csv', Buffer.from('a,b\n1,2\n'))
  expect(fieldsAt!([])).toEqual(['a', 'b'])
  expect(fieldsAt!(['a'])).toBeUndefined()
})

test('the rule on classification takes exactly the formats that know their fields', async () => {
  const data = JSON.parse((await file('policies/lib/classification/data.json')).toString('utf8'))
  const knowing = formats.filter(({ extensions }) => ['avro', 'csv', 'tsv', 'parquet'].includes(extensions[0]!))
  expect(knowing).toHaveLength(4)
  expect([...data.compared_formats].sort()).toEqual(knowing.flatMap(({ mediaTypes }) => mediaTypes).sort())
  for (const mediaType of ['application/x-ndjson', 'application/json', 'text/plain'])
    expect((await schemaOf(mediaType, Buffer.from('{"a":1}\n'))).fieldsAt).toBeUndefined()
})

test('a contract and a schema: the first field that only one of them has', () => {
  const names: Readonly<Record<string, readonly string[]>> = { '': ['a', 'b'], a: ['*'], 'a/*': ['x', 'y'] }
  const schema: RecordSchema = {
    accepts: () => 'ok',
    canCompute: () => true,
    fieldsAt: (path) => names[path.join('/')],
  }
  const difference = (...paths: readonly string[]) =>
    firstDifference(treeOfFields(paths.map((path) => ({ path, classification: 'internal' }))), schema)
  expect(difference('/a/*/x', '/a/*/y', '/b')).toBeUndefined()
  // what the contract does not look into is covered as a whole
  expect(difference('/a', '/b')).toBeUndefined()
  expect(difference('/a', '/a/*/x', '/b')).toBe('The data has /a/*/y, which the contract does not.')
  expect(difference('/a')).toBe('The data has /b, which the contract does not.')
  expect(difference('/a', '/b', '/c')).toBe('The contract has /c, which the data does not.')
  expect(difference('/a', '/b/z')).toBe('The contract has /b/z, which the data does not.')
  const { fieldsAt: _, ...unknown } = schema
  expect(firstDifference(treeOfFields([{ path: '/z', classification: '' }]), unknown)).toBeUndefined()
})
