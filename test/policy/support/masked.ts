/** Masks carried out in the plainest way, so that tests of decisions can look at whole records. */
import type { Mask, RecordDecision } from '../../../src/domain/decision.ts'
import type { RecordPolicy } from '../../../src/domain/record-policy.ts'
import { decideWhole } from '../../../src/policy/opa-wasm/checked-policy.ts'

type Fields = Record<string, unknown>

/** What a policy makes of one record; undefined: it is not returned. */
export function recordUnder(policy: RecordPolicy, record: Fields): Fields | undefined {
  return masked(decideWhole(policy)(Buffer.from(JSON.stringify(record))), record)
}

export function masked(decision: RecordDecision, record: Fields): Fields | undefined {
  if (decision.drop) return undefined
  const copy = structuredClone(record)
  for (const mask of decision.masks) carryOut(mask, copy, mask.path.split('/').slice(1))
  return copy
}

function carryOut(mask: Mask, at: Fields, [key, ...rest]: readonly string[]): void {
  if (key === undefined || !(key in at)) return
  if (rest.length > 0) {
    if (at[key] !== null) carryOut(mask, at[key] as Fields, rest)
    return
  }
  at[key] = maskedValue(mask, at[key])
}

function maskedValue(mask: Mask, value: unknown): unknown {
  switch (mask.action) {
    case 'null':
      return null
    case 'constant':
      return mask.value
    case 'partial': {
      const points = [...(value as string)]
      return points.map((point, index) => (index >= points.length - (mask.maskLast ?? 0) ? mask.fill : point)).join('')
    }
    default:
      throw new Error(`unexpected mask: ${mask.action}`)
  }
}
