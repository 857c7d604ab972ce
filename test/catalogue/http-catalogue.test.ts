import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createHttpCatalogue, entryMsMax, type HttpCatalogueDeps } from '../../src/catalogue/http/http-catalogue.ts'
import { compareIds } from '../../src/catalogue/id-order.ts'
import { parseResourceId } from '../../src/domain/resource-id.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { createHttpSource } from '../../src/remote/http-source.ts'
import { describeResourceCatalogue } from '../conformance/resource-catalogue.ts'
import { type HttpHandler, sendFile, startHttpServer, type TestHttpServer } from '../support/http-server.ts'

const http = createHttpClient({ timeoutMs: 10_000 })
const root = 'http://files.example/hr/'
const signal = new AbortController().signal
const files: HttpHandler = (request, response) =>
  sendFile(request, response, { content: Buffer.from('x'), headers: { etag: '"1"' } })

function catalogueOf({ origin }: TestHttpServer, changes: Partial<HttpCatalogueDeps> = {}) {
  return createHttpCatalogue({
    root: {
      id: parseResourceId(root),
      types: [{ suffix: '.avro', mediaType: 'avro/binary', recordType: 'Employee' }],
      detect: ['metadata', 'extension', 'content'],
      attributes: { country: 'UK' },
    },
    source: createHttpSource({ base: `${origin}/data/`, headers: {}, http }),
    leaves: { manifest: `${origin}/manifest` },
    now: Date.now,
    onUnnameable: () => undefined,
    ...changes,
  })
}

/** Two entries a page. */
const manifest =
  (paths: readonly unknown[]): HttpHandler =>
  (request, response, url) => {
    if (url.pathname !== '/manifest') return files(request, response, url)
    const from = Number(url.searchParams.get('from') ?? 0)
    if (from + 2 < paths.length) response.setHeader('link', `</manifest?from=${from + 2}>; rel="next"`)
    response.setHeader('content-type', 'application/json')
    return response.end(JSON.stringify(paths.slice(from, from + 2)))
  }

for (const kind of ['a manifest', 'a configured list'] as const)
  describeResourceCatalogue(`the catalogue of a web server with ${kind}`, async (paths) => {
    const server = await startHttpServer(manifest([...paths].sort(compareIds)))
    return {
      root,
      catalogue: catalogueOf(server, kind === 'a manifest' ? {} : { leaves: { paths } }),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    }
  })

describe('the catalogue of a web server', () => {
  let server: TestHttpServer
  beforeAll(async () => {
    server = await startHttpServer()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())
  beforeEach(() => server.answer(manifest(['a', 'b.avro'])))

  async function idsBelow(changes: Partial<HttpCatalogueDeps> = {}, folder = ''): Promise<string[]> {
    const ids: string[] = []
    for await (const leaf of catalogueOf(server, changes).leaves(parseResourceId(root + folder), { signal }))
      ids.push(leaf.id.slice(root.length))
    return ids
  }

  test('takes types and attributes from the manifest, and then asks about no file', async () => {
    const entry = { path: 'a', mediaType: 'text/csv', recordType: 'Payment', attributes: { owner: 'finance' } }
    server.answer(manifest([entry]))
    const before = server.requests.length
    for await (const leaf of catalogueOf(server).leaves(parseResourceId(root), { signal }))
      expect(leaf).toEqual({
        id: `${root}a`,
        mediaType: 'text/csv',
        recordType: 'Payment',
        attributes: { country: 'UK', owner: 'finance' },
      })
    expect(server.requests.slice(before)).toEqual(['GET /manifest'])
  })

  test('pins the place to what it saw', async () => {
    const { leaf, place } = await catalogueOf(server).locate(parseResourceId(`${root}b.avro`))
    expect(leaf).toMatchObject({ mediaType: 'avro/binary', recordType: 'Employee' })
    expect(place).toEqual({ scheme: 'http', root, path: 'b.avro', version: '"1"', size: 1 })
  })

  test('does not know a file that is there but not listed, soon also when it was', async () => {
    let time = 0
    const catalogue = catalogueOf(server, { now: () => time })
    const locate = (path: string) => catalogue.locate(parseResourceId(root + path))
    await expect(locate('unlisted')).rejects.toMatchObject({ code: 'resource.unknown' })
    await locate('a')
    server.answer(manifest(['b.avro']))
    time = entryMsMax
    await expect(locate('a')).rejects.toMatchObject({ code: 'resource.unknown' })
  })

  test('reads a manifest of lines as it comes', async () => {
    server.answer((request, response, url) => {
      if (url.pathname !== '/manifest') return files(request, response, url)
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      return response.end('"a"\n{"path": "ü"}\n\n"\u{1f600}"')
    })
    expect(await idsBelow()).toEqual(['a', 'ü', '\u{1f600}'])
  })

  test('leaves out paths that can have no id, and says how many', async () => {
    server.answer(manifest(['../x', 'a', 'b//c', 'd?e', 'f/']))
    const told: unknown[] = []
    expect(await idsBelow({ onUnnameable: (folder, count) => told.push([folder, count]) })).toEqual(['a'])
    expect(told).toEqual([[root, 4]])
  })

  test.each<[string, HttpHandler]>([
    ['is not sorted', manifest(['b', 'a'])],
    ['has an entry twice', manifest(['a', 'a'])],
    ['has an entry that is none', manifest(['a', 7])],
    ['is no JSON', (_, response) => response.end('[')],
    ['is no list', (_, response) => response.end('{"a": []}')],
    ['is not there', (_, response) => response.writeHead(404).end()],
    [
      'goes on on another server',
      (_, response) => response.setHeader('link', '<http://other.example/>; rel=next').end('[]'),
    ],
    ['goes on with itself', (_, response) => response.setHeader('link', '</manifest>; rel=next').end('[]')],
    ['is somewhere else', (_, response) => response.writeHead(302, { location: '/manifest2' }).end('["a"]')],
    [
      'fails on its second page',
      (request, response, url) =>
        url.search === '' ? manifest(['a', 'b', 'c'])(request, response, url) : response.writeHead(500).end(),
    ],
    [
      'breaks off',
      (_, response) => response.writeHead(200, { 'content-length': 99 }).write('["a"', () => response.destroy()),
    ],
  ])('fails as a whole when its manifest %s', async (_, handler) => {
    server.answer((request, response, url) =>
      url.pathname.startsWith('/data/') ? files(request, response, url) : handler(request, response, url),
    )
    await expect(idsBelow()).rejects.toMatchObject({ code: 'source.unavailable' })
  })

  test('reads a manifest of lines no further than the folder asked for', async () => {
    let written = 0
    server.answer((request, response, url) => {
      if (url.pathname !== '/manifest') return files(request, response, url)
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      const write = () => {
        if (response.destroyed) return
        const lines = Array.from({ length: 500 }, () => JSON.stringify(`f/${String(written++).padStart(9, '0')}`))
        response.write(`${lines.join('\n')}\n`, write)
      }
      response.write('"a/1"\n"a/2"\n', write)
    })
    expect(await idsBelow({}, 'a/')).toEqual(['a/1', 'a/2'])
  })
})
