import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createWebHdfsReader } from '../../src/readers/webhdfs/webhdfs-reader.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'
import type { PinnedPlace } from '../../src/remote/pinned-place.ts'
import { createWebHdfsClient, type WebHdfsClientOptions } from '../../src/remote/webhdfs-client.ts'
import { describeReader } from '../conformance/reader.ts'
import { startHttpServer } from '../support/http-server.ts'
import { exception, startWebHdfsServer, type WebHdfsServer } from '../support/webhdfs-server.ts'

const http = createHttpClient({ timeoutMs: 10_000 })
const signal = new AbortController().signal
const root = 'hdfs:/data/'
const content = Buffer.alloc(300_000, 'portcullis ')

function readerOf(server: WebHdfsServer, changes: Partial<WebHdfsClientOptions> = {}) {
  const { namenode, user } = server
  const client = createWebHdfsClient({ namenode, user, datanodes: [], insecure: true, http, ...changes })
  return createWebHdfsReader(new Map([[root, { client, folder: '/data/hr/' }]]))
}

describeReader('the WebHDFS reader', async () => {
  const server = await startWebHdfsServer()
  return {
    reader: readerOf(server),
    put: async (path, bytes) => server.put(`/data/hr/${path}`, bytes),
    place: (path) => ({ scheme: 'hdfs', root, path }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
})

describe('the WebHDFS reader', () => {
  let server: WebHdfsServer
  beforeAll(async () => {
    server = await startWebHdfsServer()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())
  beforeEach(() => {
    server.intercept('namenode', undefined)
    server.intercept('datanode', undefined)
    server.put('/data/hr/file', content)
  })

  const open = (changes: Partial<WebHdfsClientOptions> = {}, place: Partial<PinnedPlace> = {}) =>
    readerOf(server, changes).open({ scheme: 'hdfs', root, path: 'file', ...place } as PinnedPlace, { signal })

  async function all(changes: Partial<WebHdfsClientOptions> = {}): Promise<Buffer> {
    const parts: Uint8Array[] = []
    for await (const part of (await open(changes)).bytes) parts.push(part)
    return Buffer.concat(parts)
  }

  test('comes with a delegation token too, and with neither is refused', async () => {
    const { user: _, ...anonymous } = server
    const reader = (token: Partial<WebHdfsClientOptions>) =>
      createWebHdfsReader(
        new Map([
          [
            root,
            {
              client: createWebHdfsClient({ ...anonymous, datanodes: [], insecure: true, http, ...token }),
              folder: '/data/hr/',
            },
          ],
        ]),
      ).open({ scheme: 'hdfs', root, path: 'file' }, { signal })
    expect((await reader({ delegationToken: server.token })).size).toBe(content.length)
    await expect(reader({})).rejects.toMatchObject({ code: 'source.forbidden' })
  })

  test('reads names of any form', async () => {
    server.put("/data/hr/a b+c'%41ü😀", Buffer.from('named'))
    const { bytes } = await open({}, { path: "a b+c'%41ü😀" })
    for await (const part of bytes) expect(Buffer.from(part).toString()).toBe('named')
  })

  test('reads what its catalogue saw, or fails before the first byte', async () => {
    const { version } = await open()
    server.put('/data/hr/file', content)
    await expect(open({}, { version: version! })).rejects.toMatchObject({ code: 'source.changed' })
  })

  test('does not give the last piece of a file that was changed meanwhile', async () => {
    const { bytes } = await open()
    server.put('/data/hr/file', content)
    let given = 0
    const read = async () => {
      for await (const part of bytes) given += part.length
    }
    await expect(read()).rejects.toMatchObject({ code: 'source.changed' })
    expect(given).toBeLessThan(content.length)
  })

  test.each(['folder', 'link'])('refuses a %s', async (path) => {
    server.put('/data/hr/folder/x', content)
    server.put('/data/hr/link', 'link')
    await expect(open({}, { path })).rejects.toMatchObject({ code: 'source.forbidden' })
  })

  test('takes a transfer up again where it broke', async () => {
    let cut = 0
    const served: string[] = []
    server.intercept('datanode', (_request, response, url) => {
      const offset = Number(url.searchParams.get('offset'))
      const length = Number(url.searchParams.get('length'))
      served.push(`${offset}+${length}`)
      response.writeHead(200, { 'content-length': length })
      if (cut++ > 1) return void response.end(content.subarray(offset, offset + length))
      response.write(content.subarray(offset, offset + 100_000), () => response.destroy())
    })
    expect((await all()).equals(content)).toBe(true)
    expect(served[0]).toBe('0+300000')
    expect(served).toHaveLength(3)
  })

  test('follows a redirect to another host only where it is allowed', async () => {
    const elsewhere = await startHttpServer((_, response) => void response.end(content))
    const lead = (host: string) =>
      server.intercept('namenode', (_, response, url) => {
        if (url.searchParams.get('op') !== 'OPEN') {
          const status = { pathSuffix: '', type: 'FILE', length: content.length, modificationTime: 1 }
          return void response.end(JSON.stringify({ FileStatus: status }))
        }
        const location = `http://${host}:${elsewhere.port}/webhdfs/v1/data/hr/file?op=OPEN`
        response.writeHead(307, { location }).end()
      })
    lead('localhost')
    await expect(all()).rejects.toMatchObject({ code: 'source.unavailable' })
    expect(elsewhere.requests).toEqual([])
    expect((await all({ datanodes: ['localhost'] })).length).toBe(content.length)
    expect((await all({ datanodes: [`localhost:${elsewhere.port}`] })).length).toBe(content.length)
    await expect(all({ datanodes: ['localhost:1'] })).rejects.toMatchObject({ code: 'source.unavailable' })
    lead('user@127.0.0.1')
    await expect(all()).rejects.toMatchObject({ code: 'source.unavailable' })
    lead('127.0.0.1')
    await expect(all({ insecure: false })).rejects.toMatchObject({ code: 'source.unavailable' })
    await elsewhere[Symbol.asyncDispose]()
  })

  test('does not follow the redirect of a datanode', async () => {
    server.intercept('datanode', (_, response) => {
      response.writeHead(307, { location: `${server.datanode}/webhdfs/v1/other` }).end()
    })
    await expect(all()).rejects.toMatchObject({ code: 'source.unavailable' })
  })

  test('asks again while the namenode is not the active one, a few times', async () => {
    let asked = 0
    server.intercept('namenode', (_, response) => {
      asked++
      exception(response, 403, 'StandbyException')
    })
    await expect(all()).rejects.toMatchObject({ code: 'source.unavailable' })
    expect(asked).toBe(3)
  })
})
