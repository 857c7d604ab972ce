/** The leaves of a request as they come: as lines of JSON, or on a websocket. Both begin at any position. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type { WebSocket } from 'ws'
import { PortcullisError } from '../../domain/errors.ts'
import { parseToken } from '../../domain/ids.ts'
import { linkSignals } from '../../domain/linked-signal.ts'
import type { DeliveryApi } from '../../services/api.ts'
import type { LedgerItem } from '../../tokens/token-store.ts'
import type { Authenticator } from '../authentication/authenticator.ts'
import { limits } from '../limits.ts'
import type { HttpLog } from '../log.ts'
import { errorOf, problemOf } from '../problems.ts'
import { problemResponses } from '../schemas.ts'
import { signalOf, transfer } from '../transfer.ts'
import { closeCodes, keepAlive, sendFrame } from '../websocket.ts'
import { tokenParams } from './requests.ts'

export type LeafRouteDeps = {
  readonly authenticator: Authenticator
  readonly delivery: DeliveryApi
  readonly log: HttpLog
  readonly heartbeatMs?: number
}

const leavesQuery = Type.Object(
  { from: Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$', description: 'position to begin at; absent: 0' })) },
  { additionalProperties: false },
)
type LeavesRoute = { Params: Static<typeof tokenParams>; Querystring: Static<typeof leavesQuery> }

/** A stream tells nothing of leaves that are withheld: the ledger's own index, which would, stays here. */
export function itemOf(item: LedgerItem): Readonly<Record<string, unknown>> {
  switch (item.kind) {
    case 'leaf': {
      const { id, mediaType, recordType, attributes, product } = item.leaf
      const leaf = { id, mediaType, recordType, attributes, ...(product === undefined ? {} : { product }) }
      return { kind: 'leaf', position: item.position, leaf }
    }
    case 'error':
      return {
        kind: 'error',
        position: item.position,
        failure: { code: item.failure.code, message: item.failure.message },
      }
    case 'complete':
      return { kind: 'complete', position: item.position }
  }
}

export function registerLeafRoutes(app: FastifyInstance, deps: LeafRouteDeps): void {
  const heartbeatMs = deps.heartbeatMs ?? limits.heartbeatMs

  async function open(request: FastifyRequest<LeavesRoute>, signal: AbortSignal): Promise<AsyncIterable<LedgerItem>> {
    const token = parseToken(request.params.token)
    const owner = await deps.authenticator.ownerOf(request.caller, token)
    return deps.delivery.items(token, owner, { position: Number(request.query.from ?? 0), signal })
  }

  app.get<LeavesRoute>(
    '/requests/:token/leaves',
    {
      schema: {
        tags: ['requests'],
        summary: 'Leaves of a request as they come, one JSON object a line, until {"kind":"complete"}',
        description:
          'Empty lines are signs of life. A connection that ends without `complete` was cut: go on with `from` = the last position + 1. The same items come on a websocket at `/api/v1/requests/{token}/leaves/stream`.',
        params: tokenParams,
        querystring: leavesQuery,
        response: {
          200: {
            description: 'One item a line: leaf, error, and complete as the last',
            content: { 'application/x-ndjson': { schema: { type: 'string' } } },
          },
          ...problemResponses(400, 401, 404, 410, 503),
        },
      },
    },
    async (request, reply) => {
      using ending = linkSignals(signalOf(reply), app.stopping)
      const { signal } = ending
      const items = (await open(request, signal))[Symbol.asyncIterator]()
      const first = items.next()
      // what is wrong from the start becomes a problem; what takes its time becomes a stream that waits
      await Promise.race([first, pause(limits.firstItemWaitMs, signal)])
      await transfer(reply, {
        mediaType: 'application/x-ndjson',
        bytes: lines(first, items, { heartbeatMs, onFault: (thrown) => logFault(request, thrown) }),
        cut: signal,
        headers: { 'x-accel-buffering': 'no' },
      })
    },
  )

  app.route<LeavesRoute>({
    method: 'GET',
    url: '/requests/:token/leaves/stream',
    exposeHeadRoute: false,
    schema: {
      tags: ['requests'],
      summary: 'The same on a websocket, one item a frame',
      params: tokenParams,
      querystring: leavesQuery,
      response: { 426: { type: 'null', description: 'This is a websocket' } },
    },
    handler: async (_request, reply) => reply.code(426).header('upgrade', 'websocket').send(),
    wsHandler: (socket, request) => push(socket, request as FastifyRequest<LeavesRoute>),
  })

  function logFault(request: FastifyRequest, thrown: unknown): void {
    const error = errorOf(thrown)
    if (error.status >= 500) deps.log.error({ requestId: request.id, err: error }, 'http.fault')
  }

  async function push(socket: WebSocket, request: FastifyRequest<LeavesRoute>): Promise<void> {
    const gone = keepAlive(socket, heartbeatMs)
    try {
      using ending = linkSignals(gone, app.stopping)
      const { signal } = ending
      let complete = false
      for await (const item of await open(request, signal)) {
        await sendFrame(socket, JSON.stringify(itemOf(item)))
        complete = item.kind === 'complete'
      }
      if (!complete && !signal.aborted) throw new PortcullisError('internal')
      if (app.stopping.aborted) socket.close(closeCodes.goingAway, 'service.stopping')
      else socket.close(closeCodes.normal)
    } catch (thrown) {
      if (gone.aborted) return
      logFault(request, thrown)
      const error = errorOf(thrown)
      await sendFrame(socket, JSON.stringify({ kind: 'problem', problem: problemOf(error, request.id) })).catch(
        () => {},
      )
      socket.close(closeCodes.refused, error.code)
    }
  }
}

type LinesOptions = { readonly heartbeatMs: number; readonly onFault: (thrown: unknown) => void }

async function* lines(
  first: Promise<IteratorResult<LedgerItem>>,
  items: AsyncIterator<LedgerItem>,
  { heartbeatMs, onFault }: LinesOptions,
): AsyncGenerator<string> {
  try {
    for (let next = first; ; next = items.next()) {
      let result: IteratorResult<LedgerItem> | undefined
      while ((result = await orAfter(next, heartbeatMs)) === undefined) yield '\n'
      // the reader is gone, or the server stops: the transfer is cut already
      if (result.done === true) throw new PortcullisError('request.aborted')
      yield `${JSON.stringify(itemOf(result.value))}\n`
      if (result.value.kind === 'complete') return
    }
  } catch (thrown) {
    onFault(thrown)
    throw thrown
  } finally {
    await items.return?.()
  }
}

/** undefined when it takes longer. */
async function orAfter<Value>(promise: Promise<Value>, milliseconds: number): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    const stop = () => {
      clearTimeout(timer)
      resolve()
    }
    signal.addEventListener('abort', stop, { once: true })
  })
}
