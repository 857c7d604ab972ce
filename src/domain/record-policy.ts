/** What the policy engine hands to the guard for one read: how records are decided, and what deciding needs to know of each. */
import type { Mask, Reason, RecordDecision } from './decision.ts'
import type { Json } from './json.ts'

/** Whether a mask can be carried out on records of this schema. */
export type MaskVerdict = 'ok' | 'path_unknown' | 'not_expressible'

/** What a format knows of its records before the first one. */
export interface RecordSchema {
  accepts(mask: Mask): MaskVerdict
  /** Whether the format can compute this fact from its bytes. */
  canCompute(fact: FactSelector): boolean
  /** Names of the fields below a path (`*`: the items of a list), undefined where nothing lies below; absent: unknown before the records are read. */
  readonly fieldsAt?: (path: readonly string[]) => readonly string[] | undefined
}

/** A fact a rule declared in its METADATA. Paths are JSON pointers with `*` (every item) and `**` (any depth). Absent or mistyped is false, never unavailable. */
export type FactSelector = {
  /** `<domain>.<rule>/<fact>`. */
  readonly name: string
  readonly op: 'any' | 'all' | 'exists' | 'equals' | 'in' | 'compare' | 'get'
  readonly path: string
  /** The other side, already looked up in the request: `equals`, `in`, and `compare` with its operator. Absent: the fact is false. */
  readonly operand?: Json
  readonly operator?: '<' | '<=' | '>' | '>='
}

/** A fact's value: `get` yields a scalar (undefined: absent), all others a boolean. */
export type FactValue = boolean | Json | undefined

/**
 * How to decide the records of one read. Decisions are total: what cannot be evaluated throws a PortcullisError and the read ends with it.
 * Equal decisions are the same object, so that a format can compile the masks of each once.
 */
export type RecordPolicy =
  | { readonly kind: 'deny'; readonly reasons: readonly Reason[] }
  /** No rule can deny or mask: the bytes pass untouched. */
  | { readonly kind: 'untouched' }
  /** The same decision for every record. */
  | { readonly kind: 'constant'; readonly decision: RecordDecision }
  | {
      readonly kind: 'by-facts'
      readonly facts: readonly FactSelector[]
      decide(values: readonly FactValue[]): RecordDecision
    }
  | {
      readonly kind: 'by-record'
      /** Top-level fields that deciding can read; undefined: all of the record. */
      readonly fields: readonly string[] | undefined
      /** JSON text in UTF-8 that the format has made itself or strictly validated: an object holding at least `fields`. Valid until the call returns. */
      decide(recordJson: Uint8Array): RecordDecision
    }
