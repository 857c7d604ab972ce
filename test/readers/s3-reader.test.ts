import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createS3Reader } from '../../src/readers/s3/s3-reader.ts'
import { createHttpClient, type HttpClient } from '../../src/remote/http-client.ts'
import type { PinnedPlace } from '../../src/remote/pinned-place.ts'
import { createS3Client, type S3ClientOptions } from '../../src/remote/s3-client.ts'
import { describeReader } from '../conformance/reader.ts'
import { type S3Server, startS3Server } from '../support/s3-server.ts'

const http = createHttpClient({ timeoutMs: 10_000 })
const signal = new AbortController().signal
const root = 's3://test-bucket/'

function readerOf(server: S3Server, prefix: string, changes: Partial<S3ClientOptions> = {}) {
  const client = createS3Client({
    ...server,
    region: 'us-east-1',
    pathStyle: true,
    http,
    now: Date.now,
    ...changes,
  })
  return createS3Reader(new Map([[root, { client, prefix }]]))
}

describeReader('the S3 reader', async () => {
  const server = await startS3Server()
  return {
    reader: readerOf(server, 'data/'),
    put: (path, content) => server.put(`data/${path}`, content),
    place: (path) => ({ scheme: 's3', root, path }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
})

describe('the S3 reader', () => {
  let server: S3Server
  beforeAll(async () => {
    server = await startS3Server()
    await server.put('file', 'content')
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  const open = (reader: ReturnType<typeof readerOf>, place: Partial<PinnedPlace> = {}) =>
    reader.open({ scheme: 's3', root, path: 'file', ...place } as PinnedPlace, { signal })

  async function text(reader: ReturnType<typeof readerOf>, place: Partial<PinnedPlace> = {}): Promise<string> {
    const parts: Uint8Array[] = []
    for await (const part of (await open(reader, place)).bytes) parts.push(part)
    return Buffer.concat(parts).toString()
  }

  test.each(["a b+c'(1)!*~@$&=:,;%41", 'ümlaut/😀.txt', 'x/y/z'])('signs requests for the key %s', async (key) => {
    await server.put(key, key)
    expect(await text(readerOf(server, ''), { path: key })).toBe(key)
  })

  test('is refused with a wrong secret, and with an unknown key', async () => {
    const wrong = { accessKeyId: 'S3RVER', secretAccessKey: 'wrong' }
    await expect(open(readerOf(server, '', { credentials: wrong }))).rejects.toMatchObject({ code: 'source.forbidden' })
    const unknown = { accessKeyId: 'NOBODY', secretAccessKey: 'S3RVER' }
    await expect(open(readerOf(server, '', { credentials: unknown }))).rejects.toMatchObject({
      code: 'source.forbidden',
    })
  })

  test('reads what its catalogue saw, or fails before the first byte', async () => {
    await server.put('pinned', 'one')
    const { version, size } = await open(readerOf(server, ''), { path: 'pinned' })
    expect({ version: typeof version, size }).toEqual({ version: 'string', size: 3 })
    expect(await text(readerOf(server, ''), { path: 'pinned', version: version!, size: 3 })).toBe('one')
    await server.put('pinned', 'two')
    await expect(open(readerOf(server, ''), { path: 'pinned', version: version! })).rejects.toMatchObject({
      code: 'source.changed',
    })
  })

  test('names the bucket as a host where it is not asked to name it as a path', async () => {
    const asked: unknown[] = []
    const recording: HttpClient = {
      send({ url, headers }) {
        asked.push([url, Object.keys(headers ?? {}).includes('x-amz-security-token')])
        return http.send({ url: `${server.endpoint}/none`, signal })
      },
      [Symbol.dispose]: () => undefined,
    }
    const { endpoint: _, ...amazon } = server
    const credentials = { accessKeyId: 'A', secretAccessKey: 'B', sessionToken: 'C' }
    const options = { ...amazon, credentials, region: 'eu-west-2', http: recording, now: Date.now }
    for (const changes of [
      { pathStyle: false },
      { pathStyle: true },
      { pathStyle: false, endpoint: 'https://minio.example:9000' },
    ])
      await createS3Client({ ...options, ...changes }).get('a/b c', { start: 0 }, undefined, signal)
    expect(asked).toEqual([
      ['https://test-bucket.s3.eu-west-2.amazonaws.com/a/b%20c', true],
      ['https://s3.eu-west-2.amazonaws.com/test-bucket/a/b%20c', true],
      ['https://test-bucket.minio.example:9000/a/b%20c', true],
    ])
  })

  test('does not know a root that is not configured', async () => {
    await expect(open(readerOf(server, ''), { root: 's3://other/' })).rejects.toMatchObject({
      code: 'source.not_found',
    })
  })
})
