/** An error with this code, to compare with. */
import { expect } from 'vitest'

export function withCode(code: string): Error {
  return expect.objectContaining({ code }) as Error
}
