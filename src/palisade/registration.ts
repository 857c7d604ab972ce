/** `registerDataRequest`: the context as a flat map, or typed as the Java classes write it. */
import type { FastifyInstance } from 'fastify'
import { type Static, Type } from 'typebox'
import type { Context } from '../domain/records.ts'
import { hashToken } from '../domain/token-hash.ts'
import type { Authenticator } from '../http/authentication/authenticator.ts'
import { extrasOf, ownToken, parseContext, parseResourceField, type RegistrationOptions } from '../http/registration.ts'
import { closed, contextSchema, problemResponses } from '../http/schemas.ts'
import type { RequestApi } from '../services/api.ts'

type TypedContext = { readonly contents: Context }

const isTypedContext = { required: ['contents'], properties: { contents: { type: 'object' } } }
const typedContextSchema = {
  properties: { '@class': { type: 'string' }, class: { type: 'string' }, contents: contextSchema },
  additionalProperties: false,
}

/** One of the two by whether `contents` is an object: so that what is wrong is said of the form that was meant. */
const eitherContext = Type.Unsafe<Context | TypedContext>({
  type: 'object',
  allOf: [
    { if: { not: isTypedContext }, else: typedContextSchema },
    { if: isTypedContext, else: contextSchema },
  ],
})

const body = Type.Object(
  { userId: Type.String(), resourceId: Type.String({ examples: ['file:/data/hr/'] }), context: eitherContext },
  closed,
)

export type RegistrationRouteDeps = {
  readonly authenticator: Authenticator
  readonly requests: RequestApi
  readonly options: RegistrationOptions
}

export function registerRegistrationRoutes(app: FastifyInstance, deps: RegistrationRouteDeps): void {
  const { authenticator, requests, options } = deps
  for (const prefix of ['/palisade', ''])
    app.post<{ Body: Static<typeof body> }>(
      `${prefix}/api/registerDataRequest`,
      {
        config: { rateLimit: 'registrations' },
        schema: {
          tags: ['palisade'],
          summary: 'Register a request',
          body,
          response: {
            202: Type.Object({ token: Type.String() }),
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
          context: parseContext(isTyped(context) ? context.contents : context),
          ...(own === undefined ? {} : { token: own }),
          extras: extrasOf(request.headers, options),
        })
        request.tokenHash = hashToken(token)
        return reply.code(202).header('cache-control', 'no-store').send({ token })
      },
    )
}

function isTyped(context: Context | TypedContext): context is TypedContext {
  return typeof context.contents === 'object'
}
