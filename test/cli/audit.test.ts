/** `portcullis audit` over the log of a real server: what it is asked, whom it refuses, what is cut, and the process that is killed. */
import { spawn } from 'node:child_process'
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { generateFile } from '../../examples/hr/generate.ts'
import type { ReadRow, RequestRow, SummaryRow } from '../../src/app/audit.ts'
import { createClient } from '../../src/cli/client.ts'
import type { AuditEvent } from '../../src/domain/audit-event.ts'
import { hashToken } from '../../src/domain/token-hash.ts'
import { auditSchemaFile } from '../../tools/schemas.ts'
import { hrDataFolder, repositoryFolder, startPortcullis, writeHrConfig } from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'

/** Each question is a process of its own, on a busy machine. */
vi.setConfig({ testTimeout: 120_000 })

const folder = 'file:/data/hr/'
const first = `${folder}employee_file0.avro`
const second = `${folder}employee_file1.avro`
const long = `${folder}long/long_file0.avro`

let place: Awaited<ReturnType<typeof createTempFolder>>
let config: string
let log: string
const tokens: Record<'alice' | 'bob' | 'eve' | 'mallory' | 'cut' | 'killed', string> = {
  alice: '',
  bob: '',
  eve: '',
  mallory: '',
  cut: '',
  killed: '',
}
const stranger = '0c5e1a8e-6f0d-4f6c-9d0e-4b8e0f1c2d3a'

type Run = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

async function audit(args: readonly string[], input?: Uint8Array): Promise<Run> {
  const program = ['--import', 'tsx', join(repositoryFolder, 'src/cli/main.ts'), 'audit', ...args]
  const child = spawn(process.execPath, program, { cwd: repositoryFolder })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await ended, stdout, stderr }
}

async function rows<Row>(...args: readonly string[]): Promise<readonly Row[]> {
  const { stdout, stderr, code } = await audit([...args, log, '--format', 'ndjson'])
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  return linesOf(stdout).map((line) => JSON.parse(line) as Row)
}

const linesOf = (output: string) => output.split('\n').filter((line) => line !== '')

async function take(bytes: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0
  for await (const chunk of bytes) length += chunk.length
  return length
}

/** Begins a read, and leaves it when a part has come. */
async function beginRead(url: string, token: string): Promise<AbortController> {
  const leaving = new AbortController()
  const response = await fetch(new URL(`/api/v1/requests/${token}/read`, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ leafId: long }),
    signal: leaving.signal,
  })
  await response.body!.getReader().read()
  return leaving
}

const logged = async (what: string) =>
  (await Promise.all((await readdir(log)).map((name) => readFile(join(log, name), 'utf8')))).join('').includes(what)

beforeAll(async () => {
  place = await createTempFolder('audit-command')
  const dataFolder = join(place.path, 'data')
  await mkdir(join(dataFolder, 'long'), { recursive: true })
  for (const name of ['employee_file0.avro', 'employee_file1.avro'])
    await copyFile(join(hrDataFolder, name), join(dataFolder, name))
  await generateFile({ path: join(dataFolder, 'long/long_file0.avro'), records: 15_000, seed: 1 })
  config = await writeHrConfig(place.path, { dataFolder })
  log = join(place.path, 'audit')
  const server = await startPortcullis({ config })
  const client = createClient({ server: server.url })
  const ask = async (userId: string, purpose: string, resourceId: string = folder) => {
    const token = await client.register({ userId, resourceId, context: { purpose } })
    for await (const item of client.items(token)) if (item.kind === 'error') break
    return token
  }
  tokens.alice = await ask('Alice', 'SALARY')
  await take((await client.read(tokens.alice, first)).bytes)
  await take((await client.read(tokens.alice, second)).bytes)
  tokens.bob = await ask('Bob', 'DUTY_OF_CARE')
  await take((await client.read(tokens.bob, first)).bytes)
  await expect(client.read(tokens.bob, second)).rejects.toThrow()
  tokens.eve = await ask('Eve', 'SALARY')
  await take((await client.read(tokens.eve, first)).bytes)
  tokens.mallory = await ask('Mallory', 'SALARY')
  await client.revoke(tokens.alice)
  await expect(client.read(tokens.alice, first)).rejects.toThrow()
  await expect(client.read(stranger, first)).rejects.toThrow()
  await expect(client.revoke(stranger)).rejects.toThrow()
  tokens.cut = await ask('Alice', 'STAFF_REPORT', long)
  const cut = await beginRead(server.url, tokens.cut)
  cut.abort()
  await vi.waitUntil(() => logged('read.aborted'), { timeout: 20_000 })
  tokens.killed = await ask('Alice', 'DUTY_OF_CARE', long)
  await beginRead(server.url, tokens.killed)
  await server.kill()
}, 180_000)
afterAll(() => place?.[Symbol.asyncDispose]())

test('reads: each with who, what, what for, under which policies, how much, and how it ended', async () => {
  const reads = await rows<ReadRow>('reads')
  const told = reads.map(({ userId, purpose, leafId, outcome, code, recordsProcessed, recordsDropped, tokenHash }) => ({
    userId,
    purpose,
    leafId,
    outcome,
    code,
    counts: [recordsProcessed, recordsDropped],
    tokenHash,
  }))
  const none = [undefined, undefined]
  expect(told.slice(0, 7)).toEqual([
    {
      userId: 'Alice',
      purpose: 'SALARY',
      leafId: first,
      outcome: 'finished',
      code: undefined,
      counts: [5, 0],
      tokenHash: hashToken(tokens.alice),
    },
    {
      userId: 'Alice',
      purpose: 'SALARY',
      leafId: second,
      outcome: 'finished',
      code: undefined,
      counts: [5, 0],
      tokenHash: hashToken(tokens.alice),
    },
    {
      userId: 'Bob',
      purpose: 'DUTY_OF_CARE',
      leafId: first,
      outcome: 'finished',
      code: undefined,
      counts: [5, 0],
      tokenHash: hashToken(tokens.bob),
    },
    {
      userId: 'Bob',
      purpose: 'DUTY_OF_CARE',
      leafId: second,
      outcome: 'refused',
      code: 'grant.unknown',
      counts: none,
      tokenHash: hashToken(tokens.bob),
    },
    {
      userId: 'Eve',
      purpose: 'SALARY',
      leafId: first,
      outcome: 'finished',
      code: undefined,
      counts: [5, 5],
      tokenHash: hashToken(tokens.eve),
    },
    {
      userId: undefined,
      purpose: undefined,
      leafId: first,
      outcome: 'refused',
      code: 'token.unknown',
      counts: none,
      tokenHash: hashToken(tokens.alice),
    },
    {
      userId: undefined,
      purpose: undefined,
      leafId: first,
      outcome: 'refused',
      code: 'token.unknown',
      counts: none,
      tokenHash: hashToken(stranger),
    },
  ])
  expect(told.slice(7)).toMatchObject([
    { userId: 'Alice', purpose: 'STAFF_REPORT', leafId: long, outcome: 'aborted', code: 'request.aborted' },
    { userId: 'Alice', purpose: 'DUTY_OF_CARE', leafId: long, outcome: 'unfinished', code: undefined },
  ])
  for (const { outcome, revision, startedAt } of reads)
    if (outcome !== 'refused') {
      expect(revision).toMatch(/^[0-9a-f]{64}$/)
      expect(startedAt).toMatch(/^\d{4}-/)
    }
})

test('requests: who asked for what and what came of it, and calls that were turned away', async () => {
  const requests = await rows<RequestRow>('requests')
  expect(
    requests.map(
      ({ userId, purpose, resourceId, outcome, decision, code, leavesDelivered, leavesWithheld, ...row }) => [
        [userId, purpose, resourceId],
        [outcome, decision, code],
        [leavesDelivered, leavesWithheld],
        [row.readsFinished, row.readsAborted, row.readsRefused, row.readsUnfinished],
      ],
    ),
  ).toEqual([
    [
      ['Alice', 'SALARY', folder],
      ['permitted', 'permit', undefined],
      [3, 0],
      [2, 0, 0, 0],
    ],
    [
      ['Bob', 'DUTY_OF_CARE', folder],
      ['permitted', 'permit', undefined],
      [2, 1],
      [1, 0, 1, 0],
    ],
    [
      ['Eve', 'SALARY', folder],
      ['permitted', 'permit', undefined],
      [2, 1],
      [1, 0, 0, 0],
    ],
    [
      ['Mallory', 'SALARY', folder],
      ['refused', 'deny', 'user.denied'],
      [0, 0],
      [0, 0, 0, 0],
    ],
    [
      [undefined, undefined, undefined],
      ['refused', 'deny', 'token.unknown'],
      [0, 0],
      [0, 0, 0, 0],
    ],
    [
      ['Alice', 'STAFF_REPORT', long],
      ['permitted', 'permit', undefined],
      [1, 0],
      [0, 1, 0, 0],
    ],
    [
      ['Alice', 'DUTY_OF_CARE', long],
      ['permitted', 'permit', undefined],
      [1, 0],
      [0, 0, 0, 1],
    ],
  ])
  expect(requests[0]!.revokedAt).toMatch(/^\d{4}-/)
  expect(requests[1]!.reasons!.map(({ code }) => code)).toEqual(['hr.first_resource'])
  expect(requests[3]!.reasons!.map(({ code }) => code)).toEqual(['user.suspended'])
  expect(requests.filter(({ revisions }) => revisions.length === 1)).toHaveLength(6)
})

test('show: everything about one request in order of time, by the beginning of its hash, by its token, by a read', async () => {
  const hash = hashToken(tokens.alice)
  const events = await rows<AuditEvent>('show', hash)
  expect(events.map(({ kind }) => kind)).toEqual([
    'request.registered',
    ...Array.from({ length: 3 }, () => 'leaf.delivered'),
    'read.started',
    'read.finished',
    'read.started',
    'read.finished',
    'token.revoked',
    'request.refused',
  ])
  expect(await rows<AuditEvent>('show', hash.slice(0, 8))).toEqual(events)
  expect(await rows<AuditEvent>('show', tokens.alice)).toEqual(events)
  const { readId } = events.find(({ kind }) => kind === 'read.started')!
  expect((await rows<AuditEvent>('show', readId!)).map(({ kind }) => kind)).toEqual(['read.started', 'read.finished'])

  const { stdout } = await audit(['show', hashToken(tokens.mallory), log])
  expect(stdout).toContain(`Request ${hashToken(tokens.mallory)}\n  user        Mallory\n`)
  expect(stdout).toMatch(/request\.refused +Mallory .*user\.denied; because of user\.suspended/)
  expect(stdout).toContain('user.suspended: This account is suspended.')
  const nothing = await audit(['show', 'ffffffffffffffffffffffffffffffff', log])
  expect(nothing).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('nothing of it in 1 file') })
})

test('summary: counts of everything, then by user, purpose, resource and revision, or by what is asked', async () => {
  const summary = await rows<SummaryRow>('summary')
  expect(summary[0]).toMatchObject({
    by: [],
    requests: 6,
    requestsRefused: 2,
    leavesDelivered: 9,
    leavesWithheld: 2,
    readsFinished: 4,
    readsAborted: 1,
    readsRefused: 3,
    readsUnfinished: 1,
    revocations: 1,
  })
  expect(new Set(summary.map(({ by }) => by.join()))).toEqual(new Set(['', 'user', 'purpose', 'resource', 'revision']))
  const byBoth = await rows<SummaryRow>('summary', '--by', 'user,purpose', '--user', 'Eve', '--user', 'Bob')
  expect(
    byBoth.map(({ user, purpose, readsFinished, recordsDropped }) => [user, purpose, readsFinished, recordsDropped]),
  ).toEqual([
    [undefined, undefined, 2, 5],
    ['Bob', 'DUTY_OF_CARE', 1, 0],
    ['Eve', 'SALARY', 1, 5],
  ])
})

test('what is asked for is narrowed by user, resource, revision, reason, outcome, denial and time', async () => {
  const [{ revision }] = (await rows<ReadRow>('reads', '--user', 'Eve')) as [ReadRow]
  const found = async (...args: readonly string[]) =>
    (await rows<ReadRow>('reads', ...args)).map(({ userId, leafId, outcome }) => [userId, leafId, outcome])
  expect(await found('--user', 'Alice', '--resource', `${folder}long`, '--outcome', 'unfinished')).toEqual([
    ['Alice', long, 'unfinished'],
  ])
  expect(await found('--denied', '--reason', 'grant.unknown', '--user', 'Eve', '--user', 'Bob')).toEqual([
    ['Bob', second, 'refused'],
  ])
  const lately = ['--since', '1h', '--until', '2999-01-01', '--revision', revision!.slice(0, 12)]
  expect(await found(...lately)).toHaveLength(6)
  expect(await found('--until', '2020-01-01T00:00:00Z')).toEqual([])
  expect((await rows<RequestRow>('requests', '--denied')).map(({ userId }) => userId)).toEqual([
    'Bob',
    'Eve',
    'Mallory',
    undefined,
  ])
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

test('every line of JSON has its published shape, CSV has its fields as columns, and no answer has a token in it', async () => {
  const { $defs } = JSON.parse(await readFile(auditSchemaFile, 'utf8')) as { $defs: Record<string, object> }
  const shapes = { reads: 'read', requests: 'request', summary: 'summary' } as const
  const secrets = [...Object.values(tokens), stranger]
  for (const [command, shape] of Object.entries(shapes)) {
    const isShape = new Ajv2020({ strict: false }).compile<Record<string, unknown>>($defs[shape]!)
    const all = await rows<Record<string, unknown>>(command)
    for (const row of all) expect(isShape(row) ? undefined : isShape.errors).toBeUndefined()
    const csv = await audit([command, log, '--format', 'csv'])
    const lines = csv.stdout.split('\r\n')
    const names = Object.keys(($defs[shape] as { properties: object }).properties)
    expect(lines[0]!.split(',').sort()).toEqual(names.sort())
    expect(lines).toHaveLength(all.length + 2)
    const table = await audit([command, log])
    for (const output of [csv.stdout, table.stdout, JSON.stringify(all)])
      expect(secrets.filter((token) => output.includes(token))).toEqual([])
  }
  const isEvent = new Ajv2020({ strict: false }).compile($defs.event!)
  const events = await rows<AuditEvent>('show', tokens.alice)
  for (const event of events) expect(isEvent(event)).toBe(true)
  const { stdout } = await audit(['show', tokens.alice, log])
  expect(secrets.filter((token) => stdout.includes(token) || JSON.stringify(events).includes(token))).toEqual([])
})

test('the same log is read by the configuration, from files, rotated and gzipped, and from standard input', async () => {
  const [name] = (await readdir(log)) as [string]
  const bytes = await readFile(join(log, name))
  const expected = (await audit(['reads', '--config', config])).stdout
  expect((await audit(['reads', log])).stdout).toBe(expected)
  expect(linesOf(expected)).toHaveLength(11)
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
  const [name] = (await readdir(log)) as [string]
  const damaged = join(place.path, name)
  await writeFile(damaged, `{"half":\n${await readFile(join(log, name), 'utf8')}{"id":"1","kind":"read.started","ti`)
  const { stdout } = await audit(['reads', log])
  const lines = linesOf(await readFile(damaged, 'utf8')).length
  const warning = `portcullis: WARNING: 2 lines could not be read and are left out: ${damaged}:1 (no JSON), ${damaged}:${lines} (cut short)\n`
  expect(await audit(['reads', damaged])).toEqual({ code: 0, stdout, stderr: warning })
  expect(await audit(['reads', damaged, '--strict'])).toEqual({ code: 2, stdout, stderr: warning })
})

test('what callers state can neither steer a terminal nor become a formula', async () => {
  const registered = { id: '1', kind: 'request.registered', time: '2026-11-25T00:00:00.000Z', service: 'request' }
  const context = { purpose: '=HYPERLINK("http://x","\u001b[2J")\n' }
  const line = Buffer.from(JSON.stringify({ ...registered, tokenHash: hashToken(stranger), userId: 'Eve', context }))
  const table = await audit(['requests', '-'], line)
  expect(table.stdout).toContain('=HYPERLINK("http://x","\\u{1b}[2J")\\u{a}')
  expect(linesOf(table.stdout)).toHaveLength(3)
  const csv = await audit(['requests', '-', '--format', 'csv'], line)
  expect(csv.stdout).toContain(`,"'=HYPERLINK(""http://x"",""\u001b[2J"")\n",`)
})

test('docs/audit.md shows the tables as they are printed', async () => {
  const squeezed = (words: string) => words.replaceAll(/ +/gu, ' ')
  const document = squeezed(await readFile(join(repositoryFolder, 'docs/audit.md'), 'utf8'))
  const tables = [['reads'], ['requests'], ['summary', '--by', 'user,purpose'], ['show', hashToken(tokens.bob)]]
  for (const args of tables) {
    const { stdout } = await audit([...args, log])
    const heads = linesOf(stdout).filter((line) => /^(?:Time|Requests|User) /u.test(line))
    expect(heads).toHaveLength(args[0] === 'summary' ? 2 : 1)
    for (const head of heads) expect(document).toContain(squeezed(head))
  }
  const warning = /could not be read and are left out: \S+ \(no JSON\), \S+ \(cut short\)/u
  expect(document).toMatch(warning)
})
