/** Which methods an address takes: with another one the address is right, and the caller is told what it takes. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { PortcullisError } from '../domain/errors.ts'

export type Methods = {
  /** Why no route takes the call, and what the header `allow` says; empty: there is nothing at the address. */
  refusal(request: FastifyRequest): { readonly error: PortcullisError; readonly allowed: readonly string[] }
}

/** Of the routes that are registered from now on. */
export function collectMethods(app: FastifyInstance): Methods {
  const routes = new Map<string, { readonly path: RegExp; readonly methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    const route = routes.get(url) ?? { path: pathOf(url), methods: new Set() }
    routes.set(url, route)
    for (const name of [method].flat()) route.methods.add(name)
  })
  return {
    refusal({ method, url }) {
      const path = url.replace(/[?#].*$/u, '')
      const there = [...routes.values()].flatMap((route) => (route.path.test(path) ? [...route.methods] : []))
      const allowed = [...new Set(there)].sort()
      // a route that took the call found nothing
      if (allowed.length === 0 || allowed.includes(method))
        return { error: new PortcullisError('request.not_found'), allowed: [] }
      const message = `This address takes ${allowed.join(', ')}.`
      return { error: new PortcullisError('request.method', { message }), allowed }
    },
  }
}

/** Of `/requests/:token` and `/docs/*`. */
function pathOf(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+?^${}()|[\]\\]/gu, String.raw`\$&`)
    .replaceAll(/:[A-Za-z]+/gu, '[^/]+')
    .replaceAll('*', '.*')
  return new RegExp(`^${source}$`, 'u')
}
