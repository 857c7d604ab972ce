/** A portion of the records that policy lets through: those after the first so many, and no more than so many of them. */
import type { RecordDecision } from '../../domain/decision.ts'
import type { FactValue, RecordPolicy } from '../../domain/record-policy.ts'

export type Portion = {
  /** Decides as the policy does, and drops what lies outside the portion. One portion counts for all policies of a read. */
  cut(policy: RecordPolicy): RecordPolicy
  /** Whether no further record can belong to it. */
  isComplete(): boolean
}

const dropped: RecordDecision = { drop: true }
const kept: RecordDecision = { drop: false, masks: [] }

/** `limit` counts from the first record that policy lets through, `after` of which are left out. */
export function createPortion(limit = Number.POSITIVE_INFINITY, after = 0): Portion {
  let seen = 0

  function within(decision: RecordDecision): RecordDecision {
    if (decision.drop) return decision
    if (seen >= limit) return dropped
    return ++seen <= after ? dropped : decision
  }

  return {
    cut(policy) {
      switch (policy.kind) {
        case 'deny':
          return policy
        case 'untouched':
          return { kind: 'by-facts', facts: [], decide: () => within(kept) }
        case 'constant': {
          const { decision } = policy
          return { kind: 'by-facts', facts: [], decide: () => within(decision) }
        }
        case 'by-facts':
          return {
            ...policy,
            decide: (values: readonly FactValue[]) => (seen >= limit ? dropped : within(policy.decide(values))),
          }
        case 'by-record':
          return {
            ...policy,
            decide: (recordJson: Uint8Array) => (seen >= limit ? dropped : within(policy.decide(recordJson))),
          }
      }
    },
    isComplete: () => seen >= limit,
  }
}
