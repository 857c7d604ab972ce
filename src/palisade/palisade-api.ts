/** The predecessor's client protocol, for its clients as they are: register, follow on a websocket, read. With and without its ingress prefixes. */
import type { FastifyInstance } from 'fastify'
import { PortcullisError } from '../domain/errors.ts'
import { parseToken } from '../domain/ids.ts'
import { limits } from '../http/limits.ts'
import { type ApiDeps, authenticateAll } from '../http/native/native-api.ts'
import { registrationOptions } from '../http/registration.ts'
import { registerReadRoutes } from './read.ts'
import { registerRegistrationRoutes } from './registration.ts'
import { serveResourceSocket } from './resource-socket.ts'

export async function registerPalisadeApi(app: FastifyInstance, deps: ApiDeps): Promise<void> {
  const { authenticator, requests, delivery, data, log } = deps
  const options = registrationOptions(deps)
  await app.register(async (scope) => {
    authenticateAll(scope, authenticator)
    if (requests !== undefined) registerRegistrationRoutes(scope, { authenticator, requests, options })
    if (data !== undefined) registerReadRoutes(scope, { authenticator, data })
    if (delivery === undefined) return
    for (const prefix of ['/filteredResource', ''])
      scope.route<{ Params: { token: string } }>({
        method: 'GET',
        url: `${prefix}/resource/:token`,
        exposeHeadRoute: false,
        schema: {
          tags: ['palisade'],
          summary: 'Websocket: frames CTS and PING in; RESOURCE, ERROR, COMPLETE and PONG out',
          params: { type: 'object', properties: { token: { type: 'string' } } },
          response: { 426: { type: 'null', description: 'This is a websocket' } },
        },
        handler: async (_request, reply) => reply.code(426).header('upgrade', 'websocket').send(),
        wsHandler: (socket, request) => {
          const { token: text } = request.params as { token: string }
          return serveResourceSocket(socket, {
            token: text,
            stopping: app.stopping,
            heartbeatMs: deps.heartbeatMs ?? limits.heartbeatMs,
            async open(signal) {
              const token = parseToken(text)
              const owner = await authenticator.ownerOf(request.caller, token)
              return delivery.items(token, owner, { position: 0, signal })
            },
            onFault(thrown) {
              if (!(thrown instanceof PortcullisError) || thrown.status >= 500)
                log.error({ requestId: request.id, err: thrown }, 'http.fault')
            },
          })
        },
      })
  })
}
