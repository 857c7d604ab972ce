/** Who was turned away at the door: callers without a valid identity, or with another than they say. That belongs into the audit log. */
import type { FastifyRequest } from 'fastify'
import type { ErrorCode, PortcullisError } from '../domain/errors.ts'
import { parseToken, type Token } from '../domain/ids.ts'
import type { HttpLog } from './log.ts'
import { errorOf } from './problems.ts'
import { clientAddress } from './rate/client-address.ts'
import type { RateKey, RateLimits } from './rate/rate-limits.ts'

export type Refusal = {
  readonly code: ErrorCode
  /** Where the address names one; nobody has looked whether it is known. */
  readonly token: Token | undefined
  /** Who called, or from where, as far as known. */
  readonly from: RateKey
}

/** @throws audit.failed */
export type RecordRefusal = (refusal: Refusal) => Promise<void>

const recorded: readonly ErrorCode[] = ['auth.missing', 'auth.invalid', 'auth.other_user', 'auth.role']

export type TurnAwayDeps = {
  /** Absent: nobody keeps an audit log. */
  readonly record: RecordRefusal | undefined
  readonly rateLimits: RateLimits
  readonly log: HttpLog
}

/** Resolves with what the caller is told: the error, once it is recorded, or that there were too many of them. */
export type TurnAway = (request: FastifyRequest, error: PortcullisError) => Promise<PortcullisError>

export function createTurnAway({ record, rateLimits, log }: TurnAwayDeps): TurnAway {
  return async (request, error) => {
    if (!recorded.includes(error.code)) return error
    const { caller } = request as { readonly caller?: FastifyRequest['caller'] }
    const userId = caller?.userId
    const from: RateKey = userId === undefined ? { client: clientAddress(request.ip) } : { userId }
    try {
      rateLimits.take('failedAuthentication', from)
      await record?.({ code: error.code, token: tokenOf(request), from })
      return error
    } catch (thrown) {
      const fault = errorOf(thrown)
      if (fault.code === 'request.rate') return fault
      // refused it is, recorded or not
      log.error({ requestId: request.id, err: fault }, 'http.refusal_unrecorded')
      return error
    }
  }
}

function tokenOf({ params }: FastifyRequest): Token | undefined {
  try {
    return parseToken((params as { token?: string } | undefined)?.token ?? '')
  } catch {
    return undefined
  }
}
