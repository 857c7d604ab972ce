/** An edge that really listens, over services in memory. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import WebSocket from 'ws'
import { type AuthenticationOptions, createAuthenticator } from '../../../src/http/authentication/authenticator.ts'
import { registerHealth } from '../../../src/http/health.ts'
import { type ApiDeps, registerNativeApi } from '../../../src/http/native/native-api.ts'
import type { RateLimits } from '../../../src/http/rate/rate-limits.ts'
import type { RecordRefusal } from '../../../src/http/refusals.ts'
import { createHttpServer, listenOptions } from '../../../src/http/server.ts'
import { registerPalisadeApi } from '../../../src/palisade/palisade-api.ts'
import { createMemoryApi, type MemoryApi } from './memory-api.ts'

export type Edge = AsyncDisposable & {
  readonly app: FastifyInstance
  readonly url: string
  readonly host: string
  readonly api: MemoryApi
  /** Events and fields of the log. */
  readonly log: { readonly level: string; readonly event: string; readonly fields: Readonly<Record<string, unknown>> }[]
  socket(path: string, headers?: Readonly<Record<string, string>>): TestSocket
}

export type EdgeOptions = {
  readonly authentication?: AuthenticationOptions
  readonly services?: readonly ('requests' | 'delivery' | 'data')[]
  readonly checks?: Readonly<Record<string, () => Promise<void>>>
  readonly checkTimeoutMs?: number
  readonly closeGraceMs?: number
  readonly now?: () => number
  readonly refused?: RecordRefusal
  readonly rateLimits?: RateLimits
  readonly trustedProxies?: readonly string[]
} & Pick<ApiDeps, 'clientTokens' | 'extraHeaders' | 'heartbeatMs'>

export async function startEdge(options: EdgeOptions = {}): Promise<Edge> {
  const api = createMemoryApi()
  const entries: Edge['log'] = []
  const write = (level: string) => (fields: Readonly<Record<string, unknown>>, event: string) =>
    void entries.push({ level, event, fields })
  const log = { info: write('info'), warn: write('warn'), error: write('error') }
  const authenticator = await createAuthenticator(options.authentication ?? { kind: 'none' }, {
    log,
    clock: { now: options.now ?? Date.now },
    listen: '127.0.0.1:0',
    ownerOf: api.ownerOf,
  })
  const { closeGraceMs = 500 } = options
  const { refused, rateLimits, trustedProxies = [] } = options
  const app = await createHttpServer({
    authenticator,
    log,
    closeGraceMs,
    trustedProxies,
    ...(rateLimits === undefined ? {} : { rateLimits }),
    ...(refused === undefined ? {} : { refused }),
  })
  const services = options.services ?? ['requests', 'delivery', 'data']
  const { clientTokens, extraHeaders, heartbeatMs } = options
  const deps: ApiDeps = {
    authenticator,
    log,
    clientTokens,
    extraHeaders,
    ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
    ...Object.fromEntries(services.map((name) => [name, api[name]])),
  }
  await registerNativeApi(app, deps)
  await registerPalisadeApi(app, deps)
  const { checks = {}, checkTimeoutMs } = options
  await registerHealth(app, {
    checks,
    details: () => ({ revision: 'r1' }),
    authenticator,
    log,
    ...(checkTimeoutMs === undefined ? {} : { checkTimeoutMs }),
  })
  await app.listen(listenOptions('127.0.0.1:0'))
  const host = `127.0.0.1:${(app.server.address() as AddressInfo).port}`
  return {
    app,
    api,
    host,
    url: `http://${host}`,
    log: entries,
    socket: (path, headers) => openSocket(`ws://${host}${path}`, headers),
    [Symbol.asyncDispose]: () => app.close(),
  }
}

export type TestSocket = {
  readonly socket: WebSocket
  readonly opened: Promise<void>
  /** Resolves with the code when it is closed. */
  readonly closed: Promise<number>
  /** The next frame, as JSON; undefined when the socket closes first. */
  next(): Promise<unknown>
  /** Sends text, or anything else as JSON. */
  send(frame: unknown): void
}

function openSocket(url: string, headers: Readonly<Record<string, string>> = {}): TestSocket {
  const socket = new WebSocket(url, { headers })
  const frames: unknown[] = []
  let wake = () => {}
  let over = false
  socket.on('message', (data: Buffer) => {
    frames.push(JSON.parse(data.toString('utf8')))
    wake()
  })
  const closed = new Promise<number>((resolve) => {
    socket.on('close', (code) => {
      over = true
      wake()
      resolve(code)
    })
  })
  const opened = once(socket, 'open').then(() => undefined)
  opened.catch(() => undefined)
  socket.on('error', () => undefined)
  return {
    socket,
    opened,
    closed,
    async next() {
      while (frames.length === 0 && !over) await new Promise<void>((resolve) => (wake = resolve))
      return frames.shift()
    },
    send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
  }
}

export function post(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  })
}

export async function problemOf(response: Response): Promise<unknown> {
  const { status, code, detail } = (await response.json()) as Record<string, unknown>
  return { status, code, detail }
}
