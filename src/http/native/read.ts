/** Read a leaf: its bytes, as policy lets this request's owner see them. */
import type { FastifyInstance } from 'fastify'
import { type Static, Type } from 'typebox'
import { parseToken } from '../../domain/ids.ts'
import type { DataApi } from '../../services/api.ts'
import type { Authenticator } from '../authentication/authenticator.ts'
import { parseResourceField } from '../registration.ts'
import { closed, problemResponses } from '../schemas.ts'
import { signalOf, transfer } from '../transfer.ts'
import { tokenParams } from './requests.ts'

const readBody = Type.Object({ leafId: Type.String({ examples: ['file:/data/hr/employee_file0.avro'] }) }, closed)

export type ReadRouteDeps = { readonly authenticator: Authenticator; readonly data: DataApi }

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
      const owner = await authenticator.ownerOf(request.caller, token)
      const { mediaType, bytes, revoked } = await data.read({ token, owner, leaf, signal: signalOf(reply) })
      await transfer(reply, { mediaType, bytes, cut: revoked, headers: { 'content-disposition': 'attachment' } })
    },
  )
}
