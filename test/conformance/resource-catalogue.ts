/** What every resource catalogue does, sentence by sentence of its port. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ResourceCatalogue } from '../../src/catalogue/resource-catalogue.ts'
import { parseResourceId } from '../../src/domain/resource-id.ts'

export type ResourceCatalogueHarness = AsyncDisposable & {
  readonly catalogue: ResourceCatalogue
  /** The id under which all leaves lie; ends in `/`. */
  readonly root: string
}

/** What `start` is to make leaves of, relative to the root. */
export const cataloguePaths = ['b.avro', 'a/z.json', 'a.txt', 'a/A.json', 'ümlaut.txt', 'deep/er/x'] as const

/** The paths, and what there is to say of them. */
export type CatalogueLayout = {
  readonly paths: readonly string[]
  readonly folder: string
  readonly below: readonly string[]
  readonly unknown: readonly string[]
}

const files: CatalogueLayout = {
  paths: cataloguePaths,
  folder: 'a/',
  below: ['a/A.json', 'a/z.json'],
  unknown: ['none', 'none/', 'a', 'b.avro/', 'B.avro', 'deep/er'],
}

const signal = new AbortController().signal

export function describeResourceCatalogue(
  name: string,
  start: (paths: readonly string[]) => Promise<ResourceCatalogueHarness>,
  { paths, folder, below, unknown }: CatalogueLayout = files,
): void {
  describe(name, () => {
    let harness: ResourceCatalogueHarness
    beforeAll(async () => {
      harness = await start(paths)
    })
    afterAll(() => harness?.[Symbol.asyncDispose]())

    async function idsBelow(path: string): Promise<string[]> {
      const ids: string[] = []
      const resource = parseResourceId(harness.root + path)
      for await (const leaf of harness.catalogue.leaves(resource, { signal })) ids.push(leaf.id)
      return ids
    }

    const sorted = () => paths.map((path) => harness.root + path).sort()

    test('lists every leaf once, sorted by id, the same each time', async () => {
      expect(await idsBelow('')).toEqual(sorted())
      expect(await idsBelow('')).toEqual(await idsBelow(''))
    })

    test('lists what lies below a folder, by segment and not by letters', async () => {
      expect(await idsBelow(folder)).toEqual(below.map((path) => harness.root + path))
    })

    test('lists and locates a leaf by its own id', async () => {
      for (const id of sorted()) {
        const { leaf, place } = await harness.catalogue.locate(parseResourceId(id))
        expect(leaf).toMatchObject({ id, mediaType: expect.stringContaining('/'), recordType: expect.any(String) })
        expect(place.scheme).not.toBe('')
        expect(await idsBelow(id.slice(harness.root.length))).toEqual([id])
      }
    })

    test.each(unknown)('does not know %s', async (path) => {
      await expect(idsBelow(path)).rejects.toMatchObject({ code: 'resource.unknown' })
    })

    test('a folder is no leaf', async () => {
      await expect(harness.catalogue.locate(parseResourceId(harness.root + folder))).rejects.toMatchObject({
        code: 'resource.unknown',
      })
    })
  })
}
