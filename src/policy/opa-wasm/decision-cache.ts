/** From the text of an answer to the decision about a record. Equal answers give the same object, so that a format can compile its masks once. */
import type { Mask, RecordDecision } from '../../domain/decision.ts'
import { PortcullisError } from '../../domain/errors.ts'
import type { RecordSchema } from '../../domain/record-policy.ts'
import type { Engine } from './engine.ts'

/** Distinct answers remembered in one read. */
export const decisionsMax = 1_024

export type DecisionCache = {
  /** @throws policy.result_invalid, mask.malformed, mask.path_unknown, mask.not_expressible */
  of(text: string): RecordDecision
}

const dropped: RecordDecision = { drop: true }
const unmasked: RecordDecision = { drop: false, masks: [] }

export function createDecisionCache({ answers }: Pick<Engine, 'answers'>, schema: RecordSchema): DecisionCache {
  const remembered = new Map<string, RecordDecision>()
  /** By their masks: what one answer decided, another worded differently may decide, too. */
  const distinct = new Map<string, RecordDecision>()

  function decisionOf(text: string): RecordDecision {
    const answer = answers(text)
    if (answer === undefined) return dropped
    const { masks, key } = answer
    if (masks.length === 0) return unmasked
    const known = distinct.get(key)
    if (known !== undefined) return known
    for (const mask of masks) refuseUnless(schema, mask)
    const decision = { drop: false, masks } as const
    distinct.set(key, decision)
    return decision
  }

  return {
    of(text) {
      const known = remembered.get(text)
      if (known !== undefined) return known
      if (remembered.size >= decisionsMax) {
        remembered.clear()
        distinct.clear()
      }
      const decision = decisionOf(text)
      remembered.set(text, decision)
      return decision
    },
  }
}

function refuseUnless(schema: RecordSchema, mask: Mask): void {
  const verdict = schema.accepts(mask)
  switch (verdict) {
    case 'ok':
      return
    case 'path_unknown':
      throw new PortcullisError('mask.path_unknown')
    case 'not_expressible':
      throw new PortcullisError('mask.not_expressible')
    default:
      verdict satisfies never
  }
}
