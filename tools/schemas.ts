/** `tsx tools/schemas.ts`: writes schemas/config.json, the schema of the configuration file, for editors, and schemas/audit.json, those of what the audit log and `portcullis audit` say. Tests compare them with the sources. */
import { writeFile } from 'node:fs/promises'
import { configSchema } from '../src/app/config-schema.ts'
import { readRowSchema, requestRowSchema, summaryRowSchema } from '../src/audit/query/row-schemas.ts'
import { auditEventSchema } from '../src/bus/schemas.ts'

export const configSchemaFile = new URL('../schemas/config.json', import.meta.url)
export const auditSchemaFile = new URL('../schemas/audit.json', import.meta.url)

export function configSchemaText(): string {
  const document = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'portcullis.yaml',
    ...configSchema,
  }
  return `${JSON.stringify(document, undefined, 2)}\n`
}

export function auditSchemaText(): string {
  const document = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title:
      'A line of the audit log (event), and of portcullis audit --format ndjson (show: event, reads: read, requests: request, summary: summary)',
    $defs: { event: auditEventSchema, read: readRowSchema, request: requestRowSchema, summary: summaryRowSchema },
  }
  return `${JSON.stringify(document, undefined, 2)}\n`
}

if (import.meta.url === `file://${process.argv[1]}`) {
  await writeFile(configSchemaFile, configSchemaText())
  await writeFile(auditSchemaFile, auditSchemaText())
}
