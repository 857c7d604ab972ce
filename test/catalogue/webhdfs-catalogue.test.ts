import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareIds } from '../../src/catalogue/id-order.ts'
import { createWebHdfsCatalogue, type WebHdfsCatalogueDeps } from '../../src/catalogue/webhdfs/webhdfs-catalogue.ts'
import { parseResourceId } from '../../src/domain/resource-id.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { createWebHdfsClient } from '../../src/remote/webhdfs-client.ts'
import { describeResourceCatalogue } from '../conformance/resource-catalogue.ts'
import { startWebHdfsServer, type WebHdfsServer } from '../support/webhdfs-server.ts'

const http = createHttpClient({ timeoutMs: 10_000 })
const signal = new AbortController().signal
const root = 'hdfs:/hr/'

function catalogueOf({ namenode, user }: WebHdfsServer, changes: Partial<WebHdfsCatalogueDeps> = {}) {
  return createWebHdfsCatalogue({
    root: { id: parseResourceId(root), types: [], detect: ['extension', 'content'] },
    client: createWebHdfsClient({ namenode, user, datanodes: [], insecure: true, http }),
    folder: '/data/hr/',
    onUnnameable: () => undefined,
    ...changes,
  })
}

describeResourceCatalogue('the catalogue of HDFS', async (paths) => {
  const server = await startWebHdfsServer()
  for (const path of paths) server.put(`/data/hr/${path}`, Buffer.from('x'))
  return { root, catalogue: catalogueOf(server), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
})

describe('the catalogue of HDFS', () => {
  let server: WebHdfsServer
  beforeAll(async () => {
    server = await startWebHdfsServer()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  async function idsBelow(folder: string, changes: Partial<WebHdfsCatalogueDeps> = {}): Promise<string[]> {
    const ids: string[] = []
    const leaves = catalogueOf(server, changes).leaves(parseResourceId(root + folder), { signal })
    for await (const leaf of leaves) ids.push(leaf.id.slice(root.length + folder.length))
    return ids
  }

  test('gives names in the order of ids, however the namenode orders them', async () => {
    const names = [
      'a',
      'a!/x',
      'a-b/c',
      'a-b/c-d/e',
      'a-b.txt',
      'a0',
      'b/ü/1',
      'b/z',
      'b/ü!',
      'dataa',
      'dataü',
      '😀',
      '\uffee',
      'z',
    ]
    for (const name of names) server.put(`/data/hr/order/${name}`, Buffer.from('x'))
    expect(await idsBelow('order/')).toEqual([...names].sort(compareIds))
  })

  test('gives a link to nobody', async () => {
    server.put('/data/hr/links/a', Buffer.from('x'))
    server.put('/data/hr/links/link', 'link')
    expect(await idsBelow('links/')).toEqual(['a'])
    await expect(catalogueOf(server).locate(parseResourceId(`${root}links/link`))).rejects.toMatchObject({
      code: 'resource.unknown',
    })
  })

  test('leaves out names that can have no id, and says how many', async () => {
    for (const name of ['a', 'b%2fc', 'd?']) server.put(`/data/hr/odd/${name}`, Buffer.from('x'))
    const told: unknown[] = []
    expect(await idsBelow('odd/', { onUnnameable: (folder, count) => told.push([folder, count]) })).toEqual(['a'])
    expect(told).toEqual([[`${root}odd/`, 2]])
  })

  test('tells a type by content, and pins the place to what it saw', async () => {
    server.put('/data/hr/unnamed', Buffer.from('{"a": 1}\n{"a": 2}\n'))
    const { leaf, place } = await catalogueOf(server).locate(parseResourceId(`${root}unnamed`))
    expect(leaf.mediaType).toBe('application/x-ndjson')
    expect(place).toEqual({
      scheme: 'hdfs',
      root,
      path: 'unnamed',
      version: expect.stringMatching(/^\d+:18$/u),
      size: 18,
    })
  })

  test('fails as a whole when a page fails in the middle', async () => {
    for (let index = 0; index < 7; index++) server.put(`/data/hr/pages/${index}`, Buffer.from('x'))
    const ids: string[] = []
    const read = async () => {
      for await (const leaf of catalogueOf(server).leaves(parseResourceId(`${root}pages/`), { signal })) {
        if (ids.push(leaf.id) === 1) server.intercept('namenode', (_, response) => void response.writeHead(500).end())
      }
    }
    await expect(read()).rejects.toMatchObject({ code: 'source.unavailable' })
    server.intercept('namenode', undefined)
  })
})
