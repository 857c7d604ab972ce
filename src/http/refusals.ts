/** Who was turned away at the door: callers without a valid identity, or with another than they say. That belongs into the audit log. */
import type { FastifyRequest } from 'fastify'
import type { ErrorCode, PortcullisError } from '../domain/errors.ts'
import { parseToken, type Token, type UserId } from '../domain/ids.ts'

export type Refusal = {
  readonly code: ErrorCode
  /** Where the address names one; nobody has looked whether it is known. */
  readonly token: Token | undefined
  /** Who is known to have called. */
  readonly userId: UserId | undefined
}

/** @throws audit.failed */
export type RecordRefusal = (refusal: Refusal) => Promise<void>

const recorded: readonly ErrorCode[] = ['auth.missing', 'auth.invalid', 'auth.other_user', 'auth.role']

export async function recordRefusal(
  record: RecordRefusal | undefined,
  request: FastifyRequest,
  { code }: PortcullisError,
): Promise<void> {
  if (record === undefined || !recorded.includes(code)) return
  const { caller } = request as { readonly caller?: FastifyRequest['caller'] }
  await record({ code, token: tokenOf(request), userId: caller?.userId })
}

function tokenOf({ params }: FastifyRequest): Token | undefined {
  try {
    return parseToken((params as { token?: string } | undefined)?.token ?? '')
  } catch {
    return undefined
  }
}
