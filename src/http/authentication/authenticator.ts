/** Who calls: the same questions whichever way users are authenticated. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '../../domain/clock.ts'
import type { ResourceId, Token, UserId } from '../../domain/ids.ts'
import type { HttpLog } from '../log.ts'
import { createJwtAuthenticator, type JwtOptions } from './jwt.ts'
import { createOpenAuthenticator } from './open.ts'

/** `userId` is absent where nobody is authenticated. */
export type Caller = {
  readonly userId?: UserId
  readonly operator: boolean
  /** May ask for decisions about others. */
  readonly decider: boolean
}

export interface Authenticator {
  readonly kind: 'none' | 'jwt'
  /** Asked of every request, before all else. @throws request.origin */
  admit(headers: IncomingHttpHeaders): void
  /** @throws auth.missing, auth.invalid, auth.unavailable */
  identify(headers: IncomingHttpHeaders): Promise<Caller>
  /** The user a registration is for. @throws auth.other_user, request.invalid */
  registrant(caller: Caller, named: string | undefined): UserId
  /** The user a call that names only a token, and perhaps a leaf, is made for; it is the token store that then compares. @throws token.unknown */
  ownerOf(caller: Caller, token: Token, leaf?: ResourceId): Promise<UserId>
}

export type AuthenticationOptions = { readonly kind: 'none' } | ({ readonly kind: 'jwt' } & JwtOptions)

export type AuthenticatorDeps = {
  readonly log: HttpLog
  readonly clock: Clock
  /** `host:port` this server listens on. */
  readonly listen: string
  /** Whose token it is, for callers nobody authenticated. @throws token.unknown */
  readonly ownerOf: (token: Token, leaf?: ResourceId) => Promise<UserId>
}

/** @throws PortcullisError config.invalid for kind `none` on an address that others reach */
export async function createAuthenticator(
  options: AuthenticationOptions,
  deps: AuthenticatorDeps,
): Promise<Authenticator> {
  return options.kind === 'none' ? createOpenAuthenticator(deps) : createJwtAuthenticator(options, deps)
}
