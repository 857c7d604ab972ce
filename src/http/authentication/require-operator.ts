/** What only operators may see or fetch. */
import type { FastifyRequest } from 'fastify'
import { PortcullisError } from '../../domain/errors.ts'
import type { Authenticator } from './authenticator.ts'

/** @throws auth.role, and what `identify` throws */
export async function requireOperator(request: FastifyRequest, authenticator: Authenticator): Promise<void> {
  // kept before the role is looked at: whoever lacks it is recorded, and counted, as the user they are
  request.caller = await authenticator.identify(request.headers)
  if (!request.caller.operator) throw new PortcullisError('auth.role')
}
