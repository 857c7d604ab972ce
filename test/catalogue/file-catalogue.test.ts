import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFileCatalogue } from '../../src/catalogue/file/file-catalogue.ts'
import { parseResourceId } from '../../src/domain/resource-id.ts'
import { describeResourceCatalogue } from '../conformance/resource-catalogue.ts'
import { createTempFolder } from '../support/temp-folder.ts'

let folder: string
const unnameable: [string, number][] = []
const signal = new AbortController().signal

beforeEach(async () => {
  unnameable.length = 0
  folder = await mkdtemp(join(tmpdir(), 'catalogue-'))
  for (const path of [
    'hr/b.avro',
    'hr/a/z.json',
    'hr/a.txt',
    'hr/a/A.json',
    'hr/ümlaut.txt',
    'fin/x.csv',
    'outside/secret.txt',
  ]) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), 'x')
  }
  await symlink(join(folder, 'outside'), join(folder, 'hr/link'))
  await symlink(join(folder, 'outside/secret.txt'), join(folder, 'hr/link.txt'))
  await writeFile(join(folder, 'hr/what?.txt'), 'x')
})
afterEach(() => rm(folder, { recursive: true }))

function catalogue() {
  const types = [{ suffix: '.avro', mediaType: 'avro/binary', recordType: 'Employee' }]
  return createFileCatalogue({
    roots: [
      { id: parseResourceId('file:/data/hr/'), folder: join(folder, 'hr'), types },
      { id: parseResourceId('file:/data/fin/'), folder: join(folder, 'fin'), types: [] },
    ],
    onUnnameable: (id, count) => unnameable.push([id, count]),
  })
}

async function idsBelow(resource: string): Promise<string[]> {
  const ids: string[] = []
  for await (const leaf of catalogue().leaves(parseResourceId(resource), { signal })) ids.push(leaf.id)
  return ids
}

describeResourceCatalogue('the catalogue of folders', async (paths) => {
  const place = await createTempFolder('catalogue')
  for (const path of paths) {
    await mkdir(join(place.path, path, '..'), { recursive: true })
    await writeFile(join(place.path, path), 'x')
  }
  const root = 'file:/data/hr/'
  return {
    root,
    catalogue: createFileCatalogue({
      roots: [{ id: parseResourceId(root), folder: place.path, types: [] }],
      onUnnameable: () => undefined,
    }),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  }
})

describe('the catalogue of folders', () => {
  test('lists regular files below a folder, in the order of their ids, following no link', async () => {
    expect(await idsBelow('file:/data/hr/')).toEqual([
      'file:/data/hr/a.txt',
      'file:/data/hr/a/A.json',
      'file:/data/hr/a/z.json',
      'file:/data/hr/b.avro',
      'file:/data/hr/ümlaut.txt',
    ])
  })

  test('tells of names that can have no id', async () => {
    await idsBelow('file:/data/hr/')
    expect(unnameable).toEqual([['file:/data/hr/', 1]])
  })

  test('lists all roots below a folder above them', async () => {
    expect(await idsBelow('file:/data/')).toEqual(['file:/data/fin/x.csv', ...(await idsBelow('file:/data/hr/'))])
  })

  test('gives one leaf for its own id, with its type by its name', async () => {
    const { leaf, place } = await catalogue().locate(parseResourceId('file:/data/hr/b.avro'))
    expect(leaf).toEqual({
      id: 'file:/data/hr/b.avro',
      mediaType: 'avro/binary',
      recordType: 'Employee',
      attributes: {},
    })
    expect(place).toEqual({ scheme: 'file', root: join(folder, 'hr'), path: 'b.avro' })
    expect(await idsBelow('file:/data/hr/b.avro')).toEqual(['file:/data/hr/b.avro'])
  })

  test.each([
    'file:/data/hr/none/',
    'file:/data/hr/none',
    'file:/data/hr/link/',
    'file:/data/hr/link/secret.txt',
    'file:/data/hr/link.txt',
    'file:/other/',
    'file:/data/hr/a',
    'file:/data/h',
  ])('does not know %s', async (resource) => {
    await expect(idsBelow(resource)).rejects.toMatchObject({ code: 'resource.unknown' })
  })

  test('tells a type by content where it is asked to, for a listing and for one leaf', async () => {
    await writeFile(join(folder, 'fin/unnamed'), '[1, 2]')
    const root = { id: parseResourceId('file:/data/fin/'), folder: join(folder, 'fin'), types: [] }
    const types: string[] = []
    for (const detect of [undefined, ['extension', 'content']] as const) {
      const roots = [detect === undefined ? root : { ...root, detect }]
      const asked = createFileCatalogue({ roots, onUnnameable: () => undefined })
      const id = parseResourceId('file:/data/fin/unnamed')
      types.push((await asked.locate(id)).leaf.mediaType)
      for await (const leaf of asked.leaves(id, { signal })) types.push(leaf.mediaType)
    }
    expect(types).toEqual([
      'application/octet-stream',
      'application/octet-stream',
      'application/json',
      'application/json',
    ])
  })

  test('refuses roots below one another', () => {
    const root = (id: string) => ({ id: parseResourceId(id), folder, types: [] })
    expect(() =>
      createFileCatalogue({ roots: [root('file:/data/'), root('file:/data/hr/')], onUnnameable: () => undefined }),
    ).toThrow('lies below another root')
  })
})
