/** Thousands of rules: what a record costs is what the rules cost that its leaf has. Counted, not timed. */
import { describe, expect, test } from 'vitest'
import { readAccessBundle } from '../../src/policy/opa-wasm/access-bundle.ts'
import { leafMembers } from '../../src/policy/opa-wasm/access-input.ts'
import { layersOf } from '../../src/policy/opa-wasm/decision-text.ts'
import { loadAccessEngine } from '../../src/policy/opa-wasm/engine.ts'
import { createPolicy } from '../../src/policy/opa-wasm/index.ts'
import { parsePlan } from '../../src/policy/opa-wasm/plan/ir.ts'
import { runPlan } from '../../src/policy/opa-wasm/plan/machine.ts'
import { valueFromJson } from '../../src/policy/opa-wasm/value-text.ts'
import { maskRules, openSchema } from './support/access.ts'
import { hrQuery } from './support/hr.ts'
import { withRulesElsewhere } from './support/many-rules.ts'
import { build } from './support/opa.ts'
import { bundleOf, roots } from './support/product-bundle.ts'

function bundleWith(rulesElsewhere: number): Buffer {
  const { sources, metadata } = withRulesElsewhere(rulesElsewhere)
  return bundleOf(sources, metadata, roots)
}

/** Of the plan of access/guard over one record. */
function statementsOf(bundle: Buffer): number {
  const access = readAccessBundle(bundle).bundle
  const asked = hrQuery('Bob', 'DUTY_OF_CARE')
  const policy = createPolicy({ wasm: access.module, data: access.data })
  const request = `${leafMembers(asked)},"now":${asked.now}`
  const answer = policy.evaluateToText(Buffer.from(`{${request}}`), 'access/attached')
  const layers = JSON.stringify(layersOf(`{{"result":${answer}}}`))
  const input = `{${request},"layers":${layers},"record":{"uid":"1"},"facts":{"hr.duty_of_care":{"manages":true}}}`
  let statements = 0
  const observer = { enter() {}, leave: () => undefined, recalled() {}, step: () => void statements++ }
  runPlan(
    {
      plan: parsePlan(JSON.parse(access.plan!.toString()) as unknown),
      data: valueFromJson(access.data.toString()),
      input: valueFromJson(input),
      observer,
    },
    'access/guard',
  )
  return statements
}

describe('rules attached to other leaves', () => {
  test('add no statement to the decision about a record, and change nothing that it depends on', () => {
    const few = bundleWith(0)
    const many = bundleWith(200)
    const statements = statementsOf(few)
    expect(statements).toBeGreaterThan(100)
    expect(statementsOf(many)).toBe(statements)
    const policyOf = (bundle: Buffer) =>
      loadAccessEngine({ bundle, masks: maskRules }).prepare(hrQuery('Bob', 'DUTY_OF_CARE'), openSchema)
    const policy = policyOf(many)
    if (policy.kind !== 'by-facts') throw new Error(policy.kind)
    expect(policy).toMatchObject({ kind: 'by-facts', facts: [{ path: '/manager/**/uid' }] })
    expect(policyOf(few)).toMatchObject({ kind: 'by-facts', facts: policy.facts })
  })

  test('may need more memory at the start than most modules do', () => {
    const text = 'x'.repeat(700_000)
    const { wasm } = build(
      { 'p.rego': `package p\n\n# METADATA\n# entrypoint: true\nr := count("${text}") + input\n` },
      ['p/r'],
    )
    expect(createPolicy({ wasm }).evaluate(1)).toBe(700_001)
    expect(() => createPolicy({ wasm, limits: { memoryPagesMax: 8 } })).toThrow('524288')
  })
})
