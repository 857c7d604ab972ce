/** `tsx tools/schemas.ts`: writes schemas/config.json, the schema of the configuration file, for editors. A test compares it with the source. */
import { writeFile } from 'node:fs/promises'
import { configSchema } from '../src/app/config-schema.ts'

export const configSchemaFile = new URL('../schemas/config.json', import.meta.url)

export function configSchemaText(): string {
  const document = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'portcullis.yaml',
    ...configSchema,
  }
  return `${JSON.stringify(document, undefined, 2)}\n`
}

if (import.meta.url === `file://${process.argv[1]}`) await writeFile(configSchemaFile, configSchemaText())
