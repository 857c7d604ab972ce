import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createS3Catalogue } from '../../src/catalogue/s3/s3-catalogue.ts'
import { parseResourceId } from '../../src/domain/resource-id.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { createS3Client } from '../../src/remote/s3-client.ts'
import { parseListing } from '../../src/remote/s3-listing.ts'
import { type HttpHandler, startHttpServer, type TestHttpServer } from '../support/http-server.ts'

const http = createHttpClient({ timeoutMs: 400 })
const root = 's3://bucket/'
const signal = new AbortController().signal

/** A page as S3 writes it. */
function page(keys: readonly string[], next?: string): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    `<Name>bucket</Name><Prefix></Prefix><EncodingType>url</EncodingType><IsTruncated>${next !== undefined}</IsTruncated>`,
    ...keys.map(
      (key) =>
        `<Contents><Key>${key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;1&quot;</ETag><Size>1</Size><StorageClass>STANDARD</StorageClass></Contents>`,
    ),
    ...(next === undefined ? [] : [`<NextContinuationToken>${next}</NextContinuationToken>`]),
    '</ListBucketResult>',
  ].join('')
}

describe('a listing of S3', () => {
  let server: TestHttpServer
  beforeAll(async () => {
    server = await startHttpServer()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  function catalogue() {
    return createS3Catalogue({
      root: { id: parseResourceId(root), types: [], detect: ['extension'] },
      client: createS3Client({
        bucket: 'bucket',
        region: 'us-east-1',
        endpoint: server.origin,
        pathStyle: true,
        credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
        http,
        now: Date.now,
      }),
      prefix: '',
      onUnnameable: () => undefined,
    })
  }

  async function keys(): Promise<string[]> {
    const found: string[] = []
    for await (const leaf of catalogue().leaves(parseResourceId(root), { signal }))
      found.push(leaf.id.slice(root.length))
    return found
  }

  test.each<[string, HttpHandler, string]>([
    ['is refused', (_, response) => response.writeHead(403).end(), 'source.forbidden'],
    ['is of no bucket', (_, response) => response.writeHead(404).end(), 'source.unavailable'],
    ['does not come', () => undefined, 'source.unavailable'],
    ['is somewhere else', (_, response) => response.writeHead(301, { location: '/' }).end(), 'source.unavailable'],
    ['is no listing', (_, response) => response.end('<html></html>'), 'source.unavailable'],
    ['is not whole', (_, response) => response.end(page(['a']).slice(0, -4)), 'source.unavailable'],
    ['is not in order', (_, response) => response.end(page(['b', 'a'])), 'source.unavailable'],
    ['names a key twice', (_, response) => response.end(page(['a', 'a'])), 'source.unavailable'],
    ['does not say how it goes on', (_, response) => response.end(page(['a'], '')), 'source.unavailable'],
    ['has an unknown entity', (_, response) => response.end(page(['a&b;'])), 'source.unavailable'],
    [
      'fails on its second page',
      (_request, response, url) =>
        url.searchParams.has('continuation-token')
          ? response.writeHead(503).end()
          : response.end(page(['a', 'b'], 'more')),
      'source.unavailable',
    ],
    ['goes round in a circle', (_, response) => response.end(page(['a', 'b'], 'more')), 'source.unavailable'],
  ])('that %s fails as a whole', async (_, handler, code) => {
    server.answer(handler)
    await expect(keys()).rejects.toMatchObject({ code })
  })

  test('goes on after a page that came at the third try', async () => {
    let tries = 0
    server.answer((_request, response, url) => {
      if (!url.searchParams.has('continuation-token')) return response.end(page(['a'], 'a token+/='))
      return tries++ < 2
        ? response.writeHead(500).end()
        : response.end(page([url.searchParams.get('continuation-token') === 'a token+/=' ? 'b' : 'lost']))
    })
    expect(await keys()).toEqual(['a', 'b'])
  })

  test('is asked for page by page, as it is read', async () => {
    const perPage = 1000
    server.answer((_request, response, url) => {
      const from = Number(url.searchParams.get('continuation-token') ?? 0)
      const names = Array.from({ length: perPage }, (_, index) => String(from + index).padStart(9, '0'))
      response.end(page(names, String(from + perPage)))
    })
    const before = server.requests.length
    let count = 0
    for await (const _leaf of catalogue().leaves(parseResourceId(root), { signal })) if (++count === 2500) break
    expect(server.requests.length - before).toBe(3)
  })

  test('gives keys as they are, whatever characters they have', () => {
    expect(parseListing(page(['a+b%2Bc%26%3C%C3%BC%F0%9F%98%80', '%FF'])).objects.map(({ key }) => key)).toEqual([
      'a b+c&<ü😀',
      undefined,
    ])
    const plain = page(['a+b%2B&amp;&lt;&#xfc;&#128512;']).replace('<EncodingType>url</EncodingType>', '')
    expect(parseListing(plain).objects).toEqual([{ key: 'a+b%2B&<ü😀' }])
  })

  test('keeps what is beyond the first plane behind everything else, as its bytes are', async () => {
    server.answer((_request, response) => response.end(page(['\uffee', '😀'].map(encodeURIComponent))))
    expect(await keys()).toEqual(['\uffee', '😀'])
  })
})
