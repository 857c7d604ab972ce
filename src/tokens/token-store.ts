/** PORT: registrations, grants, leaf counts and the ledger a client reads. Adapters: embedded/, redis/. Suite: test/conformance/token-store.ts. */
import type { Failure } from '../domain/envelope.ts'
import type { ResourceId, Revision, Token, UserId } from '../domain/ids.ts'
import type { Extras, Leaf, Registration } from '../domain/records.ts'

/** What a token may read: owner and context live in the registration, the bundle's decisions are taken again at read. */
export type Grant = {
  readonly index: number
  readonly leaf: Leaf
  readonly revision: Revision
  readonly grantedAt: number
}

/** What the client sees, numbered afresh from 0: delivered leaves and error items, without gaps. */
export type LedgerItem =
  | {
      readonly kind: 'leaf'
      readonly position: number
      readonly leaf: Leaf
      /** As on the topics; and the bundle that permitted it: for audit only. */
      readonly index: number
      readonly revision?: Revision
    }
  | { readonly kind: 'error'; readonly position: number; readonly failure: Failure }
  /** All of the request has been seen; the last item. */
  | { readonly kind: 'complete'; readonly position: number }

/** What delivery found for one index. `hidden` is counted, never shown. */
export type LedgerEntry =
  | { readonly kind: 'leaf'; readonly index: number; readonly leaf: Leaf; readonly revision?: Revision }
  | { readonly kind: 'error'; readonly index: number; readonly failure: Failure }
  | { readonly kind: 'hidden'; readonly index: number }
  | { readonly kind: 'end'; readonly total: number }

export type RequestState = {
  readonly registration: Registration
  readonly complete: boolean /** Visible items so far. */
  readonly items: number
}

/** All methods throw store.unavailable when the store cannot be reached. A token that expired, was revoked or is another owner's is unknown. */
export interface TokenStore extends AsyncDisposable {
  /** Durable when it resolves. @throws token.used when the token was ever registered before and is still remembered */
  register(registration: Registration, extras: Extras): Promise<void>
  /** @throws token.unknown */
  find(token: Token, owner: UserId): Promise<Registration>
  /** For services inside the pipeline, which act for the owner. @throws token.unknown */
  findForPipeline(token: Token): Promise<Registration>
  /** From when it resolves nothing of the token is found any more, anywhere. @throws token.unknown */
  revoke(token: Token, owner: UserId): Promise<void>
  /** Idempotent on (token, index); ignored for a token that is no longer known. */
  grant(token: Token, grants: readonly Grant[]): Promise<void>
  /** @throws grant.unknown */
  findGrant(token: Token, leaf: ResourceId): Promise<Grant>
  /** How many leaves the resource step found. Idempotent. */
  setTotal(token: Token, total: number): Promise<void>
  /** undefined: not set yet. */
  total(token: Token): Promise<number | undefined>
  /** Idempotent on (token, index); visible entries keep the order of first arrival. The ledger is complete when END is in and all its indexes are. */
  append(token: Token, entries: readonly LedgerEntry[]): Promise<void>
  /** From `position` on, waiting for more until complete; ends quietly on abort. @throws token.unknown, also in mid-stream; request.lost when the registration is there but its ledger was lost */
  ledger(
    token: Token,
    owner: UserId,
    options: { readonly position: number; readonly signal: AbortSignal },
  ): AsyncIterable<LedgerItem>
  state(token: Token, owner: UserId): Promise<RequestState>
  /** Registrations whose ledger is not complete, to publish again after a restart. A store beside a durable bus yields none. */
  unfinished(): AsyncIterable<{ readonly registration: Registration; readonly extras: Extras }>
  /** @throws store.unavailable */
  check(): Promise<void>
}
