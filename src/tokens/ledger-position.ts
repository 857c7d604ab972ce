/** Positions a client may resume its ledger at. */
import { PortcullisError } from '../domain/errors.ts'

/** @throws PortcullisError request.invalid */
export function checkPosition(position: number): void {
  if (!Number.isSafeInteger(position) || position < 0)
    throw new PortcullisError('request.invalid', { message: 'position: expected a whole number, 0 or more' })
}
