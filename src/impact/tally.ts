/** Counts how the decisions of two revisions differ, record by record: seen or not, and which fields are masked how. */
import type { Mask, RecordDecision } from '../domain/decision.ts'

export type MaskChange = {
  readonly path: string
  /** `unmasked` and `weaker` show more than before. */
  readonly what: 'masked' | 'unmasked' | 'stricter' | 'weaker'
  /** The action, with what tells it from others of its kind: `date to year`. */
  readonly before?: string
  readonly after?: string
  records: number
}

export type RecordImpact = {
  records: number
  visibleBefore: number
  visibleAfter: number
  gained: number
  lost: number
  /** Positions in the leaf, from 0, of the first few. */
  readonly gainedAt: number[]
  readonly lostAt: number[]
  readonly masks: Map<string, MaskChange>
}

/** How many positions are remembered as examples. */
export const examplesMax = 5

export type IsAtLeastAsStrict = (mask: Mask, than: Mask) => boolean

export function createTally(isAtLeastAsStrict: IsAtLeastAsStrict) {
  const impact: RecordImpact = {
    records: 0,
    visibleBefore: 0,
    visibleAfter: 0,
    gained: 0,
    lost: 0,
    gainedAt: [],
    lostAt: [],
    masks: new Map(),
  }
  // a read has few distinct decisions, each one object
  const compared = new Map<RecordDecision, Map<RecordDecision, readonly MaskChange[]>>()

  function changesOf(before: RecordDecision, after: RecordDecision): readonly MaskChange[] {
    const known = compared.get(before) ?? new Map<RecordDecision, readonly MaskChange[]>()
    compared.set(before, known)
    const changes = known.get(after) ?? compareMasks(before, after, isAtLeastAsStrict).map(shared)
    known.set(after, changes)
    return changes
  }

  /** The same change by other decisions is one count. */
  function shared(change: MaskChange): MaskChange {
    const key = JSON.stringify([change.path, change.what, change.before, change.after])
    const one = impact.masks.get(key) ?? change
    impact.masks.set(key, one)
    return one
  }

  return {
    impact,
    onPair(before: RecordDecision, after: RecordDecision): void {
      const at = impact.records++
      if (!before.drop) impact.visibleBefore++
      if (!after.drop) impact.visibleAfter++
      if (before.drop !== after.drop) {
        const [count, places] = before.drop
          ? (['gained', impact.gainedAt] as const)
          : (['lost', impact.lostAt] as const)
        impact[count]++
        if (places.length < examplesMax) places.push(at)
      }
      if (before !== after) for (const change of changesOf(before, after)) change.records++
    },
  }
}

/** Only of records that both revisions show: one that appears or goes is counted as that. */
function compareMasks(
  before: RecordDecision,
  after: RecordDecision,
  isAtLeastAsStrict: IsAtLeastAsStrict,
): MaskChange[] {
  if (before.drop || after.drop) return []
  const older = new Map(before.masks.map((mask) => [mask.path, mask]))
  const newer = new Map(after.masks.map((mask) => [mask.path, mask]))
  return [...new Set([...older.keys(), ...newer.keys()])].flatMap((path): MaskChange[] => {
    const [was, is] = [older.get(path), newer.get(path)]
    if (was === undefined) return [{ path, what: 'masked', after: wordsOf(is!), records: 0 }]
    if (is === undefined) return [{ path, what: 'unmasked', before: wordsOf(was), records: 0 }]
    const [up, down] = [isAtLeastAsStrict(is, was), isAtLeastAsStrict(was, is)]
    if (up && down) return []
    // incomparable counts as weaker: something may show that did not
    return [{ path, what: up ? 'stricter' : 'weaker', before: wordsOf(was), after: wordsOf(is), records: 0 }]
  })
}

function wordsOf(mask: Mask): string {
  switch (mask.action) {
    case 'truncate':
    case 'date':
    case 'round':
      return `${mask.action} to ${mask.to}`
    case 'hash':
      return mask.key === undefined ? 'hash' : `hash with key ${mask.key}`
    case 'partial': {
      const sides = (['keepFirst', 'keepLast', 'maskFirst', 'maskLast'] as const).flatMap((side) =>
        mask[side] === undefined ? [] : [`${side} ${mask[side]}`],
      )
      return `partial ${sides.join(' ')}`
    }
    case 'null':
    case 'remove':
    case 'constant':
      return mask.action
  }
}
