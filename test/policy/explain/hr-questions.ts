/** Questions about the HR example for tests of explanations: as documents for the explainer, and put to the engine that serves. */
import fc from 'fast-check'
import { parseUserId } from '../../../src/domain/ids.ts'
import type { Json } from '../../../src/domain/json.ts'
import type { Context, Leaf, User } from '../../../src/domain/records.ts'
import { parseResourceId } from '../../../src/domain/resource-id.ts'
import { createExplainer } from '../../../src/policy/opa-wasm/explain/explainer.ts'
import { fieldsOfRules } from '../../../src/policy/opa-wasm/explain/fields.ts'
import type { Question } from '../../../src/policy/opa-wasm/explain/question.ts'
import { vocabularyOf } from '../../../src/policy/opa-wasm/explain/vocabulary.ts'
import { maskRules, openSchema } from '../support/access.ts'
import { accessBundleFile, hrPeople, loadHrEngine } from '../support/hr.ts'

export const explainer = createExplainer({ bundle: accessBundleFile, masks: maskRules })
export const rules = fieldsOfRules(explainer.plan, explainer.data)
export const vocabulary = vocabularyOf(rules, Object.values(hrPeople) as unknown as readonly Json[])
const engine = loadHrEngine({ fast: false })

/** What the engine that serves says: whether this record is given, and with which masks. */
export function served({ user, context, resource, record, now }: Question): {
  allow: boolean
  masks: readonly unknown[]
} {
  const { id, type, format, attributes } = resource as {
    id: string
    type: string
    format: string
    attributes: Leaf['attributes']
  }
  const leaf: Leaf = { id: parseResourceId(id), recordType: type, mediaType: format, attributes }
  const query = { user: user as unknown as User, context: context as Context, leaf, now }
  if (engine.decideResource(query).effect === 'deny') return { allow: false, masks: [] }
  const policy = engine.prepare(query, openSchema)
  if (policy.kind !== 'by-record') return { allow: false, masks: [] }
  const decision = policy.decide(Buffer.from(JSON.stringify(record)))
  return decision.drop ? { allow: false, masks: [] } : { allow: true, masks: decision.masks }
}

const names = ['Alice', 'Bob', 'Eve', 'Mallory', 'Zoe'] as const
const manager = fc.record({ uid: fc.constantFrom(...names), managers: fc.constant(null) })

export const questions: fc.Arbitrary<Question> = fc.record({
  user: fc.record({
    id: fc.constantFrom(...names).map(parseUserId),
    active: fc.boolean(),
    roles: fc.subarray(['HR', 'ESTATES', 'IT']),
    attributes: fc.oneof(
      fc.constant({}),
      fc.record({ training: fc.subarray(['PAYROLL_TRAINING_COURSE', 'FIRST_AID']) }),
      fc.constant({ training: 'PAYROLL_TRAINING_COURSE' }),
    ),
  }),
  context: fc.oneof(
    fc.record({ purpose: fc.constantFrom('SALARY', 'DUTY_OF_CARE', 'STAFF_REPORT', '', 'salary') }),
    fc.constant({}),
  ),
  resource: fc.record({
    id: fc.constantFrom('file:/data/hr/employee_file0.avro', 'file:/data/hr/employee_file1.avro', 'file:/data/x.csv'),
    type: fc.constant('Employee'),
    format: fc.constant('avro/binary'),
    attributes: fc.constant({}),
  }),
  record: fc.oneof(
    fc.record({ manager: fc.oneof(fc.array(manager, { maxLength: 2 }), fc.constant(null)) }),
    fc.constant({}),
  ),
  now: fc.constant(Date.UTC(2026, 0, 1)),
}) as fc.Arbitrary<Question>

export function asked(
  person: keyof typeof hrPeople,
  purpose: string,
  record: Json = {},
  file = 'employee_file0.avro',
): Question {
  return {
    user: hrPeople[person] as unknown as Json,
    context: { purpose },
    resource: { id: `file:/data/hr/${file}`, type: 'Employee', format: 'avro/binary', attributes: {} },
    record,
    now: 1_000,
  }
}
