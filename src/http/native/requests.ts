/** Register a request, ask for its state, revoke it. */
import type { FastifyInstance } from 'fastify'
import { type Static, Type } from 'typebox'
import { parseToken } from '../../domain/ids.ts'
import { hashToken } from '../../domain/token-hash.ts'
import type { RequestApi } from '../../services/api.ts'
import type { Authenticator } from '../authentication/authenticator.ts'
import { extrasOf, ownToken, parseContext, parseResourceField, type RegistrationOptions } from '../registration.ts'
import { closed, contextSchema, problemResponses } from '../schemas.ts'

const registerBody = Type.Object(
  {
    userId: Type.Optional(
      Type.String({ description: 'who asks; with authentication, absent or the same as the bearer token says' }),
    ),
    resourceId: Type.String({
      examples: ['file:/data/hr/'],
      description: 'canonical; one that ends in / asks for all below it',
    }),
    context: contextSchema,
  },
  closed,
)
const stateBody = Type.Object({
  userId: Type.String(),
  resourceId: Type.String(),
  context: Type.Record(Type.String(), Type.String()),
  registeredAt: Type.String({ format: 'date-time' }),
  expiresAt: Type.String({ format: 'date-time' }),
  complete: Type.Boolean({ description: 'all of the request has been seen; nothing more will come' }),
  items: Type.Integer({ description: 'leaves and errors so far' }),
})
export const tokenParams = Type.Object({ token: Type.String({ description: 'names the request, and is a secret' }) })

export type RequestRouteDeps = {
  readonly authenticator: Authenticator
  readonly requests: RequestApi
  readonly options: RegistrationOptions
}

export function registerRequestRoutes(
  app: FastifyInstance,
  { authenticator, requests, options }: RequestRouteDeps,
): void {
  app.post<{ Body: Static<typeof registerBody> }>(
    '/requests',
    {
      config: { rateLimit: 'registrations' },
      schema: {
        tags: ['requests'],
        summary: 'Register a request',
        body: registerBody,
        response: {
          201: Type.Object({ token: Type.String({ description: 'names the request from now on, and is a secret' }) }),
          ...problemResponses(400, 401, 403, 409, 415, 503),
        },
      },
    },
    async (request, reply) => {
      const { userId, resourceId, context } = request.body
      const own = ownToken(request.headers, options)
      const token = await requests.register({
        owner: authenticator.registrant(request.caller, userId),
        resource: parseResourceField(resourceId, 'resourceId'),
        context: parseContext(context),
        ...(own === undefined ? {} : { token: own }),
        extras: extrasOf(request.headers, options),
      })
      request.tokenHash = hashToken(token)
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .header('location', `${request.routeOptions.url}/${token}`)
        .send({ token })
    },
  )

  app.get<{ Params: Static<typeof tokenParams> }>(
    '/requests/:token',
    {
      schema: {
        tags: ['requests'],
        summary: 'State of a request',
        params: tokenParams,
        response: { 200: stateBody, ...problemResponses(401, 404, 410, 503) },
      },
    },
    async (request, reply) => {
      const token = parseToken(request.params.token)
      const owner = await authenticator.ownerOf(request.caller, token)
      const { registration, complete, items } = await requests.state(token, owner)
      void reply.header('cache-control', 'no-store')
      return {
        userId: registration.owner,
        resourceId: registration.resource,
        context: registration.context,
        registeredAt: new Date(registration.registeredAt).toISOString(),
        expiresAt: new Date(registration.expiresAt).toISOString(),
        complete,
        items,
      }
    },
  )

  app.delete<{ Params: Static<typeof tokenParams> }>(
    '/requests/:token',
    {
      schema: {
        tags: ['requests'],
        summary: 'Revoke a request: nothing of it can be read any more, and reads under way end',
        params: tokenParams,
        response: { 204: { type: 'null', description: 'Revoked' }, ...problemResponses(401, 404, 503) },
      },
    },
    async (request, reply) => {
      const token = parseToken(request.params.token)
      await requests.revoke(token, await authenticator.ownerOf(request.caller, token))
      return reply.code(204).send()
    },
  )
}
