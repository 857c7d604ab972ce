/** A read that is decided twice for every record: fast and plainly. Where the two differ, nothing more of it is read. */
import type { RecordDecision } from '../../domain/decision.ts'
import { PortcullisError } from '../../domain/errors.ts'
import type { RecordPolicy } from '../../domain/record-policy.ts'
import { factsOfRecord } from './facts.ts'
import { printJson } from './json-text.ts'
import { isObject, objectOf } from './value.ts'
import { valueFromJson, valueToJson } from './value-text.ts'

export function checkedPolicy(
  fast: RecordPolicy,
  plain: (recordJson: Uint8Array) => RecordDecision,
  onDifference: () => void,
): RecordPolicy {
  const decideFast = decideWhole(fast)
  return {
    kind: 'by-record',
    fields: undefined,
    decide(recordJson) {
      const decision = plain(recordJson)
      if (sameDecision(decideFast(recordJson), decision)) return decision
      onDifference()
      throw new PortcullisError('policy.layers_differ')
    },
  }
}

/** Decides whole records by a policy, as a format does that computes the facts and leaves out the other fields. */
export function decideWhole(policy: RecordPolicy): (recordJson: Uint8Array) => RecordDecision {
  switch (policy.kind) {
    case 'deny':
      return () => ({ drop: true })
    case 'untouched':
      return () => ({ drop: false, masks: [] })
    case 'constant':
      return () => policy.decision
    case 'by-facts':
      return (recordJson) => policy.decide(factsOfRecord(policy.facts, recordJson))
    case 'by-record': {
      const { fields } = policy
      return fields === undefined ? policy.decide : (recordJson) => policy.decide(projected(recordJson, fields))
    }
  }
}

function projected(recordJson: Uint8Array, fields: readonly string[]): Uint8Array {
  const record = valueFromJson(Buffer.from(recordJson).toString('utf8'))
  if (!isObject(record)) throw new PortcullisError('policy.input_invalid')
  return Buffer.from(valueToJson(objectOf(record.entries.filter(([key]) => fields.includes(key as string)))))
}

export function sameDecision(a: RecordDecision, b: RecordDecision): boolean {
  if (a === b) return true
  if (a.drop || b.drop) return a.drop === b.drop
  return printJson(a.masks) === printJson(b.masks)
}
