/** What deciding one HR record costs: by each way the engine has, and by others on the same rules. Microseconds and ratios; what runs in this process takes turns. */
import { loadPolicy } from '@open-policy-agent/opa-wasm'
import type { RecordDecision } from '../src/domain/decision.ts'
import type { RecordPolicy } from '../src/domain/record-policy.ts'
import { leafMembers } from '../src/policy/opa-wasm/access-input.ts'
import { decideWhole, sameDecision } from '../src/policy/opa-wasm/checked-policy.ts'
import { layersOf } from '../src/policy/opa-wasm/decision-text.ts'
import { factsOfRecord } from '../src/policy/opa-wasm/facts.ts'
import { createPolicy } from '../src/policy/opa-wasm/index.ts'
import { readTarGz } from '../src/policy/opa-wasm/tar.ts'
import { maskRules, openSchema } from '../test/policy/support/access.ts'
import { tarGz } from '../test/policy/support/opa.ts'
import { built } from './support/built.ts'
import { coldStarts } from './support/cold-start.ts'
import { buildGoInterpreter, type GoInterpreter } from './support/go-interpreter.ts'
import { cedar, handWritten } from './support/hand-written.ts'
import { manyRules, type PolicyCase, policyCases, recordsOfCases } from './support/policy-cases.ts'
import { type Distribution, distributionOf, type Row, report, round } from './support/statistics.ts'

const { loadAccessEngine } = await built<typeof import('../src/policy/opa-wasm/engine.ts')>('policy/opa-wasm/engine')

const rounds = 20
const decisionsInRound = 100
const goRounds = 15
/** Of 64 KiB. */
const stockPages = 32
/** Rules attached to other leaves. */
const rulesElsewhere = 10_000

const employees = await recordsOfCases()
const texts = employees.map((employee) => JSON.stringify(employee))
const records = texts.map((text) => Buffer.from(text))

type Way = { readonly name: string; readonly decide: (index: number) => unknown }
type Prepared = { readonly ways: readonly Way[]; readonly inputs: readonly object[]; readonly data: object }

/** Each round gives one figure a way; ways take turns, so that a busy moment of the machine meets all of them. */
function measure(ways: readonly Way[]): Map<string, Pick<Distribution, 'min' | 'p50'>> {
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

async function prepare({ bundle, asked, rules }: PolicyCase): Promise<Prepared> {
  const files = readTarGz(bundle)
  const engine = (options: object, of = bundle) =>
    loadAccessEngine({ bundle: of, masks: maskRules, ...options }).prepare(asked, openSchema)
  const plain = decideWhole(engine({ fast: false }))
  const whole = decideWhole(engine({}, withoutPlan(bundle)))
  const fast = engine({})

  const wasm = files.get('policy.wasm')!
  const data = JSON.parse(files.get('data.json')!.toString()) as object
  // its own default is too little for thousands of rules
  const stock = await loadPolicy(wasm, { initial: stockPages })
  stock.setData(data)
  const own = createPolicy({ wasm, data })
  const request = JSON.parse(`{${leafMembers(asked)},"now":${asked.now}}`) as object
  const layers = layersOf(`{{"result": ${JSON.stringify(own.evaluate(request, 'access/attached'), undefined, 1)}}}`)
  const facts = factInputs(fast)
  const inputs = employees.map((record, index) => ({ ...request, layers, record, facts: facts[index] }))
  const texts = inputs.map((input) => Buffer.from(JSON.stringify(input)))

  const ways: Way[] = [
    { name: 'stock opa-wasm', decide: (index) => stock.evaluate(inputs[index], 'access/guard') },
    {
      name: 'stock opa-wasm, from bytes',
      decide: (index) =>
        stock.evaluate({ ...inputs[index], record: JSON.parse(records[index]!.toString()) as object }, 'access/guard'),
    },
    { name: 'portcullis/policy, from an object', decide: (index) => own.evaluate(inputs[index], 'access/guard') },
    { name: 'portcullis/policy, from bytes', decide: (index) => own.evaluate(texts[index], 'access/guard') },
    { name: 'plain path', decide: (index) => plain(records[index]!) },
    { name: 'whole record', decide: (index) => whole(records[index]!) },
    ...fastWays(() => engine({})),
  ]
  if (rules !== undefined) {
    const user = asked.user.id
    const seen = handWritten(rules, user)
    const permitted = cedar(rules, user, employees)
    for (const [index, record] of records.entries())
      if (seen(employees[index]!) === plain(record).drop || permitted(index) === plain(record).drop)
        throw new Error('what says the same by other means does not')
    ways.push({ name: 'hand-written function', decide: (index) => seen(employees[index]!) })
    ways.push({ name: 'cedar-wasm, permit only', decide: permitted })
  }
  for (const [index, record] of records.entries()) {
    const expected = plain(record)
    const allow = (stock.evaluate(inputs[index], 'access/guard') as [{ result: { allow: boolean } }])[0].result.allow
    if (
      allow === expected.drop ||
      !sameDecision(whole(record), expected) ||
      !sameDecision(decideWhole(fast)(record), expected)
    )
      throw new Error('the ways of deciding disagree')
  }
  return { ways, inputs, data }
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

function measureGo(go: GoInterpreter, { modules }: PolicyCase, { inputs, data }: Prepared) {
  const { allowed, ...figures } = go.measure({
    modules,
    data,
    query: 'data.access.guard',
    inputs,
    rounds: goRounds,
    decisions: decisionsInRound,
  })
  return { allowed, figures }
}

const rows: Row[] = []

function add(name: string, results: ReadonlyMap<string, Pick<Distribution, 'min' | 'p50'>>): void {
  const stock = results.get('stock opa-wasm')!
  const fromBytes = results.get('stock opa-wasm, from bytes')!
  for (const [way, { min, p50 }] of results)
    rows.push({
      case: name,
      way,
      'min µs': round(min),
      'p50 µs': round(p50),
      'times faster than stock (min)': round(stock.min / min),
      '(p50)': round(stock.p50 / p50),
      'than stock from bytes (min)': round(fromBytes.min / min),
    })
}

const go = buildGoInterpreter()
for (const given of policyCases()) {
  const prepared = await prepare(given)
  const results = measure(prepared.ways)
  if (go !== undefined) results.set("Go's interpreter, parsed input", measureGo(go, given, prepared).figures)
  add(given.name, results)
}
go?.[Symbol.dispose]()
const many = manyRules(rulesElsewhere)
add(many.name, measure((await prepare(many)).ways))

const starts = coldStarts()
const nothing = starts.get('node -e 0')!
report('policy-engine', rows, {
  rounds,
  decisionsInRound,
  recordBytes: Math.round(records.reduce((total, record) => total + record.length, 0) / records.length),
  coldStartMs: [...starts].map(([program, { min, p50 }]) => ({
    program,
    min,
    p50,
    'beyond node -e 0 (min)': round(min - nothing.min),
    '(p50)': round(p50 - nothing.p50),
  })),
})
for (const [program, { min, p50 }] of starts)
  console.log(
    `${program}: ${min} ms at least, ${p50} ms at the median; beyond node -e 0: ${round(min - nothing.min)} ms, ${round(p50 - nothing.p50)} ms`,
  )
