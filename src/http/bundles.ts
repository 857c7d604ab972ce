/** A bundle service: gives the active bundles to any OPA, with ETag and long polling. For operators, as bundles hold data of the organisation. */
import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { PortcullisError } from '../domain/errors.ts'
import { linkSignals } from '../domain/linked-signal.ts'
import type { Authenticator } from './authentication/authenticator.ts'
import { requireOperator } from './authentication/require-operator.ts'
import { limits } from './limits.ts'
import { closed, problemResponses } from './schemas.ts'
import { signalOf } from './transfer.ts'

export type ServedBundle = {
  readonly bundle: () => { readonly bytes: Uint8Array; readonly revision: string }
  changed(revision: string, signal: AbortSignal): Promise<void>
}

export type BundleRoutesDeps = {
  readonly authenticator: Authenticator
  /** By the name in the address. */
  readonly bundles: Readonly<Record<string, ServedBundle>>
}

/** How long a request is held open at most, in seconds, whatever it asks for. */
export const waitSecondsMax = 300
/** What tells OPA that requests are held open. */
const longPollingMediaType = 'application/vnd.openpolicyagent.bundles'

const params = Type.Object({ file: Type.String({ pattern: '^[a-z0-9-]{1,64}\\.tar\\.gz$' }) }, closed)

export function registerBundleRoutes(app: FastifyInstance, { authenticator, bundles }: BundleRoutesDeps): void {
  app.get<{ Params: Static<typeof params> }>(
    '/bundles/:file',
    {
      schema: {
        tags: ['policies'],
        summary: 'The active bundle, as OPA fetches it',
        description:
          'Held open until there is another revision than that of If-None-Match where Prefer asks for it (modes=snapshot;wait=<seconds>).',
        params,
        response: {
          200: {
            description: 'The bundle',
            content: { [longPollingMediaType]: { schema: { type: 'string', format: 'binary' } } },
          },
          304: { description: 'Nothing new', type: 'null' },
          ...problemResponses(401, 403, 404),
        },
      },
    },
    async (request, reply) => {
      await requireOperator(request, authenticator)
      const name = request.params.file.slice(0, -'.tar.gz'.length)
      const served = Object.hasOwn(bundles, name) ? bundles[name] : undefined
      if (served === undefined) throw new PortcullisError('request.not_found')
      const known = tagOf(request.headers['if-none-match'])
      const waitSeconds = waitOf(request)
      const current = served.bundle().revision
      if (known === tagOfRevision(current) && waitSeconds > 0) {
        const { socket } = request.raw
        socket.setTimeout(0)
        const ending = linkSignals(signalOf(reply), AbortSignal.timeout(waitSeconds * 1000))
        await served.changed(current, ending.signal)
        ending.release()
        socket.setTimeout(limits.connectionTimeoutMs)
      }
      const { bytes, revision } = served.bundle()
      const tag = tagOfRevision(revision)
      reply.header('etag', `"${tag}"`).header('cache-control', 'private, no-cache').type(longPollingMediaType)
      return tag === known ? reply.code(304).send() : reply.send(bytes)
    },
  )
}

/** Somebody else's bundle may call its revision anything, which need not fit into a header. */
function tagOfRevision(revision: string): string {
  return /^[0-9a-f]{64}$/u.test(revision) ? revision : createHash('sha256').update(revision).digest('hex')
}

function tagOf(etag: string | undefined): string | undefined {
  return etag === undefined ? undefined : /^(?:W\/)?"([0-9a-f]{64})"$/u.exec(etag)?.[1]
}

/** Of `Prefer: modes=snapshot,delta;wait=60`; 0 where nothing is asked for. */
function waitOf({ headers }: FastifyRequest): number {
  const asked = /(?:^|[;,\s])wait=([0-9]{1,6})(?:$|[;,\s])/u.exec(String(headers.prefer ?? ''))?.[1]
  return Math.min(Number(asked ?? 0), waitSecondsMax)
}
