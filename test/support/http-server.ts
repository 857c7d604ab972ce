/** An HTTP server whose every answer a test writes: for stores that misbehave. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LOOPBACK } from './free-port.ts'

export type HttpHandler = (request: IncomingMessage, response: ServerResponse, url: URL) => unknown

export type TestHttpServer = AsyncDisposable & {
  /** `http://127.0.0.1:port` */
  readonly origin: string
  readonly port: number
  /** Method and path with query of all requests so far. */
  readonly requests: readonly string[]
  /** How the next requests are answered. */
  answer(handler: HttpHandler): void
}

export async function startHttpServer(handler?: HttpHandler): Promise<TestHttpServer> {
  const requests: string[] = []
  let current: HttpHandler = handler ?? ((_, response) => void response.writeHead(404).end())
  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    try {
      await current(request, response, new URL(request.url!, 'http://localhost'))
    } catch {
      response.destroy()
    }
  }).listen(0, LOOPBACK)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://${LOOPBACK}:${port}`,
    port,
    requests,
    answer(next) {
      current = next
    },
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Serves bytes with ranges, a tag and conditions, as a good server does. */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: { readonly content: Uint8Array; readonly headers?: Readonly<Record<string, string>> },
): void {
  const { content, headers = {} } = file
  const condition = request.headers['if-match']
  if (condition !== undefined && condition !== headers['etag']) return void response.writeHead(412).end()
  const [, first, last] = request.headers.range?.match(/^bytes=([0-9]+)-([0-9]*)$/u) ?? []
  if (first === undefined) {
    response.writeHead(200, { ...headers, 'content-length': content.length })
    return void response.end(request.method === 'HEAD' ? undefined : content)
  }
  const start = Number(first)
  const end = last === '' ? content.length : Math.min(Number(last) + 1, content.length)
  if (start >= content.length)
    return void response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end()
  response.writeHead(206, {
    ...headers,
    'content-length': end - start,
    'content-range': `bytes ${start}-${end - 1}/${content.length}`,
  })
  response.end(content.subarray(start, end))
}
