import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Evidence } from '../../src/catalogue/leaf-type.ts'
import { createS3Catalogue, type S3CatalogueDeps } from '../../src/catalogue/s3/s3-catalogue.ts'
import { parseResourceId } from '../../src/domain/resource-id.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { createS3Client } from '../../src/remote/s3-client.ts'
import { describeResourceCatalogue } from '../conformance/resource-catalogue.ts'
import { type S3Server, startS3Server } from '../support/s3-server.ts'

const http = createHttpClient({ timeoutMs: 10_000 })
const signal = new AbortController().signal
const root = 's3://hr/'
const types = [{ suffix: '.avro', mediaType: 'avro/binary', recordType: 'Employee' }]

function catalogueOf(server: S3Server, changes: Partial<S3CatalogueDeps> & { detect?: readonly Evidence[] } = {}) {
  const { detect = ['metadata', 'extension', 'content'], ...rest } = changes
  const client = createS3Client({ ...server, region: 'us-east-1', pathStyle: true, http, now: Date.now })
  return createS3Catalogue({
    root: { id: parseResourceId(root), types, detect, attributes: { country: 'UK' } },
    client,
    prefix: 'data/hr/',
    pageKeysMax: 3,
    onUnnameable: () => undefined,
    ...rest,
  })
}

describeResourceCatalogue('the catalogue of a bucket', async (paths) => {
  const server = await startS3Server()
  for (const path of paths) await server.put(`data/hr/${path}`, 'x')
  await server.put('data/other', 'x')
  return {
    root,
    catalogue: catalogueOf(server),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
})

describe('the catalogue of a bucket', () => {
  let server: S3Server
  beforeAll(async () => {
    server = await startS3Server()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  async function idsBelow(catalogue: ReturnType<typeof catalogueOf>, resource = root): Promise<string[]> {
    const ids: string[] = []
    for await (const leaf of catalogue.leaves(parseResourceId(resource), { signal })) ids.push(leaf.id)
    return ids
  }

  test('tells types by metadata, then by name, then by content', async () => {
    await server.put('data/hr/said.bin', 'x', {
      'content-type': 'text/CSV; charset=utf-8',
      'x-amz-meta-record-type': 'Payment',
    })
    await server.put('data/hr/named.AVRO', 'x')
    await server.put('data/hr/unnamed', 'Obj\u0001 and so on')
    const typeOf = async (path: string, detect?: readonly Evidence[]) => {
      const { leaf } = await catalogueOf(server, detect === undefined ? {} : { detect }).locate(
        parseResourceId(root + path),
      )
      return [leaf.mediaType, leaf.recordType]
    }
    expect(await typeOf('said.bin')).toEqual(['text/csv', 'Payment'])
    expect(await typeOf('said.bin', ['extension'])).toEqual(['application/octet-stream', 'bytes'])
    expect(await typeOf('named.AVRO')).toEqual(['avro/binary', 'Employee'])
    expect(await typeOf('unnamed')).toEqual(['avro/binary', 'Employee'])
    expect(await typeOf('unnamed', ['metadata', 'extension'])).toEqual(['application/octet-stream', 'bytes'])
  })

  test('pins the place to what it saw', async () => {
    await server.put('data/hr/pinned', 'four')
    const { leaf, place } = await catalogueOf(server).locate(parseResourceId(`${root}pinned`))
    expect(place).toEqual({
      scheme: 's3',
      root,
      path: 'pinned',
      version: expect.stringMatching(/^"[0-9a-f]+"$/u),
      size: 4,
    })
    expect(leaf.attributes).toEqual({ country: 'UK' })
  })

  test('lists a root above it, and page after page', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `pages/${index}`)
    for (const name of names) await server.put(`data/hr/${name}`, 'x')
    expect(await idsBelow(catalogueOf(server), `${root}pages/`)).toEqual(names.map((name) => root + name))
  })

  test('leaves out keys that can have no id, and says how many', async () => {
    await server.put('data/hr/odd/a%2fb', 'x')
    await server.put('data/hr/odd/what?', 'x')
    await server.put('data/hr/odd/good', 'x')
    const told: unknown[] = []
    const catalogue = catalogueOf(server, { onUnnameable: (folder, count) => told.push([folder, count]) })
    expect(await idsBelow(catalogue, `${root}odd/`)).toEqual([`${root}odd/good`])
    expect(told).toEqual([[`${root}odd/`, 2]])
  })

  test('does not know what is not there', async () => {
    await expect(idsBelow(catalogueOf(server), 's3://other/')).rejects.toMatchObject({ code: 'resource.unknown' })
    await expect(catalogueOf(server).locate(parseResourceId(`${root}none`))).rejects.toMatchObject({
      code: 'resource.unknown',
    })
  })
})
