/** The native REST interface, `/api/v1`: mounts what this process has services for. */
import type { FastifyInstance } from 'fastify'
import type { DataApi, DeliveryApi, RequestApi } from '../../services/api.ts'
import type { Authenticator } from '../authentication/authenticator.ts'
import type { HttpLog } from '../log.ts'
import { registrationOptions } from '../registration.ts'
import { registerLeafRoutes } from './leaves.ts'
import { registerReadRoute } from './read.ts'
import { registerRequestRoutes } from './requests.ts'

export type ApiDeps = {
  readonly authenticator: Authenticator
  readonly log: HttpLog
  readonly requests?: RequestApi | undefined
  readonly delivery?: DeliveryApi | undefined
  readonly data?: DataApi | undefined
  readonly clientTokens?: boolean | undefined
  readonly extraHeaders?: readonly string[] | undefined
  /** Between signs of life on a stream that has nothing to say, in milliseconds. */
  readonly heartbeatMs?: number
}

export const nativePrefix = '/api/v1'

export async function registerNativeApi(app: FastifyInstance, deps: ApiDeps): Promise<void> {
  const { authenticator, requests, delivery, data } = deps
  const options = registrationOptions(deps)
  await app.register(
    async (scope) => {
      authenticateAll(scope, authenticator)
      if (requests !== undefined) registerRequestRoutes(scope, { authenticator, requests, options })
      if (delivery !== undefined) registerLeafRoutes(scope, { ...deps, delivery })
      if (data !== undefined) registerReadRoute(scope, { authenticator, data })
    },
    { prefix: nativePrefix },
  )
}

/** Before the body is looked at: who is not known learns nothing of what is wrong with it. */
export function authenticateAll(scope: FastifyInstance, authenticator: Authenticator): void {
  scope.addHook('onRequest', async (request) => {
    request.caller = await authenticator.identify(request.headers)
    const { userId } = request.caller
    // who nobody authenticated may be anybody
    if (userId !== undefined) scope.rateLimits.take(request.routeOptions.config.rateLimit ?? 'reads', { userId })
  })
}
