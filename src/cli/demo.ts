/** `portcullis demo`: the HR example in this process; Alice, Bob, Eve and Mallory ask for the same files, and get what policy permits. */

import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { createClient } from './client.ts'
import { decodeAvro } from './decode-avro.ts'

const folder = 'file:/data/hr/'
const people = [
  { id: 'Alice', about: 'HR, trained for payroll' },
  { id: 'Bob', about: 'estates; manager of the first employee of each file' },
  { id: 'Eve', about: 'IT' },
  { id: 'Mallory', about: 'HR, account suspended' },
] as const
const purposes = ['SALARY', 'DUTY_OF_CARE', 'STAFF_REPORT', ''] as const

type Employee = Readonly<Record<string, unknown>>
type Client = ReturnType<typeof createClient>

export function demoCommand(): Command {
  return new Command('demo')
    .description('run the HR example: who gets what, for which purpose')
    .option(
      '--config <file>',
      'configuration of the HR example',
      fileURLToPath(new URL('../../examples/hr/portcullis.yaml', import.meta.url)),
    )
    .action(async (options: { config: string }) => {
      const { readConfig, startServer } = await loadProgram()
      const config = await readConfig(options.config, { LOG_LEVEL: 'error', ...process.env }, { listen: '127.0.0.1:0' })
      const originals = await readOriginals(config.catalogue.roots[0]!.folder!)
      await using server = await startServer(config, { quiet: true })
      const client = createClient({ server: server.url })
      print(
        `Portcullis: four people ask for ${folder}, which holds ${[...originals].map(([name, records]) => `${name} (${records.length} employees)`).join(' and ')}.`,
      )
      for (const person of people) {
        print(`\n${person.id} (${person.about})`)
        for (const purpose of person.id === 'Mallory' ? ['SALARY'] : purposes)
          await show(client, person.id, purpose, originals)
      }
      print(`\nEvery delivery, read and refusal is in the audit log: ${relative(process.cwd(), config.audit.folder)}`)
      print(`Ask it: bin/portcullis audit reads ${relative(process.cwd(), config.audit.folder)}`)
      print('Go on: make serve keeps this running on http://127.0.0.1:8080, with its API at /docs;')
      print('the rules are in policies/rules/hr/, and docs/writing-rules.md adds one.')
    })
}

/** On its own: the compiler leaves dynamic imports as they are in a function that has `await using`. */
async function loadProgram() {
  const [{ readConfig }, { startServer }] = await Promise.all([import('../app/config.ts'), import('../app/server.ts')])
  return { readConfig, startServer }
}

async function show(
  client: Client,
  userId: string,
  purpose: string,
  originals: ReadonlyMap<string, readonly Employee[]>,
): Promise<void> {
  const token = await client.register({ userId, resourceId: folder, context: { purpose } })
  print(`  purpose ${purpose === '' ? '"" (none given)' : purpose}`)
  let seen = 0
  for await (const item of client.items(token)) {
    if (item.kind === 'error') print(`    refused: ${item.failure.message}`)
    if (item.kind !== 'leaf') continue
    seen++
    const name = item.leaf.id.slice(folder.length)
    const { bytes } = await client.read(token, item.leaf.id)
    const records: Employee[] = []
    for await (const record of decodeAvro(bytes)) records.push(record as Employee)
    const total = originals.get(name)?.length ?? 0
    print(
      `    ${name}: ${records.length === total ? 'all' : records.length === 0 ? 'none' : records.length} of ${total} records`,
    )
    for (const line of summarize(records, originals.get(name) ?? [])) print(`      ${line}`)
  }
  const hidden = [...originals.keys()].length - seen
  if (seen > 0 && hidden > 0) print(`    (the other file does not exist for ${userId})`)
}

/** Records that were changed alike share a line. */
function summarize(records: readonly Employee[], originals: readonly Employee[]): string[] {
  const groups = new Map<string, number[]>()
  for (const record of records) {
    const index = originals.findIndex(({ uid }) => uid === record.uid)
    const change = describeChange(record, originals[index] ?? {})
    groups.set(change, [...(groups.get(change) ?? []), index])
  }
  return [...groups].map(
    ([change, indexes]) =>
      `${groups.size === 1 ? 'each record' : indexes.length === 1 ? `record ${indexes[0]}` : `records ${indexes.join(', ')}`}: ${change}`,
  )
}

function describeChange(record: Employee, original: Employee): string {
  const hidden: string[] = []
  const masked: string[] = []
  for (const [name, value] of Object.entries(record)) {
    if (JSON.stringify(value) === JSON.stringify(original[name])) continue
    if (value === null) hidden.push(name)
    else masked.push(typeof value === 'number' ? `${name} = ${value}` : name)
  }
  const parts = [
    hidden.length > 0 ? `hidden ${hidden.join(', ')}` : '',
    masked.length > 0 ? `masked ${masked.join(', ')}` : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? 'as it is' : parts.join('; ')
}

async function readOriginals(dataFolder: string): Promise<ReadonlyMap<string, readonly Employee[]>> {
  const originals = new Map<string, readonly Employee[]>()
  for (const name of (await readdir(dataFolder)).filter((file) => file.endsWith('.avro')).sort()) {
    const records: Employee[] = []
    for await (const record of decodeAvro(createReadStream(join(dataFolder, name)))) records.push(record as Employee)
    originals.set(name, records)
  }
  return originals
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
