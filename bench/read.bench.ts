/** Reading the 10,000-record HR file through the guard, against a plain read and decode of the same file in the same process: in process, and over HTTP. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import avro from 'avsc'
import { generateFile } from '../examples/hr/generate.ts'
import { createEngineLoader, createFormats } from '../src/app/adapters.ts'
import { createClient } from '../src/cli/client.ts'
import { parseUserId } from '../src/domain/ids.ts'
import type { RecordPolicy, RecordSchema } from '../src/domain/record-policy.ts'
import type { User } from '../src/domain/records.ts'
import { parseResourceId } from '../src/domain/resource-id.ts'
import { createFileReader } from '../src/readers/file/file-reader.ts'
import { accessBundle, startHrPortcullis } from '../test/support/portcullis-process.ts'
import { createTempFolder } from '../test/support/temp-folder.ts'
import { type Row, report, round } from './support/statistics.ts'

const records = 10_000
const rounds = 9
const leafId = parseResourceId('file:/data/hr/employee_file0.avro')
const purpose = 'SALARY'

const users: readonly User[] = [
  { id: parseUserId('Alice'), active: true, roles: ['HR'], attributes: { training: ['PAYROLL_TRAINING_COURSE'] } },
  { id: parseUserId('Bob'), active: true, roles: ['ESTATES'], attributes: {} },
  { id: parseUserId('Eve'), active: true, roles: ['IT'], attributes: {} },
]

const folder = (await createTempFolder('bench-read')).path
await generateFile({ path: join(folder, 'employee_file0.avro'), records, seed: 1 })
const engine = (await createEngineLoader())(accessBundle)
const reader = createFileReader()
const format = (await createFormats({ bundle: accessBundle }))[0]!
const place = { scheme: 'file', root: folder, path: 'employee_file0.avro' }

/** What a program without any policy does: read the file, decode every record. */
async function plain(): Promise<number> {
  let count = 0
  const decoder = new avro.streams.BlockDecoder()
  const done = new Promise<void>((resolve, reject) => decoder.on('end', resolve).on('error', reject))
  decoder.on('data', () => count++)
  decoder.end(readFileSync(join(folder, 'employee_file0.avro')))
  await done
  return count
}

async function guarded(policyFor: (schema: RecordSchema) => RecordPolicy): Promise<number> {
  const signal = new AbortController().signal
  const source = await reader.open(place, { signal })
  let length = 0
  for await (const chunk of format.guard(source.bytes, { policyFor, counts: { processed: -1, returned: -1 }, signal }))
    length += chunk.length
  return length
}

const kinds = new Map<string, string>()
function policyOf(user: User): (schema: RecordSchema) => RecordPolicy {
  const leaf = { id: leafId, mediaType: 'avro/binary', recordType: 'Employee', attributes: {} }
  return (schema) => {
    const policy = engine.prepare({ user, context: { purpose }, leaf, now: Date.now() }, schema)
    kinds.set(user.id, policy.kind)
    return policy
  }
}

await using server = await startHrPortcullis({ dataFolder: folder, built: true })
const client = createClient({ server: server.url })
async function overHttp(userId: string): Promise<() => Promise<number>> {
  const token = await client.register({ userId, resourceId: leafId, context: { purpose } })
  for await (const _ of client.items(token));
  return async () => {
    let length = 0
    for await (const chunk of (await client.read(token, leafId)).bytes) length += chunk.length
    return length
  }
}

const cases: { readonly name: string; readonly run: () => Promise<unknown>; readonly times: number[] }[] = [
  { name: 'plain read + decode (avsc)', run: plain, times: [] },
  {
    name: 'in process, no record rule (bytes untouched)',
    run: () => guarded(() => ({ kind: 'untouched' })),
    times: [],
  },
]
for (const user of users) {
  cases.push({ name: `in process, ${user.id}`, run: () => guarded(policyOf(user)), times: [] })
  cases.push({ name: `over HTTP, ${user.id}`, run: await overHttp(user.id), times: [] })
}

// the cases take turns, so that what else the machine does meets all of them alike
for (let round = -2; round < rounds; round++)
  for (const { run, times } of cases) {
    const startedAt = performance.now()
    await run()
    if (round >= 0) times.push(performance.now() - startedAt)
  }

const median = (times: readonly number[]) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!
const base = median(cases[0]!.times)
const rows: Row[] = cases.map(({ name, times }) => ({
  case: name,
  decided: kinds.get(name.split(' ').at(-1)!) ?? '',
  'median ms': round(median(times)),
  'µs a record': round((median(times) * 1000) / records),
  'ratio to plain': round(median(times) / base),
}))
report('read', rows, { records, rounds, purpose })
await server.stop()
process.exit(0)
