import { describe, expect, test } from 'vitest'
import { explainRule, similarRules } from '../../src/dataproduct/explain-rule.ts'
import { readRules } from '../../src/dataproduct/rule-info.ts'

const own = {
  title: 'An owner',
  description: 'Somebody answers for it.',
  severity: 'error',
  scope: 'document',
  regulation: ['GDPR 5(2)', 'GDPR 24'],
  remedy: 'Name an owner.',
  effectiveFrom: '2027-01-01',
  severityBefore: 'warning',
}
const rules = readRules({
  rules: { 'OWN-01': own, 'OWN-02': { ...own, severity: 'grave' }, 'STO-03': { ...own, severity: 'critical' } },
})

describe('explaining a rule', () => {
  test('says what it asks for, from when, why, and what to do', () => {
    expect(explainRule('OWN-01', rules)).toBe(`OWN-01  An owner

Somebody answers for it.

  Severity    error from 2027-01-01, before that warning
  Looks at    each document by itself
  Because of  GDPR 5(2), GDPR 24
  Remedy      Name an owner.
`)
  })

  test.each(['own-01', 'OWN01', 'own_01'])('forgives how %s is written', (id) => {
    expect(explainRule(id, rules)).toContain('OWN-01  An owner')
  })

  test('says of critical rules that they cannot be waived, and knows the rules of the check itself', () => {
    expect(explainRule('STO-03', rules)).toContain('cannot be waived')
    expect(explainRule('WVR-01', rules)).toContain('held by portcullis check itself')
  })

  test('knows no rule of a malformed manifest, and names those that begin alike', () => {
    expect(explainRule('OWN-02', rules)).toBeUndefined()
    expect(similarRules('OWN-99', rules)).toEqual(['OWN-01'])
    expect(similarRules('', rules)).toEqual([])
  })
})
