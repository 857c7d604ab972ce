import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHttpReader } from '../../src/readers/http/http-reader.ts'
import { createS3Reader } from '../../src/readers/s3/s3-reader.ts'
import { createWebHdfsReader } from '../../src/readers/webhdfs/webhdfs-reader.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { createHttpSource } from '../../src/remote/http-source.ts'
import { createS3Client } from '../../src/remote/s3-client.ts'
import { createWebHdfsClient } from '../../src/remote/webhdfs-client.ts'
import { resumptionsMax } from '../../src/remote/whole-bytes.ts'
import { type HttpHandler, sendFile, startHttpServer, type TestHttpServer } from '../support/http-server.ts'

const timeoutMs = 400
const http = createHttpClient({ timeoutMs })
const content = Buffer.alloc(200_000, 'portcullis ')
const etag = '"tag"'
const half = content.length / 2
const good: HttpHandler = (request, response) => sendFile(request, response, { content, headers: { etag } })

/** Answers the first requests so, and the rest well. */
function first(count: number, bad: HttpHandler): HttpHandler {
  let asked = 0
  return (...all) => (asked++ < count ? bad(...all) : good(...all))
}

const whole = { etag, 'content-length': content.length }
const reset: HttpHandler = (_, response) => response.destroy()
const never: HttpHandler = () => undefined
const status =
  (code: number): HttpHandler =>
  (_, response) =>
    response.writeHead(code).end()
/** Says that all comes, and gives a half. */
const halfThenReset: HttpHandler = (_, response) =>
  response.writeHead(200, whole).write(content.subarray(0, half), () => response.destroy())
const halfThenNothing: HttpHandler = (_, response) => response.writeHead(200, whole).write(content.subarray(0, half))
const halfThenChanged = (): HttpHandler => {
  let asked = 0
  return (request, response, url) =>
    asked++ === 0
      ? halfThenReset(request, response, url)
      : sendFile(request, response, { content, headers: { etag: '"other"' } })
}
const withoutTag: HttpHandler = (_, response) =>
  response
    .writeHead(200, { 'content-length': content.length })
    .write(content.subarray(0, half), () => response.destroy())
const oneByteAPart: HttpHandler = (request, response) => {
  const start = Number(request.headers.range?.match(/=([0-9]+)-/u)?.[1] ?? 0)
  const range = `bytes ${start}-${content.length - 1}/${content.length}`
  response.writeHead(206, { etag, 'content-length': content.length - start, 'content-range': range })
  response.write(content.subarray(start, start + 1), () => response.destroy())
}

/** `bytes`: how many came before the end, where it matters. */
type Outcome = { readonly code?: string; readonly bytes?: number; readonly requests?: number }

const faults: readonly (readonly [string, () => HttpHandler, Outcome])[] = [
  ['no answer', () => never, { code: 'source.unavailable', bytes: 0, requests: 3 }],
  ['no answer at first', () => first(2, never), { bytes: content.length, requests: 3 }],
  ['401', () => status(401), { code: 'source.forbidden', bytes: 0, requests: 1 }],
  ['403', () => status(403), { code: 'source.forbidden', bytes: 0, requests: 1 }],
  ['404', () => status(404), { code: 'source.not_found', bytes: 0, requests: 1 }],
  ['410', () => status(410), { code: 'source.not_found', bytes: 0, requests: 1 }],
  ['412', () => status(412), { code: 'source.changed', bytes: 0, requests: 1 }],
  ['400', () => status(400), { code: 'source.unavailable', bytes: 0, requests: 1 }],
  ['500', () => status(500), { code: 'source.unavailable', bytes: 0, requests: 3 }],
  ['503 at first', () => first(2, status(503)), { bytes: content.length, requests: 3 }],
  ['429 at first', () => first(1, status(429)), { bytes: content.length, requests: 2 }],
  ['a reset', () => reset, { code: 'source.unavailable', bytes: 0, requests: 3 }],
  ['a reset at first', () => first(1, reset), { bytes: content.length, requests: 2 }],
  ['a reset in mid-body', () => first(1, halfThenReset), { bytes: content.length, requests: 2 }],
  ['a body that stalls', () => first(1, halfThenNothing), { bytes: content.length, requests: 2 }],
  ['a body that ends too early, always', () => oneByteAPart, { code: 'source.unavailable', bytes: resumptionsMax + 1 }],
  ['a reset, then another version', halfThenChanged, { code: 'source.changed' }],
]

const root = 'x:/'
const readers = {
  s3: ({ origin: endpoint }: TestHttpServer) => {
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
    const options = {
      bucket: 'bucket',
      region: 'us-east-1',
      endpoint,
      pathStyle: true,
      credentials,
      http,
      now: Date.now,
    }
    return createS3Reader(new Map([[root, { client: createS3Client(options), prefix: '' }]]))
  },
  http: ({ origin }: TestHttpServer) =>
    createHttpReader(new Map([[root, createHttpSource({ base: `${origin}/`, headers: {}, http })]])),
} as const

describe.each(Object.entries(readers))('the %s reader, when its store gives', (_, readerOf) => {
  let server: TestHttpServer
  beforeAll(async () => {
    server = await startHttpServer()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  async function read(handler: HttpHandler, signal = new AbortController().signal): Promise<Outcome> {
    server.answer(handler)
    const before = server.requests.length
    const reader = readerOf(server)
    let bytes = 0
    try {
      const source = await reader.open({ scheme: reader.scheme, root, path: 'file' }, { signal })
      for await (const piece of source.bytes) {
        expect(Buffer.compare(piece, content.subarray(bytes, bytes + piece.length))).toBe(0)
        bytes += piece.length
      }
      return { bytes, requests: server.requests.length - before }
    } catch (thrown) {
      return { code: (thrown as { code: string }).code, bytes, requests: server.requests.length - before }
    }
  }

  test.each(faults)('%s', async (_name, handler, expected) => {
    expect(await read(handler())).toMatchObject(expected)
  })

  test('a redirect elsewhere: nobody goes there', async () => {
    const elsewhere = await startHttpServer((_request, response) => response.end(content))
    const lead: HttpHandler = (_request, response) => response.writeHead(307, { location: elsewhere.origin }).end()
    expect(await read(lead)).toEqual({ code: 'source.unavailable', bytes: 0, requests: 1 })
    expect(elsewhere.requests).toEqual([])
    await elsewhere[Symbol.asyncDispose]()
  })

  test('a body without an end: it ends with the reader', async () => {
    const controller = new AbortController()
    const closed = new Promise<void>((resolve) => {
      server.answer((_request, response) => {
        response.once('close', resolve)
        const write = () => void (response.destroyed || response.write(content, write))
        write()
      })
    })
    const reader = readerOf(server)
    const place = { scheme: reader.scheme, root, path: 'file' }
    const { bytes } = await reader.open(place, { signal: controller.signal })
    let pieces = 0
    const drain = async () => {
      for await (const _piece of bytes) if (++pieces === 100) controller.abort()
    }
    await expect(drain()).rejects.toThrow()
    await closed
  })

  test('more than it is asked for: the rest is not read', async () => {
    server.answer((_request, response) => response.writeHead(200, whole).end(content))
    const reader = readerOf(server)
    const place = { scheme: reader.scheme, root, path: 'file' }
    const source = await reader.open(place, { start: 10, end: 20, signal: new AbortController().signal })
    const parts: Uint8Array[] = []
    for await (const part of source.bytes) parts.push(part)
    expect(Buffer.concat(parts)).toEqual(content.subarray(10, 20))
  })
})

describe('a reader', () => {
  test('does not go on with a body whose store gives it no version', async () => {
    const server = await startHttpServer(first(1, withoutTag))
    const source = await readers.http(server).open(
      { scheme: 'http', root, path: 'file' },
      {
        signal: new AbortController().signal,
      },
    )
    const drain = async () => {
      for await (const _piece of source.bytes);
    }
    await expect(drain()).rejects.toMatchObject({ code: 'source.unavailable' })
    expect(server.requests).toHaveLength(1)
    await server[Symbol.asyncDispose]()
  })

  test('whose consumer is slow does not take its store for stalled', async () => {
    const server = await startHttpServer(good)
    const source = await readers.s3(server).open(
      { scheme: 's3', root, path: 'file' },
      {
        signal: new AbortController().signal,
      },
    )
    let bytes = 0
    for await (const piece of source.bytes) {
      if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 3 * timeoutMs))
      bytes += piece.length
    }
    expect(bytes).toBe(content.length)
    await server[Symbol.asyncDispose]()
  })

  test.each([
    ['no answer', never, 'source.unavailable'],
    ['403', status(403), 'source.forbidden'],
    ['404', status(404), 'source.not_found'],
    ['500', status(500), 'source.unavailable'],
    ['a reset', reset, 'source.unavailable'],
    ['no JSON', (_: unknown, response: Parameters<HttpHandler>[1]) => response.end('<html>'), 'source.unavailable'],
    ['no status', (_: unknown, response: Parameters<HttpHandler>[1]) => response.end('{}'), 'source.unavailable'],
    ['a redirect', status(302), 'source.unavailable'],
  ])('of HDFS whose namenode gives %s', async (_, handler, code) => {
    const server = await startHttpServer(handler as HttpHandler)
    const client = createWebHdfsClient({ namenode: server.origin, datanodes: [], insecure: true, http })
    const reader = createWebHdfsReader(new Map([[root, { client, folder: '/' }]]))
    const place = { scheme: 'hdfs', root, path: 'file' }
    await expect(reader.open(place, { signal: new AbortController().signal })).rejects.toMatchObject({ code })
    await server[Symbol.asyncDispose]()
  })
})
