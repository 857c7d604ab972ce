/** schemas/dataproduct/ and validators/ are what the sources give, and what is published is enough to validate with. */
import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { dataproductSchemaFiles, rootFolder } from '../../../tools/dataproduct-schemas.ts'

const BUILD_TIMEOUT_MS = 120_000

describe('schemas/dataproduct and validators', () => {
  it(
    'equals a fresh build (tsx tools/dataproduct-schemas.ts)',
    async () => {
      const files = await dataproductSchemaFiles()
      for (const [name, content] of files) {
        expect(await readFile(new URL(name, rootFolder), 'utf8'), name).toBe(content)
      }
      const there = await readdir(new URL('validators/', rootFolder))
      expect(there.map((name) => `validators/${name}`).sort()).toEqual(
        [...files.keys()].filter((name) => name.startsWith('validators/')).sort(),
      )
    },
    BUILD_TIMEOUT_MS,
  )
})
