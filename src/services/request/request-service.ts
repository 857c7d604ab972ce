/** Registers what somebody asks for: mints the token, stores the registration, sends START, the request, END on their way. */
import type { AuditTrail } from '../../audit/audit-trail.ts'
import type { Bus } from '../../bus/bus.ts'
import type { RequestBody } from '../../bus/topics.ts'
import type { Envelope } from '../../domain/envelope.ts'
import { PortcullisError, toPortcullisError } from '../../domain/errors.ts'
import type { Token } from '../../domain/ids.ts'
import type { Extras, Registration } from '../../domain/records.ts'
import type { AuditEvents } from '../../pipeline/audit-events.ts'
import { knownToken } from '../../pipeline/known-token.ts'
import type { TokenStore } from '../../tokens/token-store.ts'
import type { RequestApi } from '../api.ts'

export type RequestServiceDeps = {
  readonly bus: Bus
  readonly tokens: TokenStore
  readonly trail: AuditTrail
  readonly events: AuditEvents
  readonly now: () => number
  readonly mintToken: () => Token
  /** How long a token lives, in milliseconds. */
  readonly timeToLiveMs: number
}

export function createRequestService(deps: RequestServiceDeps): RequestApi {
  return {
    async register(input) {
      const token = input.token ?? deps.mintToken()
      const registeredAt = deps.now()
      const { owner, resource, context, extras } = input
      const registration = {
        token,
        owner,
        resource,
        context,
        registeredAt,
        expiresAt: registeredAt + deps.timeToLiveMs,
      }
      await deps.tokens.register(registration, extras).catch(async (thrown: unknown) => {
        if (thrown instanceof PortcullisError && thrown.code === 'token.used')
          await deps.trail.record([
            deps.events.each('request.refused', token, {
              userId: owner,
              resourceId: resource,
              context,
              decision: 'deny',
              code: thrown.code,
            }),
          ])
        throw thrown
      })
      try {
        await deps.trail.record([
          deps.events.each('request.registered', token, { userId: owner, resourceId: resource, context }),
        ])
        await deps.bus.publish('request', registrationEnvelopes({ token, owner, resource, context }, extras))
      } catch (thrown) {
        // the caller gets no token: nobody must be able to use it
        await deps.tokens.revoke(token, owner).catch(() => undefined)
        throw brokerFault(thrown) ?? toPortcullisError(thrown)
      }
      return token
    },
    state: (token, owner) => knownToken(deps, { token, owner }, () => deps.tokens.state(token, owner)),
    async revoke(token, owner) {
      const { resource, context } = await knownToken(deps, { token, owner }, () => deps.tokens.find(token, owner))
      await deps.tokens.revoke(token, owner)
      await deps.trail.record([
        deps.events.each('token.revoked', token, { userId: owner, resourceId: resource, context }),
      ])
    },
  }
}

/** Over a broker it is the broker that the audit log lacks: that is what the caller can wait for. */
function brokerFault(thrown: unknown): PortcullisError | undefined {
  const cause = thrown instanceof Error ? thrown.cause : undefined
  return cause instanceof PortcullisError && cause.code === 'bus.unavailable' ? cause : undefined
}

export function registrationEnvelopes(
  registration: Pick<Registration, 'token' | 'owner' | 'resource' | 'context'>,
  extras: Extras,
): Envelope<RequestBody>[] {
  const { token, owner, resource, context } = registration
  return [
    { kind: 'start', token, extras },
    { kind: 'data', token, extras, index: 0, body: { userId: owner, resourceId: resource, context } },
    { kind: 'end', token, extras },
  ]
}

/** Sends what an embedded bus lost with the process on its way again; every step is idempotent. */
export async function replayUnfinished(deps: Pick<RequestServiceDeps, 'bus' | 'tokens'>): Promise<number> {
  let replayed = 0
  for await (const { registration, extras } of deps.tokens.unfinished()) {
    await deps.bus.publish('request', registrationEnvelopes(registration, extras))
    replayed++
  }
  return replayed
}
