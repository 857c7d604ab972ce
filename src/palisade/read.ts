/** `read/chunked`: 200 and the bytes, or 403, whatever the reason is that they are not given. */
import type { FastifyInstance } from 'fastify'
import { type Static, Type } from 'typebox'
import { PortcullisError } from '../domain/errors.ts'
import { parseToken } from '../domain/ids.ts'
import { parseResourceId } from '../domain/resource-id.ts'
import { hashToken } from '../domain/token-hash.ts'
import type { Authenticator } from '../http/authentication/authenticator.ts'
import { sendProblem } from '../http/problems.ts'
import { closed, problemResponses } from '../http/schemas.ts'
import { signalOf, transfer } from '../http/transfer.ts'
import type { DataApi, OpenedRead } from '../services/api.ts'

const body = Type.Object(
  { token: Type.String(), leafResourceId: Type.String({ examples: ['file:/data/hr/employee_file0.avro'] }) },
  closed,
)

/** What the owner of a granted leaf may know of it; anything else that is refused looks the same. */
const ofTheLeaf = /^(?:source|format|mask|fact)\./u

export type ReadRouteDeps = { readonly authenticator: Authenticator; readonly data: DataApi }

export function registerReadRoutes(app: FastifyInstance, { authenticator, data }: ReadRouteDeps): void {
  for (const prefix of ['/data', ''])
    app.post<{ Body: Static<typeof body> }>(
      `${prefix}/read/chunked`,
      {
        schema: {
          tags: ['palisade'],
          summary: 'Read a leaf',
          body,
          response: {
            200: {
              description: 'The bytes; the content type is that of the leaf',
              content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
            },
            ...problemResponses(400, 401, 403, 415, 500, 503),
          },
        },
      },
      async (request, reply) => {
        request.tokenHash = hashToken(request.body.token)
        let opened: OpenedRead
        try {
          const token = parseToken(request.body.token)
          const leaf = parseResourceId(request.body.leafResourceId)
          const owner = await authenticator.ownerOf(request.caller, token, leaf)
          opened = await data.read({ token, owner, leaf, signal: signalOf(reply) })
        } catch (thrown) {
          if (!(thrown instanceof PortcullisError) || thrown.status >= 500) throw thrown
          const shown = ofTheLeaf.test(thrown.code) ? thrown : new PortcullisError('grant.unknown')
          return sendProblem(reply, request, shown, 403)
        }
        const { mediaType, bytes, revoked } = opened
        await transfer(reply, { mediaType, bytes, cut: revoked, headers: { 'content-disposition': 'attachment' } })
      },
    )
}
