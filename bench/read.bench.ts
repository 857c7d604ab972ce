/**
 * Reading HR files of 10,000 and 200,000 records through the guard, in process and over HTTP, against a plain read and decode of the same file. What is
 * measured comes out of `dist/`: `make build` first.
 */
import { createReadStream, readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import avro from 'avsc'
import { generateFile } from '../examples/hr/generate.ts'
import { createClient } from '../src/cli/client.ts'
import { parseUserId } from '../src/domain/ids.ts'
import type { RecordPolicy, RecordSchema } from '../src/domain/record-policy.ts'
import type { User } from '../src/domain/records.ts'
import { parseResourceId } from '../src/domain/resource-id.ts'
import { accessBundle, startHrPortcullis } from '../test/support/portcullis-process.ts'
import { createTempFolder } from '../test/support/temp-folder.ts'
import { built } from './support/built.ts'
import { distributionOf, type Row, report, round } from './support/statistics.ts'

const [{ createEngineLoader, createFormats }, { createFileReader }] = await Promise.all([
  built<typeof import('../src/app/adapters.ts')>('app/adapters'),
  built<typeof import('../src/readers/file/file-reader.ts')>('readers/file/file-reader'),
])

/** The large file has the blocks of the small one this often. */
const copies = 20
const files = [
  { name: 'employee_file0.avro', records: 10_000, rounds: 11, warmUps: 2 },
  { name: 'employee_file2.avro', records: 10_000 * copies, rounds: 2, warmUps: 0 },
] as const
type File = (typeof files)[number]
const purpose = 'SALARY'

const users: readonly User[] = [
  { id: parseUserId('Alice'), active: true, roles: ['HR'], attributes: { training: ['PAYROLL_TRAINING_COURSE'] } },
  { id: parseUserId('Bob'), active: true, roles: ['ESTATES'], attributes: {} },
  { id: parseUserId('Eve'), active: true, roles: ['IT'], attributes: {} },
]

const folder = (await createTempFolder('bench-read')).path
await generateFile({ path: join(folder, files[0].name), records: files[0].records, seed: 1 })
await repeat(join(folder, files[0].name), join(folder, files[1].name))
const engine = (await createEngineLoader())(accessBundle)
const reader = createFileReader()
const format = (await createFormats({ bundle: accessBundle }))[0]!

/** Its blocks again and again, after one header: where that ends is where its marker stands first. */
async function repeat(from: string, to: string): Promise<void> {
  const bytes = readFileSync(from)
  const header = bytes.indexOf(bytes.subarray(-16)) + 16
  const file = await open(to, 'w')
  await file.write(bytes.subarray(0, header))
  for (let count = 0; count < copies; count++) await file.write(bytes.subarray(header))
  await file.close()
}

/** What a program without any policy does: read the file, decode every record. */
async function plain({ name, records }: File): Promise<void> {
  let count = 0
  const decoder = new avro.streams.BlockDecoder()
  const done = new Promise<void>((resolve, reject) => decoder.on('end', resolve).on('error', reject))
  decoder.on('data', () => count++)
  createReadStream(join(folder, name), { highWaterMark: 256 * 1024 }).pipe(decoder)
  await done
  if (count !== records) throw new Error('not all records were read')
}

async function guarded({ name }: File, policyFor: (schema: RecordSchema) => RecordPolicy): Promise<void> {
  const signal = new AbortController().signal
  const source = await reader.open({ scheme: 'file', root: folder, path: name }, { signal })
  const counts = { processed: -1, returned: -1 }
  for await (const _ of format.guard(source.bytes, { policyFor, counts, signal }));
}

const kinds = new Map<string, string>()
function policyOf(user: User, file: File): (schema: RecordSchema) => RecordPolicy {
  const leaf = { id: leafOf(file), mediaType: 'avro/binary', recordType: 'Employee', attributes: {} }
  return (schema) => {
    const policy = engine.prepare({ user, context: { purpose }, leaf, now: Date.now() }, schema)
    kinds.set(user.id, policy.kind)
    return policy
  }
}

const leafOf = ({ name }: File) => parseResourceId(`file:/data/hr/${name}`)

await using server = await startHrPortcullis({ dataFolder: folder, built: true })
const client = createClient({ server: server.url })
async function overHttp(userId: string, file: File): Promise<() => Promise<void>> {
  const leafId = leafOf(file)
  const token = await client.register({ userId, resourceId: leafId, context: { purpose } })
  for await (const _ of client.items(token));
  return async () => {
    for await (const _ of (await client.read(token, leafId)).bytes);
  }
}

type Case = { readonly name: string; readonly run: () => Promise<void>; readonly times: number[] }

async function casesOf(file: File): Promise<readonly Case[]> {
  const cases: Case[] = [
    { name: 'plain read + decode (avsc)', run: () => plain(file), times: [] },
    {
      name: 'in process, no record rule (bytes untouched)',
      run: () => guarded(file, () => ({ kind: 'untouched' })),
      times: [],
    },
  ]
  for (const user of users) {
    cases.push({ name: `in process, ${user.id}`, run: () => guarded(file, policyOf(user, file)), times: [] })
    cases.push({ name: `over HTTP, ${user.id}`, run: await overHttp(user.id, file), times: [] })
  }
  return cases
}

const rows: Row[] = []
for (const file of files) {
  const cases = await casesOf(file)
  // the cases take turns, so that what else the machine does meets all of them alike
  for (let round = -file.warmUps; round < file.rounds; round++)
    for (const { run, times } of cases) {
      const startedAt = performance.now()
      await run()
      if (round >= 0) times.push(performance.now() - startedAt)
    }
  const [base, ...others] = cases.map(({ times }) => distributionOf(times))
  for (const [index, { min, p50 }] of [base!, ...others].entries())
    rows.push({
      records: file.records,
      case: cases[index]!.name,
      decided: kinds.get(cases[index]!.name.split(' ').at(-1)!) ?? '',
      'min µs a record': round((min * 1000) / file.records),
      'p50 µs a record': round((p50 * 1000) / file.records),
      'ratio to plain (min)': round(min / base!.min),
      '(p50)': round(p50 / base!.p50),
    })
}
report('read', rows, { purpose })
await server.stop()
process.exit(0)
