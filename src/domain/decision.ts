/** What policy says: a decision, its reasons, and masks. */

import type { Revision } from './ids.ts'
import type { Json } from './json.ts'

/** Why: a dotted code, and where known the rule, its title, and its place in the source (`file:line`). */
export type Reason = {
  readonly code: string
  readonly rule?: string
  readonly title?: string
  readonly place?: string
  readonly layer?: string
}

export type Decision =
  /** `reasons` are those that rules marked for the audit log; absent where none did. */
  | { readonly effect: 'permit'; readonly reasons?: readonly Reason[]; readonly revision: Revision }
  | { readonly effect: 'deny'; readonly reasons: readonly Reason[]; readonly revision: Revision }

/** What to do to one field. `path` is a JSON pointer (RFC 6901) in which `*` stands for every item of an array. */
export type Mask =
  | { readonly path: string; readonly action: 'null' | 'remove' }
  | { readonly path: string; readonly action: 'constant'; readonly value: Json }
  /** `keep`: the first/last n characters stay, the rest becomes `fill`; `mask`: the first/last n become `fill`. Characters are code points. */
  | {
      readonly path: string
      readonly action: 'partial'
      readonly keepFirst?: number
      readonly keepLast?: number
      readonly maskFirst?: number
      readonly maskLast?: number
      readonly fill: string
    }
  /** HMAC-SHA-256 under a key of the configuration, lower-case hex. */
  | { readonly path: string; readonly action: 'hash'; readonly key?: string }
  /** Keeps the first n code points. */
  | { readonly path: string; readonly action: 'truncate'; readonly to: number }
  | { readonly path: string; readonly action: 'date'; readonly to: 'year' | 'month' }
  /** To a multiple of `to`, half away from zero. */
  | { readonly path: string; readonly action: 'round'; readonly to: number }

/** Masks are sorted by path and hold at most one mask a path, none below another: `policy/masks/` makes them so. */
export type RecordDecision = { readonly drop: true } | { readonly drop: false; readonly masks: readonly Mask[] }
