/** Kind `none`: whoever reaches the loopback address is whom they say. Web pages of others must not: their Host or Origin gives them away. */
import { PortcullisError } from '../../domain/errors.ts'
import { parseUserId } from '../../domain/ids.ts'
import { invalid } from '../validation.ts'
import type { Authenticator, AuthenticatorDeps } from './authenticator.ts'

export function createOpenAuthenticator({ listen, ownerOf }: AuthenticatorDeps): Authenticator {
  if (!isLoopback(hostOf(listen)))
    throw new PortcullisError('config.invalid', {
      message: 'authentication: kind none serves loopback only; use kind jwt, or listen on 127.0.0.1 or [::1]',
    })
  return {
    kind: 'none',
    admit({ host, origin }) {
      // a name of somebody else's that resolves to 127.0.0.1 is how a web page would get in
      if (host === undefined || !isLoopback(hostOf(host))) throw new PortcullisError('request.origin')
      if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
        throw new PortcullisError('request.origin')
    },
    identify: async () => ({ operator: true, decider: true }),
    registrant(_caller, named) {
      if (named === undefined) throw invalid('userId', 'is missing')
      return parseUserId(named)
    },
    ownerOf: (_caller, token, leaf) => ownerOf(token, leaf),
  }
}

function hostOf(authority: string): string {
  return authority.replace(/:[0-9]+$/u, '').toLowerCase()
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/u.test(host)
}
