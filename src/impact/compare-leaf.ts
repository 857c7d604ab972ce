/** What two revisions make of one leaf for one user and context: seen or not, and which records and fields. */
import type { ErrorCode } from '../domain/errors.ts'
import { PortcullisError } from '../domain/errors.ts'
import type { RecordPolicy, RecordSchema } from '../domain/record-policy.ts'
import type { Leaf } from '../domain/records.ts'
import type { Format } from '../formats/format.ts'
import type { LeafQuery, PolicyEngine } from '../policy/policy-engine.ts'
import { pairPolicies } from './pair-policies.ts'
import { createTally, type IsAtLeastAsStrict, type RecordImpact } from './tally.ts'

/** One revision: the engine that serves, and the same policies on the plain path. */
export type Side = { readonly engine: PolicyEngine; readonly plain: () => PolicyEngine }

export type LeafImpact = {
  readonly leaf: Leaf['id']
  readonly seenBefore: boolean
  readonly seenAfter: boolean
  /** undefined where neither shows the leaf, or it holds no records. */
  readonly records?: RecordImpact
  /** Why a revision refuses to read it at all. */
  readonly refusedBefore?: ErrorCode
  readonly refusedAfter?: ErrorCode
}

export type CompareLeafDeps = {
  readonly before: Side
  readonly after: Side
  readonly isAtLeastAsStrict: IsAtLeastAsStrict
  readonly signal: AbortSignal
}

/** `asks` says whether the user may ask at all, before and after. */
export async function compareLeaf(
  deps: CompareLeafDeps,
  query: LeafQuery,
  asks: { readonly before: boolean; readonly after: boolean },
  source: { readonly format: Format; readonly bytes: () => Promise<AsyncIterable<Uint8Array>> },
): Promise<LeafImpact> {
  const shows = ({ engine }: Side) => engine.decideResource(query).effect === 'permit'
  const seen = { seenBefore: asks.before && shows(deps.before), seenAfter: asks.after && shows(deps.after) }
  const leaf = query.leaf.id
  if (!seen.seenBefore && !seen.seenAfter) return { leaf, ...seen }
  const tally = createTally(deps.isAtLeastAsStrict)
  const refused: { refusedBefore?: ErrorCode; refusedAfter?: ErrorCode } = {}

  const policyOf = (side: Side, isSeen: boolean, schema: RecordSchema, refuse: 'refusedBefore' | 'refusedAfter') => {
    if (!isSeen) return denied
    try {
      return side.engine.prepare(query, schema)
    } catch (thrown) {
      if (!(thrown instanceof PortcullisError)) throw thrown
      refused[refuse] = thrown.code
      return denied
    }
  }
  let isSame = false
  const guarded = source.format.guard(await source.bytes(), {
    policyFor(schema) {
      const before = policyOf(deps.before, seen.seenBefore, schema, 'refusedBefore')
      const after = policyOf(deps.after, seen.seenAfter, schema, 'refusedAfter')
      isSame = before.kind === 'untouched' && after.kind === 'untouched'
      if (isSame) return before
      const plain = {
        before: () => deps.before.plain().prepare(query, schema),
        after: () => deps.after.plain().prepare(query, schema),
      }
      return pairPolicies(before, after, plain, tally.onPair)
    },
    counts: { processed: -1, returned: -1 },
    signal: deps.signal,
  })
  for await (const _ of guarded) {
    deps.signal.throwIfAborted()
    // both show all of it as it is: there is nothing to count
    if (isSame) break
  }
  return { leaf, ...seen, ...refused, ...(isSame ? {} : { records: tally.impact }) }
}

const denied: RecordPolicy = { kind: 'deny', reasons: [] }
