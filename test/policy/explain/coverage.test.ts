/** Coverage by traffic counts what fired in real decisions, and tells rules that never did. */
import { describe, expect, test } from 'vitest'
import { measureCoverage } from '../../../src/policy/opa-wasm/explain/coverage.ts'
import { asked, explainer } from './hr-questions.ts'

function firedBy(...questions: Parameters<typeof measureCoverage>[1][]): Readonly<Record<string, string>> {
  const { bodies } = measureCoverage(
    explainer,
    questions.flatMap((each) => [...each]),
  )
  return Object.fromEntries(
    bodies.map(({ rule, kind, asked: times, fired }) => [`${rule} ${kind}`, `${fired} of ${times}`]),
  )
}

describe('coverage by traffic', () => {
  test('of no decision is that nothing was asked', () => {
    const { decisions, bodies } = measureCoverage(explainer, [])
    expect(decisions).toBe(0)
    expect(bodies.map(({ rule, kind }) => `${rule} ${kind}`)).toEqual([
      'hr.bank_details mask',
      'hr.duty_of_care mask',
      'hr.first_resource deny',
      'hr.nationality mask',
      'hr.record_masking deny',
      'hr.record_masking mask',
      'hr.zip_code mask',
      'org.active permit',
      'org.active deny',
      'org.classification deny',
      'org.classification deny',
      'org.classification mask',
      'org.contract deny',
      'org.contract deny',
      'org.purpose permit',
      'org.purpose deny',
    ])
    expect(bodies.every(({ asked: times, fired }) => times === 0 && fired === 0)).toBe(true)
  })

  test('counts a rule in each evaluation that asks it, and each in which it fires', () => {
    const fired = firedBy([asked('Alice', 'SALARY'), asked('Eve', 'SALARY'), asked('Bob', 'STAFF_REPORT')])
    expect(fired).toMatchObject({
      'hr.record_masking deny': '1 of 3',
      'hr.bank_details mask': '2 of 3',
      'hr.first_resource deny': '0 of 3',
      'org.purpose permit': '6 of 6',
      'org.active deny': '0 of 3',
    })
  })

  test('says how many decisions lacked the record that decides', () => {
    const { record: _, ...withoutRecord } = asked('Bob', 'SALARY')
    const { permits, withoutRecord: lacking, bodies } = measureCoverage(explainer, [withoutRecord])
    expect({ permits, lacking }).toEqual({ permits: 1, lacking: 1 })
    expect(bodies.find(({ rule }) => rule === 'hr.bank_details')).toMatchObject({ asked: 0, fired: 0 })
  })

  test('tells the place and the title of each', () => {
    const { bodies } = measureCoverage(explainer, [])
    expect(bodies.find(({ rule }) => rule === 'hr.nationality')).toEqual({
      rule: 'hr.nationality',
      kind: 'mask',
      place: 'policies/rules/hr/nationality/nationality.rego:12',
      title: "The employee's nationality",
      asked: 0,
      fired: 0,
    })
  })
})
