/** The text formats' guards against what a program without policy does to the same bytes in the same process: JSON.parse of each line, csv-parse of the table. */
import { parse as parseCsv } from 'csv-parse/sync'
import { type Employee, employeeAt } from '../examples/hr/employees.ts'
import type { Mask } from '../src/domain/decision.ts'
import type { RecordPolicy } from '../src/domain/record-policy.ts'
import type { Format } from '../src/formats/format.ts'
import { built } from './support/built.ts'
import { type Row, report, round } from './support/statistics.ts'

const [{ createCsvFormat }, { createJsonFormat }, { createNdjsonFormat }, { createTextFormat }, { createMaskValue }] =
  await Promise.all([
    built<typeof import('../src/formats/csv/csv-format.ts')>('formats/csv/csv-format'),
    built<typeof import('../src/formats/json/json-format.ts')>('formats/json/json-format'),
    built<typeof import('../src/formats/ndjson/ndjson-format.ts')>('formats/ndjson/ndjson-format'),
    built<typeof import('../src/formats/text/text-format.ts')>('formats/text/text-format'),
    built<typeof import('../src/policy/masks/mask-value.ts')>('policy/masks/mask-value'),
  ])

const records = 5_000
const rounds = 9
const chunkBytes = 256 * 1024

const maskValue = createMaskValue({})
const masks: readonly Mask[] = [
  { path: '/address/streetName', action: 'null' },
  { path: '/bankDetails', action: 'null' },
  { path: '/taxCode', action: 'partial', keepLast: 2, fill: '*' },
]
const masked = { drop: false, masks } as const
const unmasked = { drop: false, masks: [] } as const

const lines = Array.from({ length: records }, (_, index) => JSON.stringify(employeeAt(1, index)))
const ndjson = Buffer.from(`${lines.join('\n')}\n`)
const json = Buffer.from(`[${lines.join(',\n')}]`)
const columns = [
  'uid',
  'name',
  'dateOfBirth',
  'street',
  'city',
  'zipCode',
  'taxCode',
  'nationality',
  'grade',
  'salary',
  'note',
] as const
const note = 'a note, in quotes, with "quotes" within'
const fieldOf = (value: unknown) =>
  /[",]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value)
const csv = Buffer.from(
  [
    columns.join(),
    ...Array.from({ length: records }, (_, index) => {
      const { uid, name, dateOfBirth, address, taxCode, nationality, grade, salaryAmount } = employeeAt(1, index)
      const { streetName, city, zipCode } = address
      return [uid, name, dateOfBirth, streetName, city, zipCode, taxCode, nationality, grade, salaryAmount, note]
        .map(fieldOf)
        .join()
    }),
    '',
  ].join('\r\n'),
)

async function* chunked(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
}

const guard = (format: Format, bytes: Buffer, policy: RecordPolicy) => async () => {
  const counts = { processed: -1, returned: -1 }
  let length = 0
  for await (const chunk of format.guard(chunked(bytes), {
    policyFor: () => policy,
    counts,
    signal: new AbortController().signal,
  }))
    length += chunk.length
  return length
}

function parseLines(change?: (record: Employee) => unknown): () => Promise<number> {
  return async () => {
    let length = 0
    let rest = ''
    const decoder = new TextDecoder()
    const take = (line: string) => {
      const record = JSON.parse(line) as Employee
      length += change === undefined ? record.uid.length : JSON.stringify(change(record)).length
    }
    for await (const chunk of chunked(ndjson)) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = parts.pop()!
      for (const line of parts) take(line)
    }
    return length
  }
}

const constant: RecordPolicy = { kind: 'constant', decision: masked }
const manages: RecordPolicy = {
  kind: 'by-facts',
  facts: [{ name: 'hr.visible/manages', op: 'any', path: '/manager/**/uid', operand: 'Bob' }],
  decide: ([manages]) => (manages === true ? unmasked : masked),
}
const byRecord: RecordPolicy = {
  kind: 'by-record',
  fields: ['uid', 'grade'],
  decide: (bytes) => (bytes.length > 0 ? masked : unmasked),
}
const csvMasks: RecordPolicy = {
  kind: 'constant',
  decision: {
    drop: false,
    masks: [
      { path: '/street', action: 'null' },
      { path: '/taxCode', action: 'partial', keepLast: 2, fill: '*' },
    ],
  },
}
const csvFacts: RecordPolicy = {
  kind: 'by-facts',
  facts: [{ name: 'hr.visible/french', op: 'equals', path: '/nationality', operand: 'FRENCH' }],
  decide: ([french]) => (french !== true && csvMasks.kind === 'constant' ? csvMasks.decision : unmasked),
}
const untouched: RecordPolicy = { kind: 'untouched' }
const deps = { maskValue }
const hide = (record: Employee) => ({
  ...record,
  address: { ...record.address, streetName: null },
  bankDetails: null,
  taxCode: record.taxCode.slice(-2),
})

type Case = {
  readonly name: string
  readonly base: string
  readonly bytes: number
  readonly run: () => Promise<unknown>
  readonly times: number[]
}
const parsing = 'ndjson: JSON.parse of each line'
const tables = 'csv: csv-parse'
const caseOf = (name: string, base: string, bytes: Buffer, run: () => Promise<unknown>): Case => ({
  name,
  base,
  bytes: bytes.length,
  run,
  times: [],
})
const cases: readonly Case[] = [
  caseOf(parsing, parsing, ndjson, parseLines()),
  caseOf('ndjson: JSON.parse, mask, JSON.stringify', parsing, ndjson, parseLines(hide)),
  caseOf('ndjson: untouched', parsing, ndjson, guard(createNdjsonFormat(deps), ndjson, untouched)),
  caseOf(
    'ndjson: permitted, checked',
    parsing,
    ndjson,
    guard(createNdjsonFormat(deps), ndjson, { kind: 'constant', decision: unmasked }),
  ),
  caseOf('ndjson: masks, constant', parsing, ndjson, guard(createNdjsonFormat(deps), ndjson, constant)),
  caseOf('ndjson: masks by facts', parsing, ndjson, guard(createNdjsonFormat(deps), ndjson, manages)),
  caseOf(
    'ndjson: masks by two fields of each record',
    parsing,
    ndjson,
    guard(createNdjsonFormat(deps), ndjson, byRecord),
  ),
  caseOf('json: masks by facts', parsing, json, guard(createJsonFormat(deps), json, manages)),
  caseOf(tables, tables, csv, async () => (parseCsv(csv, { columns: true }) as unknown[]).length),
  caseOf('csv: untouched', tables, csv, guard(createCsvFormat(deps), csv, untouched)),
  caseOf('csv: masks, constant', tables, csv, guard(createCsvFormat(deps), csv, csvMasks)),
  caseOf('csv: masks by facts', tables, csv, guard(createCsvFormat(deps), csv, csvFacts)),
  caseOf(
    'text: permitted, checked',
    tables,
    csv,
    guard(createTextFormat(deps), csv, { kind: 'constant', decision: unmasked }),
  ),
]

// the cases take turns, so that what else the machine does meets all of them alike
for (let turn = -2; turn < rounds; turn++)
  for (const { run, times } of cases) {
    const startedAt = performance.now()
    await run()
    if (turn >= 0) times.push(performance.now() - startedAt)
  }

const median = (times: readonly number[]) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!
const rows: Row[] = cases.map(({ name, base, bytes, times }) => {
  const baseTimes = cases.find((each) => each.name === base)!.times
  // of each turn: what the machine did meanwhile met both
  const ratios = times.map((time, turn) => time / baseTimes[turn]!)
  return {
    case: name,
    'median ms': round(median(times)),
    'µs a record': round((median(times) * 1000) / records),
    'MB/s': round(bytes / 1000 / median(times)),
    against: base,
    ratio: round(median(ratios)),
  }
})
report('text-formats', rows, {
  records,
  rounds,
  'ndjson bytes a record': Math.round(ndjson.length / records),
  'csv bytes a record': Math.round(csv.length / records),
})
