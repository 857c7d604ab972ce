import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { configSchemaFile, configSchemaText } from '../../tools/schemas.ts'

test('schemas/config.json is what the source says; `make bundles` writes it', async () => {
  expect(await readFile(configSchemaFile, 'utf8')).toBe(configSchemaText())
})
