/** Following a plan: with everything known it comes to what WASM answers, and with the record unknown it reports all that can be read. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { parseResourceId } from '../../src/domain/resource-id.ts'
import { leafMembers } from '../../src/policy/opa-wasm/access-input.ts'
import { createBuiltins } from '../../src/policy/opa-wasm/builtins/registry.ts'
import { readBundle } from '../../src/policy/opa-wasm/bundle.ts'
import { createDependences } from '../../src/policy/opa-wasm/dependence.ts'
import { createInstance, type WasmInstance } from '../../src/policy/opa-wasm/instance.ts'
import { isKnown } from '../../src/policy/opa-wasm/plan/abstract.ts'
import { type Plan, parsePlan } from '../../src/policy/opa-wasm/plan/ir.ts'
import { runPlan } from '../../src/policy/opa-wasm/plan/machine.ts'
import { setOf, type Value } from '../../src/policy/opa-wasm/value.ts'
import { parseValue, printValue, valueFromJson } from '../../src/policy/opa-wasm/value-text.ts'
import { accessBundle, hrMetadata, leaf, query, user, visible } from './support/access.ts'
import { generatedBundle, generatedLeaves, generatedRecord, generateRules } from './support/generated-rules.ts'

describe('with everything known', () => {
  let plan: Plan
  let data: Value
  let instance: WasmInstance
  beforeAll(() => {
    const bundle = readBundle(generatedBundle(generateRules(4_711)))
    plan = parsePlan(JSON.parse(bundle.plan!.toString()) as unknown)
    data = valueFromJson(bundle.data.toString())
    instance = createInstance({ wasm: bundle.module, data: bundle.data, builtins: createBuiltins() })
  }, 120_000)

  test('the plan comes to what WASM answers, wherever it comes to an answer', () => {
    let answers = 0
    let cases = 0
    const facts = fc.record(
      { is_one: fc.boolean(), letter: fc.constantFrom<unknown>('a', 1, null), small: fc.boolean() },
      { requiredKeys: [] },
    )
    for (let index = 0; index < generatedLeaves; index++)
      for (const [record, given] of fc.sample(fc.tuple(generatedRecord, facts), { seed: index, numRuns: 10 })) {
        const rules = [`r${2 * index}`, `r${2 * index + 1}`]
        const asked = {
          ...query(user('ann', { level: 2 }), 'P'),
          leaf: { ...leaf, id: parseResourceId(`file:/gen/${index}`) },
        }
        const layers = [{ name: 'organisation', rules: rules.map((rule) => ['gen', rule]) }]
        const members = {
          record,
          facts: Object.fromEntries(rules.map((rule) => [`gen.${rule}`, given])),
          layers,
          now: 1_000,
        }
        const input = `{${leafMembers(asked)},${JSON.stringify(members).slice(1)}`
        const result = runPlan({ plan, data, input: valueFromJson(input) }, 'access/guard')
        cases++
        // what a built-in of the host answers, the plan's reader leaves open
        if (!isKnown(result)) continue
        answers++
        expect(printValue(setOf([result])), input).toBe(
          printValue(parseValue(instance.evaluate('access/guard', input))),
        )
      }
    expect(answers).toBeGreaterThan(cases * 0.6)
  }, 120_000)
})

describe('with the record unknown', () => {
  const dependenceOf = (rego: string, facts: object = {}) => {
    const metadata = { ...hrMetadata, 'hr.visible': { title: 'x', facts } }
    const bundle = readBundle(accessBundle({ rules: visible(rego), metadata }))
    const layers =
      '[{"name":"organisation:","rules":[["org","purpose"]]},{"name":"domain:hr","rules":[["hr","visible"]]}]'
    const members = `{${leafMembers(query(user('Bob', { department: 'hr' }), 'SALARY'))},"now":1000,"layers":${layers}}`
    const names = Object.keys(facts).map((name) => `hr.visible/${name}`)
    const dependence = createDependences({ ...bundle, builtins: [] })!.of(members, names)
    return (
      dependence && { fields: dependence.fields && [...dependence.fields].sort(), facts: [...dependence.facts].sort() }
    )
  }

  test.each([
    [
      'nothing, where the request decides before the record is looked at',
      'permit contains "x" if { input.user.attributes.department == "it"; input.record.a == 1 }',
      [],
    ],
    [
      'the fields that are named',
      'permit contains "x" if { input.record.a.b == 1; input.record["c"] == input.record.d }',
      ['a', 'c', 'd'],
    ],
    [
      'the fields that a known collection names',
      'permit contains "x" if { some f in ["a", "b"]; input.record[f] == 1 }',
      ['a', 'b'],
    ],
    [
      'the field that the request names',
      'permit contains "x" if input.record[input.user.attributes.department] == 1',
      ['hr'],
    ],
    [
      'the fields behind a name of its own for the record',
      'permit contains "x" if { r := input.record; r.a == 1 }',
      ['a'],
    ],
    ['the fields behind a function', 'permit contains "x" if _is(input.record)\n\n_is(r) if r.a == 1', ['a']],
    [
      'a field that is only asked for when another is absent',
      'permit contains "x" if { not input.record.a; input.record.b == 1 }',
      ['a', 'b'],
    ],
    [
      'the fields of each alternative',
      'permit contains "x" if _either\n\n_either if {\n\tinput.record.a == 1\n} else if {\n\tinput.record.b == 1\n}',
      ['a', 'b'],
    ],
  ])('it reads %s', (_, rego, fields) => {
    expect(dependenceOf(rego)).toEqual({ fields, facts: [] })
  })

  test.each([
    ['walks it', 'permit contains "x" if { walk(input.record, [_, v]); v == 1 }'],
    ['goes through its members', 'permit contains "x" if { some k; input.record[k] == 1 }'],
    ['compares it', 'permit contains "x" if input.record == {}'],
    ['counts its members', 'permit contains "x" if count(input.record) == 1'],
    ['hands it to a built-in', 'permit contains "x" if json.marshal(input.record) == "{}"'],
    ['looks for a key that the record names', 'permit contains "x" if input.record[input.record.a] == 1'],
    ['goes through the input', 'permit contains "x" if { some k; input[k] == 1 }'],
    ['answers with it', 'permit contains x if x := {"code": "x", "title": json.marshal(input)}'],
    [
      'keeps it in a list that is gone through',
      'permit contains "x" if { some r in [{"a": 1}, input.record]; r.a == 1 }',
    ],
    [
      'takes one of two, it and another',
      'permit contains "x" if { r := _one; r.a == 1 }\n\n_one := input.record if input.record.b == 1\n\n_one := {"a": 1} if input.record.b == 2',
    ],
  ])('it reads all of it where a rule %s', (_, rego) => {
    expect(dependenceOf(rego)).toMatchObject({ fields: undefined })
  })

  test('it cannot tell where the input is replaced in part', () => {
    expect(
      dependenceOf('permit contains "x" if _a with input.user as {"id": "x"}\n\n_a if input.record.a == 1'),
    ).toBeUndefined()
  })

  test('it reads the facts that are named, or all of them, and none that is not declared', () => {
    const facts = { a: { exists: '/a' }, b: { exists: '/b' } }
    expect(dependenceOf('permit contains "x" if input.facts["hr.visible"].a == true', facts)).toEqual({
      fields: [],
      facts: ['hr.visible/a'],
    })
    expect(dependenceOf('permit contains "x" if { some k; input.facts["hr.visible"][k] == true }', facts)).toEqual({
      fields: [],
      facts: ['hr.visible/a', 'hr.visible/b'],
    })
    // one is asked for, so that the facts of the rule are there at all
    expect(dependenceOf('permit contains "x" if input.facts["hr.visible"].c == true', facts)).toEqual({
      fields: [],
      facts: ['hr.visible/a'],
    })
  })
})
