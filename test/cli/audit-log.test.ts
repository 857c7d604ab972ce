/** Which log `portcullis audit` reads, what it says of a damaged one, and what it refuses. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { hashToken } from '../../src/domain/token-hash.ts'
import { event, writeLog } from '../audit/query/written-log.ts'
import { writeHrConfig } from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'
import { audit, linesOf } from './support/audit-command.ts'

/** Each question is a process of its own, on a busy machine. */
vi.setConfig({ testTimeout: 120_000 })

const name = 'audit-2026-11-25.ndjson'
let place: Awaited<ReturnType<typeof createTempFolder>>
let config: string
let log: string
let bytes: Buffer
beforeAll(async () => {
  place = await createTempFolder('audit-log')
  config = await writeHrConfig(place.path)
  log = join(place.path, 'audit')
  await mkdir(log)
  const reads = ['Alice', 'Bob', 'Eve'].map((userId, at) => ({
    readId: `read-${at}`,
    userId,
    leafId: 'file:/data/hr/employee_file0.avro',
    context: { purpose: 'SALARY' },
  }))
  const events = reads.flatMap((read, at) => [
    event('read.started', at * 10, read),
    event('read.finished', at * 10 + 5, { ...read, recordsProcessed: 5, recordsReturned: at, bytesWritten: 100 }),
  ])
  await writeLog(log, events)
  bytes = await readFile(join(log, name))
})
afterAll(() => place?.[Symbol.asyncDispose]())

test('the same log is read by the configuration, from files, rotated and gzipped, and from standard input', async () => {
  const expected = (await audit(['reads', '--config', config])).stdout
  expect((await audit(['reads', log])).stdout).toBe(expected)
  expect(linesOf(expected)).toHaveLength(5)
  const rotated = join(place.path, 'rotated')
  await mkdir(rotated)
  const middle = bytes.indexOf('\n', bytes.length / 2) + 1
  await writeFile(join(rotated, `${name}.1.gz`), gzipSync(bytes.subarray(0, middle)))
  await writeFile(join(rotated, name), bytes.subarray(middle))
  expect(await audit(['reads', rotated])).toEqual({ code: 0, stdout: expected, stderr: '' })
  expect(await audit(['reads', '-'], bytes)).toEqual({ code: 0, stdout: expected, stderr: '' })
  expect(await audit(['reads', '-'], gzipSync(bytes))).toEqual({ code: 0, stdout: expected, stderr: '' })
  const empty = await audit(['reads', place.path])
  expect(empty).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('holds no audit log') })
})

test('a damaged line is said with its place, and with --strict the exit code says it, too', async () => {
  const damaged = join(place.path, 'damaged')
  await writeFile(damaged, `{"half":\n${bytes.toString()}{"id":"1","kind":"read.started","ti`)
  const { stdout } = await audit(['reads', log])
  const lines = linesOf(await readFile(damaged, 'utf8')).length
  const warning = `portcullis: WARNING: 2 lines could not be read and are left out: ${damaged}:1 (no JSON), ${damaged}:${lines} (cut short)\n`
  expect(await audit(['reads', damaged])).toEqual({ code: 0, stdout, stderr: warning })
  expect(await audit(['reads', damaged, '--strict'])).toEqual({ code: 2, stdout, stderr: warning })
})

test('of a gzipped file that ends early it is said that all behind that place is missing', async () => {
  const file = join(place.path, 'early.gz')
  const packed = gzipSync(bytes)
  await writeFile(file, packed.subarray(0, packed.length - 12))
  const { code, stderr } = await audit(['reads', file, '--strict'])
  expect(code).toBe(2)
  expect(stderr).toMatch(
    /early\.gz:[0-9]+ \(this line and all behind it, as the compressed file is damaged or ends early\)\n$/u,
  )
})

test.each([
  [['reads', '--since', 'yesterday'], '--since yesterday: expected a time with its offset'],
  [['reads', '--since', '1h', '--until', '2h'], 'nothing lies between them'],
  [['reads', '--resource', '/data/hr'], 'resource.invalid'],
  [['reads', '--outcome', 'eaten'], 'Allowed choices are finished, aborted, refused, unfinished.'],
  [['summary', '--by', 'colour'], 'Allowed are user, purpose'],
  [['show', 'Alice'], 'the hash of its token'],
])('%j is refused with what to write instead', async (args, words) => {
  expect(await audit([...args, log])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(words) })
})

test('what callers state can neither steer a terminal nor become a formula', async () => {
  const registered = { id: '1', kind: 'request.registered', time: '2026-11-25T00:00:00.000Z', service: 'request' }
  const context = { purpose: '=HYPERLINK("http://x","\u001b[2J")\n' }
  const line = Buffer.from(JSON.stringify({ ...registered, tokenHash: hashToken('x'), userId: 'Eve', context }))
  const table = await audit(['requests', '-'], line)
  expect(table.stdout).toContain('=HYPERLINK("http://x","\\u{1b}[2J")\\u{a}')
  expect(linesOf(table.stdout)).toHaveLength(3)
  const csv = await audit(['requests', '-', '--format', 'csv'], line)
  expect(csv.stdout).toContain(`,"'=HYPERLINK(""http://x"",""\u001b[2J"")\n",`)
})

test('a call that was turned away shows from where it came', async () => {
  const call = event('request.refused', 1, { code: 'auth.missing', decision: 'deny', client: '203.0.113.7' })
  const { stdout } = await audit(['requests', '-'], Buffer.from(JSON.stringify(call)))
  expect(stdout).toMatch(/ refused +203\.0\.113\.7 .* auth\.missing\n/u)
})
