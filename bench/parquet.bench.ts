/** The Parquet guard on HR data, without a policy engine: against reading the same file and decoding every row with hyparquet, in the same process. */
import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parquetRead, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { type Employee, employeeAt } from '../examples/hr/employees.ts'
import type { Mask, RecordDecision } from '../src/domain/decision.ts'
import type { RecordPolicy } from '../src/domain/record-policy.ts'
import { createParquetFormat } from '../src/formats/parquet/parquet-format.ts'
import { maskValue } from '../src/policy/masks/mask-value.ts'
import { type Fields, type Shape, schemaOf } from '../test/formats/parquet/shapes.ts'
import { createTempFolder } from '../test/support/temp-folder.ts'
import { type Row, report, round } from './support/statistics.ts'

const records = 50_000
const rowGroupSize = 10_000
const rounds = 3
const turns = 3

const text = { leaf: 'text' } as const
const list = (item: Fields) => ({ list: { struct: item } })
const phone = { type: text, number: text }
const address = { streetAddressNumber: text, streetName: text, city: text, state: text, zipCode: text }
const fields = {
  uid: text,
  name: text,
  dateOfBirth: text,
  contactNumbers: list(phone),
  emergencyContacts: list({ contactName: text, relation: text, contactNumbers: list(phone) }),
  address: { struct: address },
  bankDetails: { struct: { sortCode: text, accountNumber: text } },
  taxCode: text,
  nationality: text,
  manager: list({ uid: text, managerType: text }),
  hireDate: text,
  grade: text,
  department: text,
  salaryAmount: { leaf: 'int32' },
  salaryBonus: { leaf: 'int32' },
  workLocation: { struct: { workLocationName: text, address: { struct: address } } },
  sex: text,
} as const satisfies Record<keyof Employee, Shape>

const masks: readonly Mask[] = [
  { path: '/address/zipCode', action: 'partial', keepFirst: 2, fill: '*' },
  { path: '/bankDetails', action: 'null' },
  { path: '/dateOfBirth', action: 'null' },
  { path: '/nationality', action: 'null' },
  { path: '/salaryAmount', action: 'constant', value: 0 },
  { path: '/taxCode', action: 'null' },
]
const keep: RecordDecision = { drop: false, masks: [] }
const masked: RecordDecision = { drop: false, masks }
const drop: RecordDecision = { drop: true }
const fact = { name: 'hr.visible/department', op: 'equals', path: '/department', operand: 'IT' } as const
const managerFact = { name: 'hr.visible/manages', op: 'any', path: '/manager/**/uid', operand: 'Bob' } as const

const policies: Readonly<Record<string, () => RecordPolicy>> = {
  untouched: () => ({ kind: 'untouched' }),
  'constant, nothing masked': () => ({ kind: 'constant', decision: keep }),
  'columns masked: 5 fields': () => ({ kind: 'constant', decision: { drop: false, masks: masks.slice(1) } }),
  'columns masked: 5 fields and a partial text': () => ({ kind: 'constant', decision: masked }),
  'columns masked: by facts, some rows': () => ({
    kind: 'by-facts',
    facts: [fact],
    decide: ([isIn]) => (isIn === true ? keep : masked),
  }),
  'rows dropped: by facts, a ninth kept': () => ({
    kind: 'by-facts',
    facts: [fact],
    decide: ([isIn]) => (isIn === true ? keep : drop),
  }),
  'rows dropped: by facts, most kept, masked': () => ({
    kind: 'by-facts',
    facts: [fact, managerFact],
    decide: ([isIn]) => (isIn === true ? drop : masked),
  }),
  'rows dropped: by record, every second': () => {
    let row = 0
    return { kind: 'by-record', fields: ['uid', 'department'], decide: () => (row++ % 2 === 0 ? keep : drop) }
  },
}

const format = createParquetFormat({ maskValue })
const folder = (await createTempFolder('bench-parquet')).path

async function fileOf(path: string): Promise<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = await readFile(path)
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer
}

async function plain(path: string): Promise<number> {
  return (await parquetReadObjects({ file: await fileOf(path), compressors })).length
}

/** Columns only: no object is made of a row. */
async function columns(path: string): Promise<number> {
  let rows = 0
  await parquetRead({
    file: await fileOf(path),
    compressors,
    onChunk({ columnName, rowStart, rowEnd }) {
      if (columnName === 'uid') rows += rowEnd - rowStart
    },
  })
  return rows
}

async function guarded(path: string, policy: RecordPolicy): Promise<number> {
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    const ranges = {
      size,
      async read(start: number, end: number) {
        const bytes = Buffer.allocUnsafe(end - start)
        await handle.read(bytes, 0, bytes.length, start)
        return bytes
      },
    }
    const counts = { processed: -1, returned: -1 }
    let length = 0
    const none = (async function* (): AsyncGenerator<Uint8Array> {})()
    const { signal } = new AbortController()
    for await (const chunk of format.guard(none, { policyFor: () => policy, counts, signal, ranges }))
      length += chunk.length
    if (length === 0) throw new Error('nothing was read')
    return counts.processed
  } finally {
    await handle.close()
  }
}

async function measure(codec: 'UNCOMPRESSED' | 'SNAPPY'): Promise<readonly Row[]> {
  const path = join(folder, `${codec}.parquet`)
  const employees = Array.from({ length: records }, (_, index) => employeeAt(1, index))
  const columnData = (Object.keys(fields) as (keyof Employee)[]).map((name) => ({
    name,
    data: employees.map((employee) => employee[name]),
  }))
  await writeFile(path, Buffer.from(parquetWriteBuffer({ columnData, schema: schemaOf(fields), codec, rowGroupSize })))
  const cases = new Map<string, () => Promise<number>>([
    ['read + hyparquet', () => plain(path)],
    ['read + hyparquet, columns only', () => columns(path)],
    ...Object.entries(policies).map(([name, policy]) => [name, () => guarded(path, policy())] as const),
  ])
  const best = new Map<string, number>()
  for (let turn = 0; turn < turns; turn++)
    for (const [name, run] of cases)
      for (let index = 0; index < rounds; index++) {
        const startedAt = performance.now()
        if ((await run()) !== records) throw new Error(`${name}: not all records`)
        const elapsed = (performance.now() - startedAt) * 1_000
        best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, elapsed))
      }
  const rows = best.get('read + hyparquet')!
  const columnsOnly = best.get('read + hyparquet, columns only')!
  return [...best].map(([name, us]) => ({
    case: `${codec}: ${name}`,
    'µs a record': round(us / records),
    'ratio to hyparquet': round(us / rows, 2),
    'ratio to columns only': round(us / columnsOnly, 2),
  }))
}

report('parquet', [...(await measure('UNCOMPRESSED')), ...(await measure('SNAPPY'))], {
  records,
  rowGroupSize,
  rounds: rounds * turns,
  figures: 'the best of all rounds, of elapsed time; the ordinary decoder makes an object of every row',
  goals: { 'columns masked': 1.5, 'rows dropped': 6 },
})
