/** Kind `jwt`: a bearer token signed by the identity provider says who calls; its subject is the user. */
import type { IncomingHttpHeaders } from 'node:http'
import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose'
import { PortcullisError } from '../../domain/errors.ts'
import { parseUserId, type UserId } from '../../domain/ids.ts'
import type { Authenticator, AuthenticatorDeps } from './authenticator.ts'
import { createKeySet, type KeySet } from './key-set.ts'
import { loadKeysFromFile, loadKeysFromUrl } from './key-source.ts'

export type JwtOptions = {
  readonly issuer: string
  readonly audience: string
  readonly keys: { readonly file: string } | { readonly url: string }
  readonly algorithms?: readonly string[]
  readonly clockToleranceSeconds?: number
  /** Where the roles are; dots go down: `realm_access.roles`. */
  readonly rolesClaim?: string
  /** Absent: nobody is an operator. */
  readonly operatorRole?: string
  /** May ask for decisions about others; operators may as well. */
  readonly decisionRole?: string
}

/** Public-key algorithms only: a key set is public, so a symmetric one would let anybody sign. */
const defaults = { algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'], clockToleranceSeconds: 5, rolesClaim: 'roles' }

export function createJwtAuthenticator(options: JwtOptions, { log, clock }: AuthenticatorDeps): Authenticator {
  const { keys } = options
  const keySet =
    'file' in keys
      ? createKeySet({ load: () => loadKeysFromFile(keys.file), refreshMs: 10_000, missWaitMs: 1_000, log, clock })
      : createKeySet({ load: () => loadKeysFromUrl(keys.url), refreshMs: 600_000, missWaitMs: 30_000, log, clock })

  async function verify(bearer: string): Promise<JWTPayload> {
    const verifyOptions: JWTVerifyOptions = {
      issuer: options.issuer,
      audience: options.audience,
      algorithms: [...(options.algorithms ?? defaults.algorithms)],
      clockTolerance: options.clockToleranceSeconds ?? defaults.clockToleranceSeconds,
      currentDate: new Date(clock.now()),
      requiredClaims: ['exp', 'sub'],
    }
    try {
      return await verifyWithAny(bearer, keySet, verifyOptions)
    } catch (thrown) {
      if (thrown instanceof PortcullisError) throw thrown
      throw new PortcullisError('auth.invalid', { message: messageOf(thrown), cause: thrown })
    }
  }

  return {
    kind: 'jwt',
    admit() {
      // a web page cannot send the bearer token by itself: Host and Origin protect nothing here
    },
    async identify(headers) {
      const payload = await verify(bearerOf(headers))
      const roles = rolesOf(payload, options.rolesClaim)
      const operator = has(roles, options.operatorRole)
      return { userId: subjectOf(payload), operator, decider: operator || has(roles, options.decisionRole) }
    },
    registrant({ userId }, named) {
      if (named !== undefined && named !== userId) throw new PortcullisError('auth.other_user')
      return known(userId)
    },
    ownerOf: async ({ userId }) => known(userId),
  }
}

/** A token without a key id may fit several keys of the set. */
async function verifyWithAny(bearer: string, keySet: KeySet, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(bearer, keySet, options)).payload
  } catch (thrown) {
    if (!(thrown instanceof errors.JWKSMultipleMatchingKeys)) throw thrown
    for await (const key of thrown) {
      try {
        return (await jwtVerify(bearer, key, options)).payload
      } catch (thrownForKey) {
        if (!(thrownForKey instanceof errors.JWSSignatureVerificationFailed)) throw thrownForKey
      }
    }
    throw new errors.JWSSignatureVerificationFailed()
  }
}

function bearerOf({ authorization }: IncomingHttpHeaders): string {
  if (authorization === undefined) throw new PortcullisError('auth.missing')
  const bearer = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/iu.exec(authorization)?.[1]
  if (bearer === undefined)
    throw new PortcullisError('auth.missing', { message: 'The authorization header must be: Bearer, a blank, a JWT.' })
  return bearer
}

/** Which claim, never its value. */
function messageOf(thrown: unknown): string {
  if (thrown instanceof errors.JWTExpired) return 'The bearer token has expired.'
  if (thrown instanceof errors.JWTClaimValidationFailed && ['iss', 'aud', 'exp', 'nbf', 'sub'].includes(thrown.claim))
    return `The bearer token's claim ${thrown.claim} is missing or not accepted here.`
  return 'The bearer token is not valid.'
}

function subjectOf({ sub }: JWTPayload): UserId {
  try {
    return parseUserId(typeof sub === 'string' ? sub : '')
  } catch (cause) {
    const message = "The bearer token's claim sub is missing or not accepted here."
    throw new PortcullisError('auth.invalid', { message, cause })
  }
}

function has(roles: unknown, role: string | undefined): boolean {
  return role !== undefined && Array.isArray(roles) && roles.includes(role)
}

function rolesOf(payload: JWTPayload, claim: string = defaults.rolesClaim): unknown {
  // a claim may itself have dots in its name, such as a URL
  if (Object.hasOwn(payload, claim)) return payload[claim]
  return claim
    .split('.')
    .reduce<unknown>(
      (value, part) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, part)
          ? (value as Record<string, unknown>)[part]
          : undefined,
      payload,
    )
}

function known(userId: UserId | undefined): UserId {
  if (userId === undefined) throw new PortcullisError('auth.missing')
  return userId
}
