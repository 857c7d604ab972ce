/** What is wrong with the bytes of a leaf, and where; never the bytes themselves. */
import { PortcullisError } from '../../domain/errors.ts'

export function corrupt(offset: number, what: string): PortcullisError {
  return new PortcullisError('format.corrupt', {
    message: `The data of this leaf is not valid in its format: ${what} at byte ${offset}.`,
  })
}

export function beyondLimit(offset: number, what: string): PortcullisError {
  return new PortcullisError('format.limit', {
    message: `The data of this leaf exceeds a limit: ${what} at byte ${offset}.`,
  })
}
