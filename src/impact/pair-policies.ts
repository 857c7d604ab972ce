/** Two revisions' ways of deciding the records of one leaf as one policy, which tells every pair of decisions and lets no byte through. */
import type { RecordDecision } from '../domain/decision.ts'
import type { FactSelector, FactValue, RecordPolicy } from '../domain/record-policy.ts'

/** What both revisions say of one record; equal decisions are mostly the same object. */
export type OnPair = (before: RecordDecision, after: RecordDecision) => void

const dropped: RecordDecision = { drop: true }
const whole: RecordDecision = { drop: false, masks: [] }

/**
 * `plain` is asked for a revision's plain way, one evaluation a record, where the two can only meet on whole records.
 * Every record is decided exactly once by each, and `onPair` called once.
 */
export function pairPolicies(
  before: RecordPolicy,
  after: RecordPolicy,
  plain: { readonly before: () => RecordPolicy; readonly after: () => RecordPolicy },
  onPair: OnPair,
): RecordPolicy {
  if (before.kind === 'by-record' || after.kind === 'by-record')
    return pairByRecord(recordwise(before, plain.before), recordwise(after, plain.after), onPair)
  const [decideBefore, decideAfter] = [factwise(before), factwise(after)]
  const split = decideBefore.facts.length
  return {
    kind: 'by-facts',
    facts: [...decideBefore.facts, ...decideAfter.facts],
    decide(values) {
      onPair(decideBefore.decide(values.slice(0, split)), decideAfter.decide(values.slice(split)))
      return dropped
    },
  }
}

type ByFacts = { readonly facts: readonly FactSelector[]; decide(values: readonly FactValue[]): RecordDecision }
type ByRecord = { readonly fields: readonly string[] | undefined; decide(record: Uint8Array): RecordDecision }

function factwise(policy: Exclude<RecordPolicy, { kind: 'by-record' }>): ByFacts {
  if (policy.kind === 'by-facts') return policy
  const decision = constantOf(policy)
  return { facts: [], decide: () => decision }
}

function recordwise(policy: RecordPolicy, plain: () => RecordPolicy): ByRecord {
  if (policy.kind === 'by-record') return policy
  if (policy.kind === 'by-facts') return recordwise(plain(), plain)
  const decision = constantOf(policy)
  return { fields: [], decide: () => decision }
}

function constantOf(policy: Exclude<RecordPolicy, { kind: 'by-record' | 'by-facts' }>): RecordDecision {
  if (policy.kind === 'deny') return dropped
  return policy.kind === 'untouched' ? whole : policy.decision
}

function pairByRecord(before: ByRecord, after: ByRecord, onPair: OnPair): RecordPolicy {
  return {
    kind: 'by-record',
    fields:
      before.fields === undefined || after.fields === undefined
        ? undefined
        : [...new Set([...before.fields, ...after.fields])],
    decide(record) {
      onPair(before.decide(record), after.decide(record))
      return dropped
    },
  }
}
