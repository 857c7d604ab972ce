import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { readRowSchema, requestRowSchema, summaryRowSchema } from '../../../src/audit/query/row-schemas.ts'
import { auditEventSchema } from '../../../src/bus/schemas.ts'
import { auditSchemaFile, auditSchemaText } from '../../../tools/schemas.ts'

test('schemas/audit.json is what the source says; `make bundles` writes it', async () => {
  expect(await readFile(auditSchemaFile, 'utf8')).toBe(auditSchemaText())
})

/** The names in the first column of the table below a heading. */
function documented(document: string, heading: string): readonly string[] {
  const section = document.split(/^#+ /mu).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...line.split('|')[1]!.matchAll(/`([^`]+)`/gu)].map((match) => match[1]!))
}

test.each([
  ['Fields of an event', auditEventSchema],
  ['Fields of a read', readRowSchema],
  ['Fields of a request', requestRowSchema],
  ['Fields of a summary', summaryRowSchema],
])('docs/audit.md: %s', async (heading, schema) => {
  const document = await readFile(new URL('../../../docs/audit.md', import.meta.url), 'utf8')
  expect([...documented(document, heading)].sort()).toEqual(Object.keys(schema.properties).sort())
})

test('docs/audit.md: every kind of event', async () => {
  const { errorKinds, successKinds } = await import('../../../src/domain/audit-event.ts')
  const document = await readFile(new URL('../../../docs/audit.md', import.meta.url), 'utf8')
  expect([...documented(document, 'Events')].sort()).toEqual([...successKinds, ...errorKinds].sort())
})
