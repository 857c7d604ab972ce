/** What makes decisions fast changes none of them: every layer is compared with the plain path, on the HR policies and on made-up ones. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { RecordDecision } from '../../src/domain/decision.ts'
import type { Json } from '../../src/domain/json.ts'
import type { RecordPolicy } from '../../src/domain/record-policy.ts'
import { parseResourceId } from '../../src/domain/resource-id.ts'
import { leafMembers, requestOf } from '../../src/policy/opa-wasm/access-input.ts'
import { createBuiltins } from '../../src/policy/opa-wasm/builtins/registry.ts'
import { readBundle } from '../../src/policy/opa-wasm/bundle.ts'
import { decideWhole } from '../../src/policy/opa-wasm/checked-policy.ts'
import { createCore, parse } from '../../src/policy/opa-wasm/core.ts'
import { loadAccessEngine } from '../../src/policy/opa-wasm/engine.ts'
import { evaluateOnce } from '../../src/policy/opa-wasm/evaluate-once.ts'
import { factsOfRecord, factsPrinter, parseFacts, resolveFact } from '../../src/policy/opa-wasm/facts.ts'
import { readTarGz } from '../../src/policy/opa-wasm/tar.ts'
import type { LeafQuery, PolicyEngine } from '../../src/policy/policy-engine.ts'
import { hrFiles, readEmployees } from '../e2e/hr-truth.ts'
import { accessBundle, leaf, maskRules, openSchema, query, user } from './support/access.ts'
import {
  type Generated,
  generatedBundle,
  generatedLeaves,
  generatedRecord,
  generateRules,
} from './support/generated-rules.ts'
import { evalQueries, type Sources, tarGz } from './support/opa.ts'
import { bundleOf, productSources } from './support/product-bundle.ts'

/** Without its plan, a bundle's records are decided with a prepared request and nothing more. */
function withoutPlan(bundle: Buffer): Buffer {
  return tarGz(Object.fromEntries([...readTarGz(bundle)].filter(([name]) => name !== 'plan.json')))
}

function outcome(decide: () => RecordDecision): unknown {
  try {
    const decision = decide()
    return decision.drop ? 'dropped' : decision.masks
  } catch (error) {
    return (error as { code: string }).code
  }
}

const people = [
  { ...user('ann', { level: 2 }), roles: ['HR'] },
  { ...user('ben', { level: 'high' }), roles: [] },
  user('cem'),
]

function queryOf(index: number, person: number, purpose: string): LeafQuery {
  return {
    user: people[person]!,
    context: { purpose },
    leaf: { ...leaf, id: parseResourceId(`file:/gen/${index}`) },
    now: 1_000,
  }
}

describe('made-up policies', () => {
  const generated = generateRules(20_260_101)
  let engines: {
    readonly plain: PolicyEngine
    readonly prepared: PolicyEngine
    readonly fast: PolicyEngine
    readonly checked: PolicyEngine
  }

  beforeAll(() => {
    const bundle = generatedBundle(generated)
    const load = (options: object, of = bundle) => loadAccessEngine({ bundle: of, masks: maskRules, ...options })
    engines = {
      plain: load({ fast: false }),
      prepared: load({}, withoutPlan(bundle)),
      fast: load({}),
      checked: load({ checkedShare: 1 }),
    }
  }, 120_000)

  test('are decided the same whole, prepared, projected, by facts, and once for all', () => {
    const records = fc
      .sample(generatedRecord, { seed: 7, numRuns: 40 })
      .map((record) => Buffer.from(JSON.stringify(record)))
    const seen = new Map<string, number>()
    const outcomes = new Set<string>()
    const count = (key: string) => seen.set(key, (seen.get(key) ?? 0) + 1)
    for (let index = 0; index < generatedLeaves; index++)
      for (const person of people.keys()) {
        const query = queryOf(index, person, ['P', 'Q', ''][index % 3]!)
        const ways: RecordPolicy[] = Object.values(engines).map((engine) => engine.prepare(query, openSchema))
        const [plain, ...others] = ways.map(decideWhole)
        for (const { kind } of ways) if (kind === 'deny') throw new Error('denied beforehand')
        count(kindOf(ways[2]!))
        for (const record of records) {
          const expected = outcome(() => plain!(record))
          outcomes.add(typeof expected === 'string' ? expected : 'returned')
          expect(others.map((decide) => outcome(() => decide(record)))).toEqual(others.map(() => expected))
        }
      }
    expect([...outcomes].sort()).toEqual(['dropped', 'returned'])
    for (const kind of ['constant', 'by-facts', 'some fields', 'all fields'])
      expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(5)
  }, 240_000)

  test('are decided as OPA itself decides them', () => {
    const records = fc.sample(generatedRecord, { seed: 8, numRuns: 4 }).map((record) => JSON.stringify(record))
    const cases = Array.from({ length: generatedLeaves }, (_, index) =>
      queryOf(index, index % people.length, 'P'),
    ).flatMap((query) => records.map((record) => ({ query, record })))
    const inputs = cases.map(({ query, record }) => recordInput(query, record, generated.metadata, generated.sources))
    const [answers] = evalQueries(generated.sources, [
      {
        query: '[answer | some one in input.cases; answer := data.access.guard with input as one]',
        input: `{"cases":[${inputs.join(',')}]}`,
      },
    ]) as readonly { readonly allow: boolean; readonly masks: readonly Json[] }[][]
    expect(answers).toHaveLength(cases.length)
    for (const [index, { query, record }] of cases.entries()) {
      const { allow, masks } = answers![index]!
      const expected = allow ? maskRules.merge(masks.map(maskRules.parse)) : 'dropped'
      expect(outcome(() => decideWhole(engines.fast.prepare(query, openSchema))(Buffer.from(record)))).toEqual(expected)
    }
  }, 120_000)
})

describe('what a rule finds out without looking at a value', () => {
  const clash = (value: string) => `_one := {} if input.user\n\n_one := ${value} if input.user`
  const keyed = (key: string, value: string, before = '{"a": 1}') =>
    `_one[k] := v if {\n\tsome k in ["k"]\n\tv := ${before}\n}\n\n_one[k] := v if {\n\tsome k in [${key}]\n\tv := ${value}\n}`
  const facts = { is_one: { path: '/a', equals: { value: 1 } }, letter: { get: '/s' } }
  const own = 'input.facts["rule"]'
  const ways: readonly (readonly [what: string, condition: string, helper: string])[] = [
    ['that its facts are there', `_ = ${own}`, ''],
    ['that its facts are absent', 'not _there', `_there if _ = ${own}`],
    ['that the record is an empty one', '_ = _one', clash('input.record')],
    ['that there are no facts', '_ = _one', clash(own)],
    ['that the record is what was given before', '_ = _one', keyed('"k"', 'input.record')],
    ['the same under a key that the record names', '_ = _one', keyed('input.record.s', 'input.record', '{"s": "k"}')],
    ['that facts are what was given before', '_ = _one', keyed('"k"', own)],
  ]
  let engines: readonly PolicyEngine[]

  beforeAll(() => {
    const rules = ways.map(([, condition, helper], index) => ({
      name: `gen.r${index}`,
      text: `package rules.gen.r${index}\n\npermit contains "p" if ${condition}\n\n${helper}\n`,
    }))
    const sources = Object.fromEntries([
      ...Object.entries(productSources()).filter(([path]) => path.startsWith('access/')),
      ...rules.map(({ name, text }, index) => [
        `rules/gen/r${index}/r${index}.rego`,
        text.replaceAll('"rule"', `"${name}"`),
      ]),
      [
        'attachments/organisation/data.json',
        JSON.stringify(
          rules.map((_, index) => ({ resource: `file:/gen/${index}`, record_rules: [['gen', `r${index}`]] })),
        ),
      ],
    ]) as Sources
    const metadata = Object.fromEntries(rules.map(({ name }) => [name, { title: name, facts }]))
    const bundle = bundleOf(sources, metadata, ['access', 'attachments', 'rules'])
    engines = [{ fast: false }, {}].map((options) => loadAccessEngine({ bundle, masks: maskRules, ...options }))
  }, 120_000)

  test.each(ways.map(([what], index) => [what, index] as const))(
    'is found out in every way of deciding: %s',
    (_, index) => {
      const [plain, fast] = engines.map((engine) => decideWhole(engine.prepare(queryOf(index, 0, 'P'), openSchema)))
      for (const record of ['{}', '{"a":1}', '{"a":1,"b":2}', '{"s":"k"}', '{"s":"k","a":1}', '{"s":"a"}'])
        expect(
          outcome(() => fast!(Buffer.from(record))),
          record,
        ).toEqual(outcome(() => plain!(Buffer.from(record))))
    },
  )
})

/** The input of access/guard, with the facts of the rules that are attached. */
function recordInput(query: LeafQuery, record: string, metadata: Generated['metadata'], sources: Sources): string {
  const attached = JSON.parse(sources['attachments/organisation/data.json']!) as readonly {
    readonly resource: string
    readonly record_rules: readonly (readonly string[])[]
  }[]
  const pairs = attached.find(({ resource }) => resource === query.leaf.id)!.record_rules
  const rules = pairs.map((pair) => pair.join('.'))
  const layers = JSON.stringify([{ name: 'organisation', rules: pairs }])
  const facts = rules.flatMap((rule) =>
    parseFacts(rule, (metadata[rule] as { facts: unknown }).facts).map((fact) => resolveFact(fact, requestOf(query))),
  )
  const values = factsOfRecord(facts, Buffer.from(record))
  return `{${leafMembers(query)},"now":${query.now},"layers":${layers},"record":${record},"facts":${factsPrinter(facts)(values)}}`
}

describe('a prepared request', () => {
  const bundle = accessBundle()
  const { module, data } = readBundle(bundle)
  let records: readonly Buffer[]
  beforeAll(async () => {
    records = (await readEmployees(hrFiles[0])).map((employee) => Buffer.from(JSON.stringify(employee)))
  })
  const managers = ['Bob', 'Eve', 'Nobody'].map((id) => user(id))

  test('decides each record as a request of its own does, in whatever order requests take turns', () => {
    const [plain, prepared] = [{ fast: false }, {}].map((options) =>
      loadAccessEngine({ bundle: withoutPlan(bundle), masks: maskRules, ...options }),
    )
    const reads = managers.map((manager) => ({
      plain: decideWhole(plain!.prepare(query(manager, 'SALARY'), openSchema)),
      prepared: decideWhole(prepared!.prepare(query(manager, 'SALARY'), openSchema)),
    }))
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(reads.length - 1), fc.nat(records.length - 1)), { maxLength: 30 }),
        (turns) => {
          for (const [read, record] of turns)
            expect(reads[read]!.prepared(records[record]!)).toEqual(reads[read]!.plain(records[record]!))
        },
      ),
      { numRuns: 40 },
    )
  })

  // the recipe that looks right: back to a mark, parse the new record, put it over the old one, whose memory is the new one's by then
  test('is not handed records by writing one over the other, which decides some of them wrongly', () => {
    const core = createCore({ module, data, builtins: createBuiltins(), memoryPagesMax: 100, timeMsMax: 10_000 })
    const { abi, text } = core
    core.begin(() => ({ now: 0n, random: () => new Uint8Array(), memory: new Map() }))
    const read = loadAccessEngine({ bundle, masks: maskRules, fast: false }).prepare(
      query(managers[0]!, 'SALARY'),
      openSchema,
    )
    const layers =
      '[{"name":"organisation:","rules":[["org","purpose"]]},{"name":"domain:hr","rules":[["hr","visible"]]}]'
    const input = parse(
      abi,
      text,
      `{${leafMembers(query(managers[0]!, 'SALARY'))},"now":1000,"facts":{},"layers":${layers},"record":{}}`,
    )
    const path = parse(abi, text, '["record"]')
    const context = core.contextOf(core.entrypoints.get('access/guard')!, input)
    const mark = abi.opa_heap_ptr_get()
    const decide = decideWhole(read)
    let wrong = 0
    for (let index = 0; index < 500; index++) {
      const record = Buffer.from(withManager(records[index % records.length]!, index % 3 === 0 ? 'Bob' : 'Zoe'))
      abi.opa_heap_ptr_set(mark)
      abi.opa_value_add_path(input, path, parse(abi, text, record))
      // what the record before it has left is taken up
      parse(abi, text, record)
      const allowed = allows(() => evaluateOnce(core, context, 1_000_000))
      if (allowed !== !decide(record).drop) wrong++
    }
    expect(wrong).toBeGreaterThan(0)
  })
})

function withManager(record: Buffer, uid: string): string {
  return JSON.stringify({ ...(JSON.parse(record.toString()) as object), manager: [{ uid }] })
}

function allows(evaluate: () => string): boolean | undefined {
  try {
    return evaluate().includes('"allow": true')
  } catch {
    return undefined
  }
}

function kindOf(policy: RecordPolicy): string {
  if (policy.kind === 'untouched') return 'constant'
  return policy.kind === 'by-record' ? (policy.fields === undefined ? 'all fields' : 'some fields') : policy.kind
}
