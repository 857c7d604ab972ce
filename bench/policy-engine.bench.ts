/** What deciding one HR record costs, by each way the engine has and by the stock runtime on the same module: microseconds and ratios, taken in turns in one run. */

import { readFileSync } from 'node:fs'
import { loadPolicy } from '@open-policy-agent/opa-wasm'
import type { RecordDecision } from '../src/domain/decision.ts'
import type { RecordPolicy } from '../src/domain/record-policy.ts'
import { leafMembers } from '../src/policy/opa-wasm/access-input.ts'
import { decideWhole, sameDecision } from '../src/policy/opa-wasm/checked-policy.ts'
import { layersOf } from '../src/policy/opa-wasm/decision-text.ts'
import { loadAccessEngine } from '../src/policy/opa-wasm/engine.ts'
import { factsOfRecord } from '../src/policy/opa-wasm/facts.ts'
import { createPolicy } from '../src/policy/opa-wasm/index.ts'
import { readTarGz } from '../src/policy/opa-wasm/tar.ts'
import type { LeafQuery } from '../src/policy/policy-engine.ts'
import { hrFiles, readEmployees } from '../test/e2e/hr-truth.ts'
import { accessBundle, maskRules, openSchema, query, user } from '../test/policy/support/access.ts'
import { accessBundleFile, type HrPerson, hrQuery } from '../test/policy/support/hr.ts'
import { tarGz } from '../test/policy/support/opa.ts'
import { hrRules } from '../test/policy/support/rego.ts'
import { distributionOf, type Row, report, round } from './support/statistics.ts'

const rounds = 60
const decisionsInRound = 200

const employees = (await readEmployees(hrFiles[0])).slice(0, 100)
const texts = employees.map((employee) => JSON.stringify(employee))
const records = texts.map((text) => Buffer.from(text))

type Way = { readonly name: string; readonly decide: (index: number) => unknown }

/** Each round gives one figure a way; ways take turns, so that a busy moment of the machine meets all of them. */
function measure(ways: readonly Way[]): ReadonlyMap<string, ReturnType<typeof distributionOf>> {
  const figures = new Map<string, number[]>(ways.map(({ name }) => [name, []]))
  for (let count = 0; count < rounds; count++)
    for (const { name, decide } of ways) {
      const startedAt = performance.now()
      for (let index = 0; index < decisionsInRound; index++) decide(index % records.length)
      figures.get(name)!.push(((performance.now() - startedAt) * 1_000) / decisionsInRound)
    }
  return new Map([...figures].map(([name, given]) => [name, distributionOf(given)]))
}

function withoutPlan(bundle: Uint8Array): Buffer {
  return tarGz(Object.fromEntries([...readTarGz(bundle)].filter(([name]) => name !== 'plan.json')))
}

async function waysFor(bundle: Buffer, asked: LeafQuery): Promise<readonly Way[]> {
  const files = readTarGz(bundle)
  const engine = (options: object, of = bundle) =>
    loadAccessEngine({ bundle: of, masks: maskRules, ...options }).prepare(asked, openSchema)
  const plain = decideWhole(engine({ fast: false }))
  const prepared = decideWhole(engine({}, withoutPlan(bundle)))
  const fast = engine({})

  const wasm = files.get('policy.wasm')!
  const data = JSON.parse(files.get('data.json')!.toString()) as object
  const stock = await loadPolicy(wasm)
  stock.setData(data)
  const own = createPolicy({ wasm, data })
  const request = JSON.parse(`{${leafMembers(asked)},"now":${asked.now}}`) as object
  const layers = layersOf(`{{"result": ${JSON.stringify(own.evaluate(request, 'access/attached'), undefined, 1)}}}`)
  const facts = factInputs(fast)
  const inputs = employees.map((record, index) => ({ ...request, layers, record, facts: facts[index] }))

  const ways: Way[] = [
    { name: 'stock opa-wasm', decide: (index) => stock.evaluate(inputs[index], 'access/guard') },
    { name: 'plain path', decide: (index) => plain(records[index]!) },
    { name: 'prepared request, whole record', decide: (index) => prepared(records[index]!) },
    ...fastWays(() => engine({})),
  ]
  for (const [index, record] of records.entries()) {
    const expected = plain(record)
    const allow = (stock.evaluate(inputs[index], 'access/guard') as [{ result: { allow: boolean } }])[0].result.allow
    if (
      allow === expected.drop ||
      !sameDecision(prepared(record), expected) ||
      !sameDecision(decideWhole(fast)(record), expected)
    )
      throw new Error('the ways of deciding disagree')
  }
  return ways
}

/** As the plain path gives them, for the stock runtime. */
function factInputs(policy: RecordPolicy): readonly object[] {
  if (policy.kind !== 'by-facts') return employees.map(() => ({}))
  return records.map((record) => {
    const values = factsOfRecord(policy.facts, record)
    // the HR rules declare one fact under three names
    const manages = { manages: values[0] }
    return { 'hr.duty_of_care': manages, 'hr.record_masking': manages, 'hr.zip_code': manages }
  })
}

/** What a format does besides, finding the facts or leaving out the other fields, is its own cost and measured with it. */
function fastWays(prepare: () => RecordPolicy): readonly Way[] {
  const policy = prepare()
  switch (policy.kind) {
    case 'by-facts': {
      const values = records.map((record) => factsOfRecord(policy.facts, record))
      return [{ name: 'by facts', decide: (index) => policy.decide(values[index]!) }]
    }
    case 'by-record': {
      const { fields } = policy
      if (fields === undefined) throw new Error('expected a projection')
      const again = policyOfKind(prepare())
      const projected = employees.map((employee) => bytesOf(employee, fields))
      let turn = 0
      const distinct = Array.from({ length: rounds * decisionsInRound }, (_, index) =>
        bytesOf({ ...employees[index % employees.length]!, uid: `user ${index}` }, fields),
      )
      return [
        { name: `projected to ${fields.join(', ')}`, decide: () => policy.decide(distinct[turn++ % distinct.length]!) },
        ...(projected[0]!.length > 512
          ? []
          : [{ name: 'projected, met before', decide: (index: number) => again.decide(projected[index]!) }]),
      ]
    }
    case 'deny':
      throw new Error('expected a policy')
    default: {
      const decision: RecordDecision = policy.kind === 'constant' ? policy.decision : { drop: false, masks: [] }
      return [{ name: 'constant', decide: () => decision }]
    }
  }
}

function policyOfKind(policy: RecordPolicy): Extract<RecordPolicy, { kind: 'by-record' }> {
  if (policy.kind !== 'by-record') throw new Error('expected records to be asked for')
  return policy
}

function bytesOf(employee: Record<string, unknown>, fields: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify(Object.fromEntries(fields.map((field) => [field, employee[field]]))))
}

const twoFields = {
  ...hrRules,
  'rules/hr/visible/visible.rego': `package rules.hr.visible

permit contains "grade" if input.record.grade != "SCS"

permit contains "self" if input.record.uid == input.user.id
`,
}

const product = readFileSync(accessBundleFile)
const cases: readonly (readonly [name: string, bundle: Buffer, asked: LeafQuery])[] = [
  ...(
    [
      ['Alice', 'SALARY'],
      ['Bob', 'DUTY_OF_CARE'],
      ['Eve', ''],
    ] as const satisfies readonly (readonly [HrPerson, string])[]
  ).map(([person, purpose]) => [`${person} ${purpose}`.trim(), product, hrQuery(person, purpose)] as const),
  ['rules that read two fields', accessBundle({ rules: twoFields }), query(user('Bob'), 'SALARY')],
  ['rules that walk the manager tree', accessBundle(), query(user('Bob'), 'SALARY')],
]

const rows: Row[] = []
for (const [name, bundle, asked] of cases) {
  const results = measure(await waysFor(bundle, asked))
  const stock = results.get('stock opa-wasm')!
  for (const [way, { min, p50 }] of results)
    rows.push({
      case: name,
      way,
      'min µs': min,
      'p50 µs': p50,
      'times faster than stock (min)': round(stock.min / min),
      '(p50)': round(stock.p50 / p50),
    })
}
report('policy-engine', rows, {
  rounds,
  decisionsInRound,
  recordBytes: Math.round(records.reduce((total, record) => total + record.length, 0) / records.length),
})
