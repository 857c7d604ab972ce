/**
 * Several rules' masks become one list: one mask a place, none below another, sorted by path. Where two concern the same place, the stricter counts
 * (`strictness.ts`); one below another is swallowed where the upper is at least as strict, else both become null at the upper place.
 */
import type { Mask } from '../../domain/decision.ts'
import { formatPointer, isIndex, parsePointer } from '../../domain/json-pointer.ts'
import { isAtLeastAsStrict, stricter } from './strictness.ts'

type Placed = { readonly segments: readonly string[]; readonly mask: Mask }

/** Commutative, associative, idempotent: the order in which rules answer, and whether they are merged in steps, changes nothing. */
export function mergeMasks(masks: readonly Mask[]): readonly Mask[] {
  const merged: Placed[] = []
  for (const mask of masks) add(merged, { segments: parsePointer(mask.path), mask })
  return merged.map(({ mask }) => mask).sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** What it meets is taken out and united with it, until it meets nothing more. */
function add(merged: Placed[], given: Placed): void {
  let placed = given
  for (
    let at = merged.findIndex((other) => meet(placed, other));
    at >= 0;
    at = merged.findIndex((other) => meet(placed, other))
  )
    placed = unite(placed, merged.splice(at, 1)[0]!)
  merged.push(placed)
}

/** Whether one place can be the other's, or lie below it: `*` and a number can be the same item of a list. */
function meet(left: Placed, right: Placed): boolean {
  const depth = Math.min(left.segments.length, right.segments.length)
  for (let index = 0; index < depth; index++) {
    const [a, b] = [left.segments[index]!, right.segments[index]!]
    if (a !== b && !(a === '*' && isIndex(b)) && !(b === '*' && isIndex(a))) return false
  }
  return true
}

function unite(left: Placed, right: Placed): Placed {
  const [upper, lower] = left.segments.length <= right.segments.length ? [left, right] : [right, left]
  const segments = upper.segments.map((segment, index) => (segment === lower.segments[index] ? segment : '*'))
  const path = formatPointer(segments)
  if (upper.segments.length === lower.segments.length) return { segments, mask: stricter(path, upper.mask, lower.mask) }
  return {
    segments,
    mask: isAtLeastAsStrict(upper.mask, lower.mask) ? { ...upper.mask, path } : { path, action: 'null' },
  }
}
