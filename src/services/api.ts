/** What the client-facing services offer to the edges (native REST, the predecessor's protocol). The caller is already authenticated. */
import type { ErrorCode } from '../domain/errors.ts'
import type { ResourceId, Token, UserId } from '../domain/ids.ts'
import type { Context, Extras } from '../domain/records.ts'
import type { LedgerItem, RequestState } from '../tokens/token-store.ts'

export type RegisterInput = {
  readonly owner: UserId
  readonly resource: ResourceId
  readonly context: Context
  /** Only where the configuration lets clients bring their own; @throws token.used */
  readonly token?: Token
  readonly extras: Extras
}

export interface RequestApi {
  /** Resolves when the registration is stored and its messages accepted. @throws token.used, bus.unavailable, store.unavailable, audit.failed */
  register(input: RegisterInput): Promise<Token>
  /** @throws token.unknown */
  state(token: Token, owner: UserId): Promise<RequestState>
  /** @throws token.unknown */
  revoke(token: Token, owner: UserId): Promise<void>
}

export interface DeliveryApi {
  /** One item at a time at the reader's pace; each leaf is in the audit log before it is yielded. @throws token.unknown, request.lost */
  items(
    token: Token,
    owner: UserId,
    options: { readonly position: number; readonly signal: AbortSignal },
  ): AsyncIterable<LedgerItem>
}

/** Of bytes, both ends included; `suffix`: the last so many. */
export type ByteRange = { readonly first: number; readonly last?: number | undefined } | { readonly suffix: number }

/** Opaque tags without their quotes, or any. */
export type EntityTags = '*' | readonly string[]

export type ReadInput = {
  readonly token: Token
  readonly owner: UserId
  readonly leaf: ResourceId
  readonly signal: AbortSignal
  /** Picks of the media types the answer can have, the leaf's own first; undefined: none will do. Absent: the leaf's own. */
  readonly accept?: ((offered: readonly string[]) => string | undefined) | undefined
  /** Top-level names; the records' order stays. Absent: all. */
  readonly columns?: readonly string[] | undefined
  /** Records given at most, ≥ 1. */
  readonly limit?: number | undefined
  /** Records, of those the answer would give, that the caller has already. */
  readonly after?: number | undefined
  /** Heard only where the bytes pass untouched. */
  readonly range?: ByteRange | undefined
  readonly ifMatch?: EntityTags | undefined
  readonly ifNoneMatch?: EntityTags | undefined
  /** The range is heard only where the answer has this tag. */
  readonly ifRange?: string | undefined
  /** Everything is decided and recorded, and no byte given. */
  readonly headersOnly?: boolean | undefined
}

export type OpenedRead = {
  /** `unchanged`: the caller has it already (`ifNoneMatch`), so there are no bytes. */
  readonly kind: 'whole' | 'part' | 'unchanged'
  readonly mediaType: string
  /** Nothing is read before the first pull. Fails where the read fails: the transfer must then be aborted, never ended cleanly. */
  readonly bytes: AsyncIterable<Uint8Array>
  /** Fires when the read must end at once, even while nobody pulls (revoked, user changed): destroy the connection. */
  readonly revoked: AbortSignal
  /** Names these bytes for this user; absent where the source does not say when it changes. */
  readonly etag?: string
  /** All of the bytes, where they pass untouched and the source says how many. */
  readonly size?: number
  /** Which bytes of how many, where `kind` is `part`. */
  readonly part?: { readonly first: number; readonly last: number; readonly size: number }
  /** Whether the same read could be asked for in ranges. */
  readonly takesRanges: boolean
  /** False where the bytes are compressed as they are. */
  readonly compressible: boolean
  /** Records given so far; undefined where nobody counts them. */
  returned(): number | undefined
}

export interface DataApi {
  /**
   * Grant, user, resource and policy are checked before it resolves, and before anything in the input is compared with the leaf.
   * @throws token.unknown, grant.unknown, user.*, policy.*, source.*, format.*, mask.*, request.not_acceptable, request.precondition, request.range, request.invalid
   */
  read(input: ReadInput): Promise<OpenedRead>
}

/** An answer to somebody who enforces it elsewhere. */
export type Answer = {
  /** JSON; undefined where the policy says nothing. */
  readonly result: string | undefined
  /** What was wrong with the question, where it was denied for that. */
  readonly problem?: ErrorCode
}

/** What answers questions for others: a bundle's entrypoints, asked by name with an input in JSON. */
export interface DecisionPolicy {
  /** The name of its bundle. */
  readonly bundle: string
  readonly revision: () => string
  readonly entrypoints: readonly string[]
  /** `input` is JSON text, undefined where none was given. Total where a denial can say it. @throws policy.* where it can't */
  decide(entrypoint: string, input: string | undefined): Answer
}
