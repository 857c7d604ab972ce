/** The readers and catalogues of HDFS against Hadoop's own namenode and datanode: `make check-hadoop`, which fetches them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareIds } from '../../src/catalogue/id-order.ts'
import { createWebHdfsCatalogue } from '../../src/catalogue/webhdfs/webhdfs-catalogue.ts'
import { parseResourceId } from '../../src/domain/resource-id.ts'
import { createWebHdfsReader } from '../../src/readers/webhdfs/webhdfs-reader.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { createWebHdfsClient } from '../../src/remote/webhdfs-client.ts'
import { describeReader } from '../conformance/reader.ts'
import { describeResourceCatalogue } from '../conformance/resource-catalogue.ts'
import { type HadoopCluster, startHadoopCluster } from './hadoop-cluster.ts'

const http = createHttpClient({ timeoutMs: 30_000 })
const signal = new AbortController().signal
const root = 'hdfs:/hr/'

describe('Hadoop', () => {
  let cluster: HadoopCluster
  beforeAll(async () => {
    cluster = await startHadoopCluster()
  }, 120_000)
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  const client = () =>
    createWebHdfsClient({
      namenode: cluster.namenode,
      user: cluster.user,
      datanodes: ['127.0.0.1', 'localhost'],
      insecure: true,
      http,
    })
  const catalogueOf = (folder: string) =>
    createWebHdfsCatalogue({
      root: { id: parseResourceId(root), types: [], detect: ['extension', 'content'] },
      client: client(),
      folder,
      onUnnameable: () => undefined,
    })

  describeReader('the WebHDFS reader', async () => ({
    reader: createWebHdfsReader(new Map([[root, { client: client(), folder: '/reader/' }]])),
    put: (path, content) => cluster.put(`/reader/${path}`, content),
    place: (path) => ({ scheme: 'hdfs', root, path }),
    [Symbol.asyncDispose]: async () => undefined,
  }))

  describeResourceCatalogue('the catalogue of HDFS', async (paths) => {
    for (const path of paths) await cluster.put(`/catalogue/${path}`, Buffer.from('x'))
    return { root, catalogue: catalogueOf('/catalogue/'), [Symbol.asyncDispose]: async () => undefined }
  })

  test('gives names in the order of ids, page after page', async () => {
    const names = ['a', 'a!/x', 'a-b/c', 'a-b/c-d/e', 'a-b.txt', 'a0', "b/ü+%41 '", 'b/z', 'dataa', 'dataü', '😀', 'z']
    for (const name of names) await cluster.put(`/order/${name}`, Buffer.from(name))
    const ids: string[] = []
    for await (const { id } of catalogueOf('/order/').leaves(parseResourceId(root), { signal })) ids.push(id)
    expect(ids).toEqual(names.toSorted(compareIds).map((name) => root + name))
    const reader = createWebHdfsReader(new Map([[root, { client: client(), folder: '/order/' }]]))
    for (const name of names) {
      const { place } = await catalogueOf('/order/').locate(parseResourceId(root + name))
      const parts: Uint8Array[] = []
      for await (const part of (await reader.open(place, { signal })).bytes) parts.push(part)
      expect(Buffer.concat(parts).toString()).toBe(name)
    }
  })

  test('a file that was written anew since its catalogue saw it is not read', async () => {
    await cluster.put('/changed/file', Buffer.from('one'))
    const { place } = await catalogueOf('/changed/').locate(parseResourceId(`${root}file`))
    await cluster.put('/changed/file', Buffer.from('two'))
    const reader = createWebHdfsReader(new Map([[root, { client: client(), folder: '/changed/' }]]))
    await expect(reader.open(place, { signal })).rejects.toMatchObject({ code: 'source.changed' })
  })
})
