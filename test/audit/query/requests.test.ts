import { expect, test } from 'vitest'
import type { Filter } from '../../../src/audit/query/filter.ts'
import { requestsOf } from '../../../src/audit/query/requests.ts'
import type { AuditEvent } from '../../../src/domain/audit-event.ts'
import { createTempFolder } from '../../support/temp-folder.ts'
import { all, event, everything, hash, logOf, openLog, writeLog } from './written-log.ts'

const about = (digits: string) => ({
  tokenHash: hash(digits),
  userId: 'Alice',
  resourceId: 'file:/data/hr/',
  context: { purpose: 'SALARY' },
})
const leaf = (name: string, index: number) => ({ leafId: `file:/data/hr/${name}`, index })
const registered = (digits: string, at: number | string) => event('request.registered', at, about(digits))
const rowsOf = (events: readonly AuditEvent[], filter: Partial<Filter> = {}, notes = { unregistered: 0, early: 0 }) =>
  all(requestsOf(logOf(events), { ...everything, ...filter }, notes))

test('everything of one request makes one row; a leaf that is listed again is counted once', async () => {
  const reasons = [{ code: 'hr.first_resource', rule: 'hr.first_resource' }]
  const read = { ...about('a1'), ...leaf('one', 0), readId: 'r1', revision: 'rev2' }
  const rows = await rowsOf([
    registered('a1', 1),
    event('leaf.delivered', 2, { ...about('a1'), ...leaf('one', 0), revision: 'rev1', decision: 'permit' }),
    event('leaf.delivered', 3, { ...about('a1'), ...leaf('one', 0), revision: 'rev1', decision: 'permit' }),
    event('leaf.delivered', 3, { ...about('a1'), ...leaf('far', 70_000), revision: 'rev1', decision: 'permit' }),
    event('leaf.withheld', 2, { ...about('a1'), ...leaf('two', 1), revision: 'rev1', decision: 'deny', reasons }),
    event('leaf.withheld', 2, { ...about('a1'), ...leaf('three', 2), revision: 'rev1', decision: 'deny', reasons }),
    event('read.started', 4, read),
    event('read.finished', 5, { ...read, recordsProcessed: 5, recordsReturned: 3, bytesWritten: 100 }),
    event('read.started', 6, read),
    event('read.aborted', 7, { ...read, bytesWritten: 10, code: 'request.aborted' }),
    event('read.started', 8, read),
    event('read.denied', 9, { ...about('a1'), ...leaf('two', 1), code: 'grant.unknown', decision: 'deny' }),
    event('token.revoked', 10, about('a1')),
  ])
  expect(rows).toEqual([
    {
      time: '2026-11-25T00:00:01.000Z',
      outcome: 'permitted',
      userId: 'Alice',
      purpose: 'SALARY',
      resourceId: 'file:/data/hr/',
      decision: 'permit',
      reasons,
      revisions: ['rev1', 'rev2'],
      leavesDelivered: 2,
      leavesWithheld: 2,
      readsFinished: 1,
      readsAborted: 1,
      readsRefused: 1,
      readsUnfinished: 1,
      recordsReturned: 3,
      recordsDropped: 2,
      bytesWritten: 110,
      revokedAt: '2026-11-25T00:00:10.000Z',
      tokenHash: hash('a1'),
      context: { purpose: 'SALARY' },
    },
  ])
})

test('outcomes: refused, failed, withheld, and registered where nothing else is in the log', async () => {
  const rows = await rowsOf([
    registered('a1', 1),
    event('request.refused', 2, { ...about('a1'), index: 0, code: 'user.denied', decision: 'deny' }),
    registered('a2', 3),
    event('request.failed', 4, { ...about('a2'), index: 0, code: 'resource.unknown' }),
    registered('a3', 5),
    event('leaf.withheld', 6, { ...about('a3'), ...leaf('one', 0), decision: 'deny' }),
    registered('a4', 7),
  ])
  expect(rows.map(({ outcome, decision, code }) => [outcome, decision, code])).toEqual([
    ['refused', 'deny', 'user.denied'],
    ['failed', undefined, 'resource.unknown'],
    ['withheld', undefined, undefined],
    ['registered', undefined, undefined],
  ])
})

test('a call that somebody else made with a token is a row of its own, and changes nothing of the request', async () => {
  const rows = await rowsOf([
    registered('a1', 1),
    event('request.refused', 2, { ...about('a1'), userId: 'Mallory', code: 'token.used', decision: 'deny' }),
    event('read.denied', 3, { ...about('a1'), ...leaf('one', 0), userId: 'Eve', code: 'token.unknown' }),
    event('request.refused', 4, { code: 'auth.invalid', decision: 'deny' }),
    event('request.refused', 5, {
      code: 'request.rate',
      decision: 'deny',
      limit: 'calls',
      calls: 12,
      client: '10.0.0.9',
    }),
  ])
  expect(
    rows.map(({ userId, outcome, code, calls, readsRefused }) => [userId, outcome, code, calls, readsRefused]),
  ).toEqual([
    ['Alice', 'registered', undefined, undefined, 0],
    ['Mallory', 'refused', 'token.used', undefined, 0],
    [undefined, 'refused', 'auth.invalid', undefined, 0],
    [undefined, 'refused', 'request.rate', 12, 0],
  ])
})

test('what follows its registration in time may lie before it in the log', async () => {
  const withheld = event('leaf.withheld', 2, { ...about('a1'), ...leaf('one', 0), decision: 'deny' })
  expect(await rowsOf([withheld, registered('a1', 1)])).toMatchObject([
    { time: '2026-11-25T00:00:01.000Z', outcome: 'withheld' },
  ])
})

test('a request whose registration the log lacks is told without its time, but not where a time is asked for', async () => {
  const delivered = event('leaf.delivered', 2, { ...about('a1'), ...leaf('one', 0), decision: 'permit' })
  const [row] = await rowsOf([delivered])
  expect(row).toMatchObject({ outcome: 'permitted', userId: 'Alice' })
  expect(row).not.toHaveProperty('time')
  const notes = { unregistered: 0, early: 0 }
  expect(await rowsOf([delivered], { since: '2026-11-25T00:00:00.000Z' }, notes)).toEqual([])
  expect(notes.unregistered).toBe(1)
})

test('a request lies within a time by its registration, and what became of it later is told as well', async () => {
  const events = [
    registered('a1', 10),
    registered('a2', 20),
    event('leaf.delivered', 40, { ...about('a1'), ...leaf('one', 0), decision: 'permit' }),
    event('leaf.delivered', 40, { ...about('a2'), ...leaf('one', 0), decision: 'permit' }),
  ]
  const at = (second: number) => `2026-11-25T00:00:${second}.000Z`
  const hashes = async (filter: Partial<Filter>) =>
    (await rowsOf(events, filter)).map(({ tokenHash, outcome }) => `${tokenHash?.slice(0, 2)} ${outcome}`)
  expect(await hashes({ until: at(20) })).toEqual(['a1 permitted'])
  expect(await hashes({ since: at(20) })).toEqual(['a2 permitted'])
  expect(await hashes({ since: at(10), until: at(21) })).toEqual(['a1 permitted', 'a2 permitted'])
})

test('a time to the end of all times leaves no file out', async () => {
  await using place = await createTempFolder('requests')
  await writeLog(place.path, [registered('a1', 1)])
  const filter = { ...everything, since: '1970-01-01T00:00:00.000Z', until: '9999-12-31T00:00:00.000Z' }
  expect(await all(requestsOf(await openLog(place.path), filter))).toHaveLength(1)
})

test('a resource finds requests for what lies below it, and those for more that came to a leaf of it', async () => {
  const events = [
    registered('a1', 1),
    event('leaf.withheld', 2, { ...about('a1'), ...leaf('one', 0), decision: 'deny' }),
    registered('a2', 3),
  ]
  const count = async (resource: string) => (await rowsOf(events, { resources: [resource] })).length
  expect(await count('file:/data/')).toBe(2)
  expect(await count('file:/data/hr/one')).toBe(1)
  expect(await count('file:/data/hr/two')).toBe(0)
})

test('a request is told as soon as no event of it can follow, a month later', async () => {
  const log = logOf([registered('a1', '2026-01-01T00:00:00.000Z'), registered('a2', '2026-03-01T00:00:00.000Z')])
  const rows = requestsOf(log, everything)
  expect((await rows.next()).value).toMatchObject({ tokenHash: hash('a1') })
  expect((await all(rows)).map(({ tokenHash }) => tokenHash)).toEqual([hash('a2')])
})

test('a token that is registered again, its first request being forgotten, names two requests', async () => {
  const delivered = (at: number) =>
    event('leaf.delivered', at, { ...about('a1'), ...leaf('one', 0), decision: 'permit' })
  const rows = await rowsOf([registered('a1', 1), delivered(2), registered('a1', 3)])
  expect(rows.map(({ time, outcome }) => [time, outcome])).toEqual([
    ['2026-11-25T00:00:01.000Z', 'permitted'],
    ['2026-11-25T00:00:03.000Z', 'registered'],
  ])
})
