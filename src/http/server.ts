/** The HTTP server every interface is mounted on: limits, headers, problems, the log of what was answered, and an orderly end. */
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import websocket from '@fastify/websocket'
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { WebSocketServer } from 'ws'
import { PortcullisError } from '../domain/errors.ts'
import { namesMembersOnce } from '../domain/json-members.ts'
import { hashToken } from '../domain/token-hash.ts'
import type { Authenticator, Caller } from './authentication/authenticator.ts'
import { limits } from './limits.ts'
import type { HttpLog } from './log.ts'
import { collectMethods } from './methods.ts'
import { openApiDocument } from './open-api.ts'
import { errorOf, problemMediaType, problemOf, sendProblem } from './problems.ts'
import { createRateLimits, type RateLimitName, type RateLimits } from './rate/rate-limits.ts'
import { createTurnAway, type RecordRefusal, type TurnAway } from './refusals.ts'
import { UpgradableMessage } from './upgrade.ts'
import { invalid } from './validation.ts'
import { closeCodes } from './websocket.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Fires when the server begins to stop: streams without an end of their own end now. */
    stopping: AbortSignal
    rateLimits: RateLimits
    /** For error handlers: callers that are turned away are recorded. */
    turnAway: TurnAway
  }
  interface FastifyContextConfig {
    /** What a call of this route counts as; absent: as a read. */
    rateLimit?: RateLimitName
  }
  interface FastifyRequest {
    caller: Caller
    /** For the log, where the token is not in the path. */
    tokenHash: string
  }
}

export type HttpServerOptions = {
  readonly authenticator: Authenticator
  readonly log: HttpLog
  readonly version?: string
  readonly newRequestId?: () => string
  /** Told before the answer goes out; absent: nobody keeps an audit log. */
  readonly refused?: RecordRefusal
  /** Absent: nothing is limited. */
  readonly rateLimits?: RateLimits
  /** Addresses and networks whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[]
  /** How long transfers under way may still take when the server stops, in milliseconds. */
  readonly closeGraceMs?: number
}

/** Not listening yet: interfaces are registered first, then `app.listen(listenOptions(listen))`. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const { authenticator, log, newRequestId = randomUUID, trustedProxies = [] } = options
  const rateLimits = options.rateLimits ?? createRateLimits({ log })
  const turnAway = createTurnAway({ record: options.refused, rateLimits, log })
  const stopping = new AbortController()
  const app: FastifyInstance = fastify({
    // its own log would have addresses in it, and so tokens
    logger: false,
    genReqId: () => newRequestId(),
    requestIdHeader: false,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: limits.connectionTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    http: {
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headersTimeoutMs,
      IncomingMessage: UpgradableMessage,
    },
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: false },
    // what comes before any hook: an address that is no address
    frameworkErrors(thrown, request, reply) {
      void sendProblem(reply, request, admitted(request, thrown))
    },
    clientErrorHandler(error, socket) {
      refuseUnreadable(error, socket, newRequestId())
    },
    ajv: {
      // the defaults repair what clients send: a policy decision must see what was sent, or refuse it
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        allErrors: false,
        strict: true,
        allowUnionTypes: true,
      },
    },
  })
  function admitted(request: FastifyRequest, thrown: unknown): PortcullisError {
    try {
      authenticator.admit(request.headers)
      return errorOf(thrown)
    } catch (refused) {
      return errorOf(refused)
    }
  }
  app.server.maxConnections = limits.connectionsMax
  app.decorate('stopping', stopping.signal)
  app.decorate('rateLimits', rateLimits)
  app.decorate('turnAway', turnAway)
  app.decorateRequest('caller')
  app.decorateRequest('tokenHash', '')
  parseJsonStrictly(app)

  app.setErrorHandler(async (thrown, request, reply) => {
    const error = errorOf(thrown)
    if (error.status >= 500) log.error({ requestId: request.id, ...routeOf(request), err: error }, 'http.fault')
    return sendProblem(reply, request, await turnAway(request, error))
  })
  const methods = collectMethods(app)
  app.setNotFoundHandler((request, reply) => {
    const { error, allowed } = methods.refusal(request)
    if (allowed.length > 0) void reply.header('allow', allowed.join(', '))
    return sendProblem(reply, request, error)
  })

  const { closeGraceMs = limits.closeGraceMs } = options
  // before our own hooks: it closes the socket of an upgrade that they refuse
  await app.register(websocket, {
    options: { maxPayload: limits.frameBytesMax, perMessageDeflate: false },
    preClose: (done) => closeSockets(app.websocketServer, closeGraceMs, done),
  })
  app.addHook('onRequest', async (request) => {
    if (stopping.signal.aborted) throw new PortcullisError('service.stopping')
    authenticator.admit(request.headers)
  })
  app.addHook('onResponse', async (request, reply) => {
    log.info(
      {
        requestId: request.id,
        ...routeOf(request),
        status: reply.statusCode,
        milliseconds: Math.round(reply.elapsedTime),
        ...(reply.raw.writableFinished ? {} : { cut: true }),
      },
      'http.answered',
    )
    // those that were idle when the stop began are closed already
    if (stopping.signal.aborted) app.server.closeIdleConnections()
  })
  app.addHook('preClose', async () => {
    stopping.abort(new PortcullisError('service.stopping'))
    setTimeout(() => app.server.closeAllConnections(), closeGraceMs).unref()
  })

  await app.register(helmet, {
    // no TLS here: what stands in front says whether there is any
    strictTransportSecurity: false,
    contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } },
  })
  await app.register(swagger, { openapi: openApiDocument(authenticator.kind, options.version ?? '0') })
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: false })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  return app
}

/** `host:port`, `[::1]:0` → what `app.listen` takes. */
export function listenOptions(listen: string): { readonly host: string; readonly port: number } {
  const colon = listen.lastIndexOf(':')
  return { host: listen.slice(0, colon).replace(/^\[|\]$/gu, ''), port: Number(listen.slice(colon + 1)) }
}

/** The route's pattern, never the address: addresses have tokens in them. */
function routeOf(request: FastifyRequest): Readonly<Record<string, unknown>> {
  const { token } = (request.params ?? {}) as { token?: string }
  const tokenHash = token === undefined ? request.tokenHash : hashToken(token)
  return {
    method: request.method,
    route: request.is404 ? '(none)' : request.routeOptions.url,
    ...(tokenHash === '' ? {} : { tokenHash }),
  }
}

/** Without the end, a client that answers no close frame would hold the server open. */
function closeSockets(server: WebSocketServer, graceMs: number, done: () => void): void {
  for (const client of server.clients) client.close(closeCodes.goingAway, 'service.stopping')
  const timer = setTimeout(() => {
    for (const client of server.clients) client.terminate()
  }, graceMs)
  server.close(() => {
    clearTimeout(timer)
    done()
  })
}

function parseJsonStrictly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error') as (
    request: FastifyRequest,
    body: string,
    done: (error: Error | null, body?: unknown) => void,
  ) => void
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    let text: string
    try {
      text = decoder.decode(body as Buffer)
    } catch {
      done(invalid('body', 'is not valid UTF-8'))
      return
    }
    // some clients say that every request is JSON, also one without a body
    if (text === '' && request.method === 'DELETE') done(null, undefined)
    else
      parse(request, text, (error, parsed) => {
        // whoever looked at the first of two may have seen another request than the one that is served
        if (error === null && !namesMembersOnce(text)) done(invalid('body', 'names a member twice'))
        else done(error, parsed)
      })
  })
}

/** What is no HTTP at all, or too slow, or too long. */
function refuseUnreadable(error: Error & { code?: string }, socket: Socket, requestId: string): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const [line, detail] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'The headers are longer than this server accepts.']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'The request came too slowly.']
        : ['400 Bad Request', 'The request is not valid HTTP.']
  const status = Number(line.slice(0, 3))
  const body = JSON.stringify({
    ...problemOf(new PortcullisError('request.invalid', { message: detail }), requestId),
    status,
  })
  socket.end(
    `HTTP/1.1 ${line}\r\ncontent-type: ${problemMediaType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}
