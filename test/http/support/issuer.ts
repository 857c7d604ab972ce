/** A real identity provider on loopback, and tokens it signs. */
import { type JWTPayload, UnsecuredJWT } from 'jose'
import { OAuth2Server } from 'oauth2-mock-server'
import type { AuthenticationOptions } from '../../../src/http/authentication/authenticator.ts'

export type Issuer = AsyncDisposable & {
  readonly server: OAuth2Server
  readonly keysUrl: string
  /** Configuration that trusts it. */
  authentication(more?: object): AuthenticationOptions
  /** A bearer header: for `sub`, with claims over the usual ones; undefined removes a claim. */
  bearer(sub: string, claims?: Readonly<Record<string, unknown>>, kid?: string): Promise<Record<string, string>>
  publicKeys(): { readonly keys: readonly Record<string, unknown>[] }
}

export const audience = 'portcullis'

export async function startIssuer(algorithm = 'RS256'): Promise<Issuer> {
  const server = new OAuth2Server()
  await server.issuer.keys.generate(algorithm)
  await server.start(0, '127.0.0.1')
  const issuer = server.issuer.url!
  const keysUrl = `http://127.0.0.1:${server.address().port}/jwks`
  return {
    server,
    keysUrl,
    authentication: (more = {}) => ({ kind: 'jwt', issuer, audience, keys: { url: keysUrl }, ...more }),
    async bearer(sub, claims = {}, kid) {
      const token = await server.issuer.buildToken({
        kid,
        scopesOrTransform: (_header, payload) => {
          Object.assign(payload, { sub, aud: audience, ...claims })
          for (const [name, value] of Object.entries(payload)) if (value === undefined) delete payload[name]
        },
      })
      return { authorization: `Bearer ${token}` }
    },
    publicKeys: () => ({ keys: server.issuer.keys.toJSON() }),
    async [Symbol.asyncDispose]() {
      if (server.listening) await server.stop()
    },
  }
}

export function unsigned(payload: JWTPayload): Record<string, string> {
  return { authorization: `Bearer ${new UnsecuredJWT(payload).encode()}` }
}
