/** Reading a contract of 5,000 fields (2 MB) with places, and checking it, against js-yaml's plain `load` of the same text in the same process. */
import { CORE_SCHEMA, load } from 'js-yaml'
import { readDocuments } from '../src/dataproduct/read-document.ts'
import { checkSchema } from '../src/dataproduct/schema/check-schema.ts'
import { type Row, report, round } from './support/statistics.ts'

const fields = 5_000
const rounds = 3

const text = `apiVersion: v3.1.0
kind: DataContract
id: orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
${Array.from({ length: fields }, (_, index) => field(index)).join('')}`

function field(index: number): string {
  return `      - name: field_${index}
        id: f${index}
        logicalType: string
        physicalType: varchar(200)
        description: Field ${index} of the table, which holds what the order said when it came in
        classification: internal
        required: true
        logicalTypeOptions:
          maxLength: 200
        tags: [a, b]
        customProperties:
          - property: category
            value: contact
        quality:
          - metric: nullValues
            mustBe: 0
            dimension: completeness
`
}

const [document] = readDocuments({ file: 'orders.odcs.yaml', text }).documents
const [wrong] = readDocuments({ file: 'orders.odcs.yaml', text: text.replaceAll(' required:', ' requierd:') }).documents
const json = JSON.stringify(document!.value, undefined, 2)

const cases = [
  { name: 'js-yaml load (no places)', run: () => load(text, { schema: CORE_SCHEMA }), times: [] as number[] },
  {
    name: 'read YAML with places',
    run: () => readDocuments({ file: 'orders.odcs.yaml', text }),
    times: [] as number[],
  },
  {
    name: 'read JSON with places',
    run: () => readDocuments({ file: 'orders.json', text: json }),
    times: [] as number[],
  },
  { name: 'check against the schema', run: () => checkSchema(document!), times: [] as number[] },
  { name: 'check, 5,000 findings', run: () => checkSchema(wrong!), times: [] as number[] },
]

// the cases take turns, so that what else the machine does meets all of them alike
for (let turn = -1; turn < rounds; turn++)
  for (const { run, times } of cases) {
    const startedAt = performance.now()
    run()
    if (turn >= 0) times.push(performance.now() - startedAt)
  }

const median = (figures: readonly number[]) => [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)]!
const base = cases[0]!.times
const rows: Row[] = cases.map(({ name, times }) => ({
  case: name,
  'median ms': round(median(times)),
  ratio: round(median(times.map((time, turn) => time / base[turn]!))),
}))
report('dataproduct-documents', rows, { fields, rounds, bytes: text.length })
