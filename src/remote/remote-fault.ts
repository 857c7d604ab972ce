/** What a remote store's answer means here: one of our errors, and whether asking again may help. */
import { PortcullisError } from '../domain/errors.ts'

export type RemoteFault = PortcullisError & { readonly askAgain?: boolean }

/** The store did not answer, or said that it cannot now. */
export function passingFault(cause: unknown): RemoteFault {
  return Object.assign(new PortcullisError('source.unavailable', { cause }), { askAgain: true })
}

/** The store answered what no store of its kind answers; `wrong` is our own text. */
export function brokenAnswer(wrong: string): RemoteFault {
  return new PortcullisError('source.unavailable', { cause: new Error(wrong) })
}

export function mayAskAgain(thrown: unknown): boolean {
  return thrown instanceof PortcullisError && (thrown as RemoteFault).askAgain === true
}

/** For every status that is no success. */
export function statusFault(status: number): RemoteFault {
  const cause = Object.assign(new Error('answered by status'), { code: `HTTP_${status}` })
  if (status === 401 || status === 403) return new PortcullisError('source.forbidden', { cause })
  if (status === 404 || status === 410) return new PortcullisError('source.not_found', { cause })
  if (status === 412) return new PortcullisError('source.changed', { cause })
  // a redirect among them: what it leads to is not what was configured
  if (status === 408 || status === 429 || status >= 500) return passingFault(cause)
  return new PortcullisError('source.unavailable', { cause })
}
