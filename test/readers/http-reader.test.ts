import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createHttpReader } from '../../src/readers/http/http-reader.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { createHttpSource } from '../../src/remote/http-source.ts'
import type { PinnedPlace } from '../../src/remote/pinned-place.ts'
import { describeReader } from '../conformance/reader.ts'
import { sendFile, startHttpServer, type TestHttpServer } from '../support/http-server.ts'

const http = createHttpClient({ timeoutMs: 10_000 })
const root = 'http://files.example/'
const signal = new AbortController().signal
const content = Buffer.alloc(300_000, 'portcullis ')

function readerOf({ origin }: TestHttpServer, options: { bytesMax?: number } = {}) {
  const source = createHttpSource({ base: `${origin}/data/`, headers: { authorization: 'Bearer key' }, http })
  return createHttpReader(new Map([[root, source]]), options)
}

describeReader('the HTTP reader', async () => {
  const files = new Map<string, { content: Uint8Array; headers: Record<string, string> }>()
  const server = await startHttpServer((request, response, { pathname }) => {
    const file = files.get(pathname)
    if (file === undefined) return response.writeHead(404).end()
    return sendFile(request, response, file)
  })
  let version = 0
  return {
    reader: readerOf(server),
    put: async (path, bytes) =>
      void files.set(`/data/${path}`, { content: bytes, headers: { etag: `"${version++}"` } }),
    place: (path) => ({ scheme: 'http', root, path }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
})

describe('the HTTP reader', () => {
  let server: TestHttpServer
  beforeAll(async () => {
    server = await startHttpServer()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())
  beforeEach(() => server.answer((request, response) => sendFile(request, response, { content })))

  async function all(
    place: Partial<PinnedPlace> = {},
    { bytesMax, ...part }: { start?: number; end?: number; bytesMax?: number } = {},
  ): Promise<Buffer> {
    const reader = readerOf(server, bytesMax === undefined ? {} : { bytesMax })
    const parts: Uint8Array[] = []
    const { bytes } = await reader.open({ scheme: 'http', root, path: 'file', ...place } as PinnedPlace, {
      ...part,
      signal,
    })
    for await (const one of bytes) parts.push(one)
    return Buffer.concat(parts)
  }

  test('sends the configured headers, and the path encoded', async () => {
    let seen: unknown
    server.answer((request, response) => {
      seen = [request.url, request.headers.authorization, request.headers['accept-encoding']]
      response.end('x')
    })
    await all({ path: "a b/ü%41?#+'" })
    expect(seen).toEqual(["/data/a%20b/%C3%BC%2541%3F%23%2B'", 'Bearer key', 'identity'])
  })

  test('takes its part out of the whole where a server knows no parts', async () => {
    server.answer((_, response) => response.writeHead(200, { 'content-length': content.length }).end(content))
    expect((await all({}, { start: 70_000, end: 200_001 })).equals(content.subarray(70_000, 200_001))).toBe(true)
    expect(await all({}, { start: 5, end: 5 })).toHaveLength(0)
    expect(await all({}, { start: content.length + 1 })).toHaveLength(0)
  })

  test('refuses a part that is another than the one asked for', async () => {
    server.answer((_, response) =>
      response.writeHead(206, { 'content-range': `bytes 0-9/${content.length}` }).end(content.subarray(0, 10)),
    )
    await expect(all({}, { start: 10, end: 20 })).rejects.toMatchObject({ code: 'source.unavailable' })
  })

  test('reads a body in pieces without a length, up to the longest file there may be', async () => {
    server.answer((_, response) => {
      response.write(content.subarray(0, 1000), () => response.end(content.subarray(1000)))
    })
    expect((await all()).equals(content)).toBe(true)
    await expect(all({}, { bytesMax: content.length - 1 })).rejects.toMatchObject({ code: 'source.unavailable' })
  })

  test('refuses a body that comes encoded all the same', async () => {
    server.answer((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': 3 }).end('abc'),
    )
    await expect(all()).rejects.toMatchObject({ code: 'source.unavailable' })
  })

  test('refuses a body whose end could not be told from a break', async () => {
    server.answer((_, response) => {
      response.socket!.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nsome')
    })
    await expect(all()).rejects.toMatchObject({ code: 'source.unavailable' })
  })

  test.each<[string, Record<string, string>, Partial<PinnedPlace>?]>([
    ['another tag', { etag: '"b"' }],
    ['no tag', {}],
    ['another size', { etag: '"a"' }, { size: 4 }],
  ])('fails before the first byte where the catalogue saw something else: %s', async (_, headers, pinned = {}) => {
    server.answer((_request, response) => response.writeHead(200, { ...headers, 'content-length': 3 }).end('abc'))
    await expect(all({ version: '"a"', ...pinned })).rejects.toMatchObject({ code: 'source.changed' })
  })
})
