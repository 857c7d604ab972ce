import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeConfig, parseConfig } from '../../src/app/config.ts'
import { createSources } from '../../src/app/sources.ts'
import { parseResourceId } from '../../src/domain/resource-id.ts'
import { createTempFolder } from '../support/temp-folder.ts'

const base = {
  listen: '127.0.0.1:0',
  authentication: { kind: 'none' },
  policy: { bundle: 'bundle.tar.gz' },
  directory: { kind: 'file', file: 'users.yaml' },
  bus: { kind: 'embedded' },
  tokens: { kind: 'embedded' },
  audit: { folder: 'audit' },
}
const parse = (...roots: readonly object[]) =>
  parseConfig({ ...base, catalogue: { roots } }, { folder: '/etc/portcullis' })
const deps = { environment: {}, now: Date.now, onUnnameable: () => undefined }

const s3 = { bucket: 'hr-data', accessKeyId: 'key', secretAccessKey: 'secret-1', sessionToken: 'secret-2' }
const http = { base: 'https://files.example/', leaves: ['a'], headers: { authorization: 'secret-3' } }
const hdfs = { namenode: 'https://nn.example:9871', folder: '/data/', delegationToken: 'secret-4' }
const roots = [
  { id: 's3://hr/', s3 },
  { id: 'http://files.example/', http },
  { id: 'hdfs:/data/', hdfs },
  { id: 'file:/data/', folder: 'data' },
]

describe('the sources of the configuration', () => {
  test('are accepted, and shown without their secrets', () => {
    const shown = describeConfig(parse(...roots))
    expect(shown).not.toMatch(/secret-/u)
    expect(shown.match(/\*\*\*/gu)).toHaveLength(4)
    expect(shown).toContain(join('/etc/portcullis', 'data'))
  })

  test('each load what they need, and serve a reader each', async () => {
    using sources = await createSources(parse(...roots).catalogue.roots, deps)
    expect(sources.readers.map(({ scheme }) => scheme).sort()).toEqual(['file', 'hdfs', 'http', 's3'])
    using alone = await createSources(parse(roots[3]!).catalogue.roots, deps)
    expect(alone.readers.map(({ scheme }) => scheme)).toEqual(['file'])
  })

  test('tell of a folder that is not there, and list it once it is', async () => {
    await using folder = await createTempFolder('sources')
    const file = join(folder.path, 'file')
    const later = join(folder.path, 'later')
    await writeFile(file, '')
    const missing: string[] = []
    using sources = await createSources(
      parse(
        { id: 'file:/there/', folder: folder.path },
        { id: 'file:/a-file/', folder: file },
        { id: 'file:/later/', folder: later },
      ).catalogue.roots,
      { ...deps, onMissingFolder: (root) => void missing.push(root) },
    )
    expect(missing.sort()).toEqual(['file:/a-file/', 'file:/later/'])
    await mkdir(later)
    await writeFile(join(later, 'x.csv'), 'a\n')
    const ids: string[] = []
    const options = { signal: new AbortController().signal }
    for await (const { id } of sources.catalogue.leaves(parseResourceId('file:/later/'), options)) ids.push(id)
    expect(ids).toEqual(['file:/later/x.csv'])
  })

  test('may lie anywhere, whatever their ids look like, and are listed together', async () => {
    await using folder = await createTempFolder('sources')
    using sources = await createSources(
      parse(
        { id: 'file:/data/web/', http: { ...http, leaves: ['x.csv'] }, detect: ['extension'] },
        { id: 'file:/data/local/', folder: folder.path },
      ).catalogue.roots,
      deps,
    )
    const ids: string[] = []
    const options = { signal: new AbortController().signal }
    for await (const { id } of sources.catalogue.leaves(parseResourceId('file:/data/'), options)) ids.push(id)
    expect(ids).toEqual(['file:/data/web/x.csv'])
    await expect(sources.catalogue.locate(parseResourceId('file:/other/x'))).rejects.toMatchObject({
      code: 'resource.unknown',
    })
  })

  test('take credentials from the environment, as a pair', async () => {
    const config = parse({ id: 's3://hr/', s3: { bucket: 'hr-data' } }).catalogue.roots
    const environment = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' }
    using sources = await createSources(config, { ...deps, environment })
    expect(sources.readers).toHaveLength(1)
    await expect(createSources(config, { ...deps, environment: { AWS_ACCESS_KEY_ID: 'key' } })).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.stringContaining('s3://hr/ has no credentials'),
    })
  })

  test.each([
    [{ id: 's3://hr/' }, 'needs one of folder, s3, http, hdfs'],
    [{ id: 's3://hr/', s3, folder: 'x' }, 'needs one of folder, s3, http, hdfs'],
    [{ id: 's3://hr/', s3: { ...s3, endpoint: 'http://minio:9000' } }, '/s3/endpoint: is not encrypted'],
    [{ id: 's3://hr/', s3: { bucket: 'hr-data', accessKeyId: 'key' } }, 'belong together'],
    [{ id: 's3://hr/', s3: { ...s3, prefix: 'no-slash' } }, '/s3/prefix'],
    [{ id: 's3://hr/', s3: { ...s3, other: 1 } }, 'unknown key "other"'],
    [{ id: 'http://a.example/', http: { ...http, base: 'http://a.example/' } }, '/http/base: is not encrypted'],
    [{ id: 'http://a.example/', http: { base: 'https://a.example/' } }, 'needs one of manifest, leaves'],
    [{ id: 'http://a.example/', http: { ...http, base: 'https://user:pw@a.example/' } }, '/http/base'],
    [{ id: 'hdfs:/a/', hdfs: { ...hdfs, namenode: 'http://nn:9870' } }, '/hdfs/namenode: is not encrypted'],
    [{ id: 'hdfs:/a/', hdfs: { ...hdfs, folder: 'data/' } }, '/hdfs/folder'],
  ])('%j is refused: %s', (root, why) => {
    expect(() => parse(root)).toThrow(why)
  })
})
