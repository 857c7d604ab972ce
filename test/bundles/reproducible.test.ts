/** bundles/ and schemas/ are what policies/ builds to, byte for byte, wherever and whenever it is built. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { buildAccess } from '../../src/bundles/build-access.ts'
import { buildBundles } from '../../src/bundles/build-dataproduct.ts'
import { type BuiltFolder, compareFolders, foldersOf, writeFolders } from '../../src/bundles/bundle-folder.ts'
import type { Opa } from '../../src/bundles/opa.ts'
import { createTempFolder } from '../support/temp-folder.ts'
import { createCheckout, pinnedOpa, repository } from './support/checkout.ts'
import { createProductCheckout } from './support/product-checkout.ts'

let opa: Opa
let fresh: readonly BuiltFolder[]
beforeAll(async () => {
  opa = await pinnedOpa()
  fresh = foldersOf((await buildBundles(opa, repository)).bundles, opa.version)
}, 120_000)

test('a fresh build into another folder is byte-equal to what is committed', async () => {
  await using folder = await createTempFolder('bundles')
  await writeFolders(folder.path, fresh)
  for (const name of ['bundles', 'schemas/access']) {
    const built = readdirSync(join(folder.path, name)).sort()
    expect(built.length).toBeGreaterThan(2)
    expect(readdirSync(join(repository, name)).sort()).toEqual(built)
    for (const file of built)
      expect(
        readFileSync(join(repository, name, file)).equals(readFileSync(join(folder.path, name, file))),
        `${name}/${file}`,
      ).toBe(true)
  }
})

test('a build from another folder, at another time, is byte-equal too', async () => {
  await using checkout = await createProductCheckout()
  // how well access policies are tested is part of what products are judged by
  await cp(join(repository, 'opa-tests'), join(checkout.path, 'opa-tests'), { recursive: true })
  const again = foldersOf((await buildBundles(opa, checkout.path)).bundles, opa.version)
  expect(again).toEqual(fresh)
})

test('the lock file tells each bundle by its digest, and the OPA that made it', () => {
  const lock = JSON.parse(readFileSync(join(repository, 'bundles/bundles.lock.json'), 'utf8'))
  expect(lock.opa).toBe(opa.version)
  expect(Object.keys(lock.bundles)).toEqual([
    'access.tar.gz',
    'access-rego.tar.gz',
    'dataproduct.tar.gz',
    'dataproduct-rego.tar.gz',
  ])
  for (const [name, { sha256, bytes }] of Object.entries<{ sha256: string; bytes: number }>(lock.bundles)) {
    const content = readFileSync(join(repository, 'bundles', name))
    expect({ sha256, bytes }).toEqual({
      sha256: createHash('sha256').update(content).digest('hex'),
      bytes: content.length,
    })
  }
})

test('what differs is found: a changed file, a missing one, one too many', async () => {
  await using folder = await createTempFolder('bundles')
  await writeFolders(folder.path, fresh)
  expect(await compareFolders(folder.path, fresh)).toEqual([])
  await writeFile(join(folder.path, 'bundles/access.tar.gz.sig'), 'a signature')
  expect(await compareFolders(folder.path, fresh)).toEqual([])
  await writeFile(join(folder.path, 'bundles/access.tar.gz'), 'tampered')
  await rm(join(folder.path, 'bundles/access-rego.tar.gz'))
  await writeFile(join(folder.path, 'bundles/other.tar.gz'), '')
  expect(await compareFolders(folder.path, fresh)).toEqual([
    { file: 'bundles/access.tar.gz', what: 'different' },
    { file: 'bundles/access-rego.tar.gz', what: 'missing' },
    { file: 'bundles/other.tar.gz', what: 'unexpected' },
  ])
})

test.each([
  ['a rule', { 'rules/org/active/active.rego': (text: string) => text.replace('== true', '!= false') }],
  [
    'METADATA',
    { 'rules/org/active/active.rego': (text: string) => text.replace('Only active accounts', 'Active accounts only') },
  ],
  [
    'an attachment',
    { 'attachments/domain/hr/data.json': (text: string) => text.replace('["hr", "nationality"],', '') },
  ],
])('another revision names the policies after a change of %s', async (_, changes) => {
  await using checkout = await createCheckout(changes)
  const { bundles } = await buildAccess(opa, checkout.path)
  const before = JSON.parse(readFileSync(join(repository, 'bundles/bundles.lock.json'), 'utf8')).bundles[
    'access.tar.gz'
  ].revision
  expect(bundles).toHaveLength(2)
  expect(new Set(bundles.map(({ revision }) => revision)).size).toBe(1)
  expect(bundles[0]!.revision).not.toBe(before)
})
