/** Decides record after record by one policy, and compiles the masks of each decision once. */
import type { RecordDecision } from '../../domain/decision.ts'
import type { RecordPolicy } from '../../domain/record-policy.ts'
import { createFactReader } from './facts.ts'
import type { KnownSchema } from './known-schemas.ts'
import { compileMasks, type Splice } from './masks.ts'
import { createProjection } from './projection.ts'
import type { AvroType } from './schema.ts'
import type { MaskValue } from './value-mask.ts'
import { walk } from './walk.ts'
import { createWalker, openWalker, type Walker } from './walker.ts'

/** `splice` undefined: the record stays as it is. */
export type Treatment = { readonly drop: boolean; readonly splice: Splice | undefined }

export type Decider = {
  readonly walker: Walker
  /** The content of a block; the records in it follow in order. */
  open(content: Buffer): void
  /** The end of the record that begins at `start`, validated. */
  walk(start: number, end: number): number
  /** Of the record just walked over. */
  decide(start: number, end: number): Treatment
}

export type Treatments = (decision: RecordDecision) => Treatment

const kept: Treatment = { drop: false, splice: undefined }
const dropped: Treatment = { drop: true, splice: undefined }

/** One for all of a read, whose policy may change on the way. */
export function createTreatments(root: AvroType, maskValue: MaskValue): Treatments {
  const known = new WeakMap<RecordDecision, Treatment>()
  let last: RecordDecision | undefined
  let lastTreatment = kept
  return (decision) => {
    if (decision === last) return lastTreatment
    let treatment = known.get(decision)
    if (treatment === undefined) {
      treatment = treat(root, decision, maskValue)
      known.set(decision, treatment)
    }
    last = decision
    lastTreatment = treatment
    return treatment
  }
}

function treat(root: AvroType, decision: RecordDecision, maskValue: MaskValue): Treatment {
  if (decision.drop) return dropped
  if (decision.masks.length === 0) return kept
  return { drop: false, splice: compileMasks(root, decision.masks, maskValue) }
}

export function createDecider(
  policy: Exclude<RecordPolicy, { kind: 'deny' }>,
  schema: KnownSchema,
  treatmentOf: Treatments,
): Decider {
  switch (policy.kind) {
    case 'untouched':
      return plain(schema, () => kept)
    case 'constant': {
      const treatment = treatmentOf(policy.decision)
      return plain(schema, () => treatment)
    }
    case 'by-facts': {
      const facts = createFactReader(schema, policy.facts)
      const { walker } = facts
      return {
        walker,
        open: facts.open,
        walk(start, end) {
          facts.reset()
          return walk(walker, start, end)
        },
        decide: () => treatmentOf(policy.decide(facts.values())),
      }
    }
    case 'by-record': {
      const projection = createProjection(schema.root, policy.fields)
      let bytes: Buffer = Buffer.alloc(0)
      const decider = plain(schema, (start, end) =>
        treatmentOf(policy.decide(projection.write(bytes, start, end, decider.walker))),
      )
      return {
        ...decider,
        open(content) {
          bytes = content
          decider.open(content)
        },
      }
    }
  }
}

function plain({ program }: KnownSchema, decide: Decider['decide']): Decider {
  const walker = createWalker(program([]))
  return {
    walker,
    open: (content) => openWalker(walker, content),
    walk: (start, end) => walk(walker, start, end),
    decide,
  }
}
