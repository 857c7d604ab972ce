/** What the client-facing services offer to the edges (native REST, the predecessor's protocol). The caller is already authenticated. */
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

export type OpenedRead = {
  readonly mediaType: string
  /** Nothing is read before the first pull. Fails where the read fails: the transfer must then be aborted, never ended cleanly. */
  readonly bytes: AsyncIterable<Uint8Array>
  /** Fires when the read must end at once, even while nobody pulls (revoked, user changed): destroy the connection. */
  readonly revoked: AbortSignal
}

export interface DataApi {
  /** Grant, user, resource and policy are checked before it resolves. @throws token.unknown, grant.unknown, user.*, policy.*, source.*, format.*, mask.* */
  read(input: {
    readonly token: Token
    readonly owner: UserId
    readonly leaf: ResourceId
    readonly signal: AbortSignal
  }): Promise<OpenedRead>
}
