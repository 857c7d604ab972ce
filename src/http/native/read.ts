/** Read a leaf: its bytes, as policy lets this request's owner see them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { PortcullisError } from '../../domain/errors.ts'
import { parseToken } from '../../domain/ids.ts'
import type { DataApi, OpenedRead, ReadInput } from '../../services/api.ts'
import type { Authenticator } from '../authentication/authenticator.ts'
import { parseResourceField } from '../registration.ts'
import { closed, problemResponses } from '../schemas.ts'
import { signalOf, transfer } from '../transfer.ts'
import { conditionsOf } from './conditions.ts'
import { chooseMediaType } from './negotiation.ts'
import { parseColumns, readQuery, readResponses } from './read-parameters.ts'
import { tokenParams } from './requests.ts'
import { sendRead } from './send-read.ts'

const readBody = Type.Object({ leafId: Type.String({ examples: ['file:/data/hr/employee_file0.avro'] }) }, closed)

export type ReadRouteDeps = { readonly authenticator: Authenticator; readonly data: DataApi }
type GetRoute = { Params: Static<typeof tokenParams>; Querystring: Static<typeof readQuery> }

export function registerReadRoute(app: FastifyInstance, { authenticator, data }: ReadRouteDeps): void {
  app.post<{ Params: Static<typeof tokenParams>; Body: Static<typeof readBody> }>(
    '/requests/:token/read',
    {
      schema: {
        tags: ['data'],
        summary: 'Read a leaf',
        description:
          'The bytes in the leaf’s own format. A transfer that cannot go on, or may not, is cut: an answer that ends cleanly is whole.',
        params: tokenParams,
        body: readBody,
        response: {
          200: {
            description: 'The bytes; the content type is that of the leaf',
            content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
          },
          ...problemResponses(400, 401, 403, 404, 409, 410, 415, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const token = parseToken(request.params.token)
      const leaf = parseResourceField(request.body.leafId, 'leafId')
      const owner = await authenticator.ownerOf(request.caller, token, leaf)
      const { mediaType, bytes, revoked } = await data.read({ token, owner, leaf, signal: signalOf(reply) })
      await transfer(reply, { mediaType, bytes, cut: revoked, headers: { 'content-disposition': 'attachment' } })
    },
  )

  app.route<GetRoute>({
    method: ['GET', 'HEAD'],
    url: '/requests/:token/read',
    schema: {
      tags: ['data'],
      summary: 'Read a leaf, or a part of it, in the shape asked for',
      description:
        'As POST, with what HTTP has for it: `Range`, `Accept: application/x-ndjson`, `Accept-Encoding`, `If-None-Match`, `If-Match`, `TE: trailers`. Policy decides first, and on whole records; what is asked for only narrows the answer.',
      params: tokenParams,
      querystring: readQuery,
      response: readResponses,
    },
    async handler(request, reply) {
      const token = parseToken(request.params.token)
      const wish = wishOf(request)
      const owner = await authenticator.ownerOf(request.caller, token, wish.leaf)
      await sendRead(request, reply, await openRead(reply, data, { token, owner, ...wish, signal: signalOf(reply) }))
    },
  })
}

function wishOf(request: FastifyRequest<GetRoute>): Omit<ReadInput, 'token' | 'owner' | 'signal'> {
  const { headers, method, query } = request
  const { leafId, columns, limit, after } = query
  const { accept } = headers
  return {
    leaf: parseResourceField(leafId, 'leafId'),
    accept: accept === undefined || accept.trim() === '' ? undefined : (offered) => chooseMediaType(accept, offered),
    columns: columns === undefined ? undefined : parseColumns(columns),
    limit: limit === undefined ? undefined : Number(limit),
    after: after === undefined ? undefined : Number(after),
    headersOnly: method === 'HEAD',
    ...conditionsOf(headers),
  }
}

async function openRead(reply: FastifyReply, data: DataApi, input: ReadInput): Promise<OpenedRead> {
  try {
    return await data.read(input)
  } catch (thrown) {
    // whoever learns this is given all of the bytes
    if (thrown instanceof PortcullisError && thrown.code === 'request.range')
      void reply.header('content-range', `bytes */${(thrown as { size?: number }).size}`)
    throw thrown
  }
}
