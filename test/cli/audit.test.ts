/** `portcullis audit` over the log of a real server: what it is asked, whom it refuses, what is cut, and the process that is killed. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { ReadRow, RequestRow, SummaryRow } from '../../src/app/audit.ts'
import type { AuditEvent } from '../../src/domain/audit-event.ts'
import { hashToken } from '../../src/domain/token-hash.ts'
import { auditSchemaFile } from '../../tools/schemas.ts'
import { repositoryFolder } from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'
import { audit, auditRows, linesOf } from './support/audit-command.ts'
import { first, folder, long, type RecordedLog, recordLog, second, stranger } from './support/recorded-log.ts'

/** Each question is a process of its own, on a busy machine. */
vi.setConfig({ testTimeout: 120_000 })

let place: Awaited<ReturnType<typeof createTempFolder>>
let recorded: RecordedLog
beforeAll(async () => {
  place = await createTempFolder('audit-command')
  recorded = await recordLog(place.path)
}, 180_000)
afterAll(() => place?.[Symbol.asyncDispose]())

const rows = <Row>(...args: readonly string[]) => auditRows<Row>(args, recorded.log)

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
      tokenHash: hashToken(recorded.tokens.alice),
    },
    {
      userId: 'Alice',
      purpose: 'SALARY',
      leafId: second,
      outcome: 'finished',
      code: undefined,
      counts: [5, 0],
      tokenHash: hashToken(recorded.tokens.alice),
    },
    {
      userId: 'Bob',
      purpose: 'DUTY_OF_CARE',
      leafId: first,
      outcome: 'finished',
      code: undefined,
      counts: [5, 0],
      tokenHash: hashToken(recorded.tokens.bob),
    },
    {
      userId: 'Bob',
      purpose: 'DUTY_OF_CARE',
      leafId: second,
      outcome: 'refused',
      code: 'grant.unknown',
      counts: none,
      tokenHash: hashToken(recorded.tokens.bob),
    },
    {
      userId: 'Eve',
      purpose: 'SALARY',
      leafId: first,
      outcome: 'finished',
      code: undefined,
      counts: [5, 5],
      tokenHash: hashToken(recorded.tokens.eve),
    },
    {
      userId: undefined,
      purpose: undefined,
      leafId: first,
      outcome: 'refused',
      code: 'token.unknown',
      counts: none,
      tokenHash: hashToken(recorded.tokens.alice),
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
  const hash = hashToken(recorded.tokens.alice)
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
  expect(await rows<AuditEvent>('show', recorded.tokens.alice)).toEqual(events)
  const { readId } = events.find(({ kind }) => kind === 'read.started')!
  expect((await rows<AuditEvent>('show', readId!)).map(({ kind }) => kind)).toEqual(['read.started', 'read.finished'])

  const { stdout } = await audit(['show', hashToken(recorded.tokens.mallory), recorded.log])
  expect(stdout).toContain(`Request ${hashToken(recorded.tokens.mallory)}\n  user        Mallory\n`)
  expect(stdout).toMatch(/request\.refused +Mallory .*user\.denied; because of user\.suspended/)
  expect(stdout).toContain('user.suspended: This account is suspended.')
  const nothing = await audit(['show', 'ffffffffffffffffffffffffffffffff', recorded.log])
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

test('every line of JSON has its published shape, CSV has its fields as columns, and no answer has a token in it', async () => {
  const { $defs } = JSON.parse(await readFile(auditSchemaFile, 'utf8')) as { $defs: Record<string, object> }
  const shapes = { reads: 'read', requests: 'request', summary: 'summary' } as const
  const secrets = [...Object.values(recorded.tokens), stranger]
  for (const [command, shape] of Object.entries(shapes)) {
    const isShape = new Ajv2020({ strict: false }).compile<Record<string, unknown>>($defs[shape]!)
    const all = await rows<Record<string, unknown>>(command)
    for (const row of all) expect(isShape(row) ? undefined : isShape.errors).toBeUndefined()
    const csv = await audit([command, recorded.log, '--format', 'csv'])
    const lines = csv.stdout.split('\r\n')
    const names = Object.keys(($defs[shape] as { properties: object }).properties)
    expect(lines[0]!.split(',').sort()).toEqual(names.sort())
    expect(lines).toHaveLength(all.length + 2)
    const table = await audit([command, recorded.log])
    for (const output of [csv.stdout, table.stdout, JSON.stringify(all)])
      expect(secrets.filter((token) => output.includes(token))).toEqual([])
  }
  const isEvent = new Ajv2020({ strict: false }).compile($defs.event!)
  const events = await rows<AuditEvent>('show', recorded.tokens.alice)
  for (const event of events) expect(isEvent(event)).toBe(true)
  const { stdout } = await audit(['show', recorded.tokens.alice, recorded.log])
  expect(secrets.filter((token) => stdout.includes(token) || JSON.stringify(events).includes(token))).toEqual([])
})

test('docs/audit.md shows the tables as they are printed', async () => {
  const squeezed = (words: string) => words.replaceAll(/ +/gu, ' ')
  const document = squeezed(await readFile(join(repositoryFolder, 'docs/audit.md'), 'utf8'))
  const tables = [
    ['reads'],
    ['requests'],
    ['summary', '--by', 'user,purpose'],
    ['show', hashToken(recorded.tokens.bob)],
  ]
  for (const args of tables) {
    const { stdout } = await audit([...args, recorded.log])
    const heads = linesOf(stdout).filter((line) => /^(?:Time|Requests|User) /u.test(line))
    expect(heads).toHaveLength(args[0] === 'summary' ? 2 : 1)
    for (const head of heads) expect(document).toContain(squeezed(head))
  }
  const warning = /could not be read and are left out: \S+ \(no JSON\), \S+ \(cut short\)/u
  expect(document).toMatch(warning)
})
