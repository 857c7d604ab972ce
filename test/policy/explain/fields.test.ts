/** The map from rules to the fields that they can read: exact for plain references, all below where a key is not known. */
import { describe, expect, test } from 'vitest'
import { createExplainer } from '../../../src/policy/opa-wasm/explain/explainer.ts'
import { fieldsOfRules } from '../../../src/policy/opa-wasm/explain/fields.ts'
import { accessBundle, hrMetadata, maskRules } from '../support/access.ts'
import { hrRules } from '../support/rego.ts'
import { rules } from './hr-questions.ts'

/** Of a rule with this body. */
function fieldsOf(rego: string): {
  readonly fields: readonly string[]
  readonly compared: Readonly<Record<string, readonly unknown[]>>
} {
  const bundle = accessBundle({
    rules: { ...hrRules, 'rules/hr/probe/probe.rego': `package rules.hr.probe\n\n${rego}\n` },
    metadata: { ...hrMetadata, 'hr.probe': { title: 'Probe', place: 'rules/hr/probe/probe.rego:1' } },
  })
  const { plan, data } = createExplainer({ bundle, masks: maskRules })
  const { fields, compared } = fieldsOfRules(plan, data).get('hr.probe')!
  return {
    fields: [...fields],
    compared: Object.fromEntries([...compared].map(([field, values]) => [field, [...values]])),
  }
}

describe('fields that a rule can read', () => {
  test('are those of the HR rules, and no others', () => {
    expect(Object.fromEntries([...rules].map(([rule, { fields }]) => [rule, [...fields]]))).toEqual({
      'hr.bank_details': ['context.purpose', 'user.attributes.training', 'user.roles'],
      'hr.duty_of_care': ['context.purpose', 'facts["hr.duty_of_care"].manages', 'user.roles'],
      'hr.first_resource': ['resource.id', 'user.roles'],
      'hr.nationality': ['context.purpose', 'user.roles'],
      'hr.record_masking': ['facts["hr.record_masking"].manages', 'user.roles'],
      'hr.zip_code': ['context.purpose', 'facts["hr.zip_code"].manages', 'user.roles'],
      'org.active': ['user.active'],
      'org.classification': [
        'context.purpose',
        'resource.fields',
        'resource.fields[*].classification',
        'resource.fields[*].path',
        'resource.format',
        'user.roles',
        'user.roles[*]',
      ],
      'org.contract': ['resource.fields', 'resource.format'],
      'org.purpose': ['context.purpose'],
    })
  })

  test.each([
    ['a plain reference', 'deny contains "x" if input.record.grade == 7', ['record.grade']],
    [
      'a helper with arguments',
      'deny contains "x" if _old(input.record.person)\n_old(p) if p.age > 60',
      ['record.person.age'],
    ],
    [
      'items of a list',
      'deny contains "x" if {\n\tsome item in input.record.items\n\titem.secret\n}',
      ['record.items[*].secret'],
    ],
    [
      'a key that is not known',
      'deny contains "x" if input.record[input.context.field]',
      ['context.field', 'record[*]'],
    ],
    ['object.get', 'deny contains "x" if object.get(input.user, "level", 0) > 3', ['user.level']],
    [
      'a negated helper',
      'deny contains "x" if not _ok\n_ok if input.user.attributes.cleared',
      ['user.attributes.cleared'],
    ],
    ['a record as a whole', 'deny contains "x" if count(input.record) > 3', ['record']],
  ])('through %s', (_, rego, fields) => {
    expect(fieldsOf(rego).fields).toEqual(fields)
  })

  test('are compared with the constants that the rule has for them, also through a helper', () => {
    const rego =
      'deny contains "x" if {\n\tinput.context.purpose == "A"\n\t_has(input.user, "B")\n}\n_has(u, role) if role in u.roles'
    expect(fieldsOf(rego).compared).toMatchObject({ 'context.purpose': ['A'], 'user.roles': ['B'] })
  })
})
