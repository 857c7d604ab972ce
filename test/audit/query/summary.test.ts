import { expect, test } from 'vitest'
import type { Filter } from '../../../src/audit/query/filter.ts'
import { summarize } from '../../../src/audit/query/summary.ts'
import { event, everything, hash, logOf } from './written-log.ts'

const about = (userId: string, purpose: string) => ({
  tokenHash: hash('a1'),
  userId,
  resourceId: 'file:/data/hr/',
  context: { purpose },
})
const read = (userId: string, readId: string) => ({
  ...about(userId, 'SALARY'),
  readId,
  leafId: 'file:/data/hr/one',
  revision: 'rev1',
})
const events = [
  event('request.registered', 1, about('Alice', 'SALARY')),
  event('request.registered', 2, about('Bob', 'DUTY')),
  event('request.refused', 3, { ...about('Bob', 'DUTY'), code: 'user.denied', decision: 'deny' }),
  event('request.refused', 3, { code: 'request.rate', decision: 'deny', limit: 'calls', calls: 40 }),
  event('request.failed', 4, { ...about('Bob', 'DUTY'), code: 'source.unavailable' }),
  event('leaf.delivered', 5, { ...read('Alice', ''), decision: 'permit' }),
  event('leaf.withheld', 5, { ...about('Alice', 'SALARY'), leafId: 'file:/data/hr/two', decision: 'deny' }),
  event('read.started', 6, read('Alice', 'r1')),
  event('read.finished', 7, { ...read('Alice', 'r1'), recordsProcessed: 9, recordsReturned: 5, bytesWritten: 90 }),
  event('read.started', 8, read('Alice', 'r2')),
  event('read.aborted', 9, { ...read('Alice', 'r2'), bytesWritten: 5, code: 'request.aborted' }),
  event('read.denied', 10, { ...read('Bob', 'r3'), code: 'grant.unknown', decision: 'deny' }),
  event('read.started', 86_400, read('Alice', 'r4')),
  event('token.revoked', 86_401, about('Alice', 'SALARY')),
]
const summaryOf = (by: Parameters<typeof summarize>[2], filter: Partial<Filter> = {}) =>
  summarize(logOf(events), { ...everything, ...filter }, by)

test('everything is counted once, with the time it lies in', async () => {
  expect(await summaryOf([])).toEqual({
    from: '2026-11-25T00:00:01.000Z',
    to: '2026-11-26T00:00:01.000Z',
    total: {
      by: [],
      requests: 2,
      requestsRefused: 41,
      requestsFailed: 1,
      leavesDelivered: 1,
      leavesWithheld: 1,
      readsFinished: 1,
      readsAborted: 1,
      readsRefused: 1,
      readsUnfinished: 1,
      recordsReturned: 5,
      recordsDropped: 4,
      bytesWritten: 95,
      revocations: 1,
    },
    tables: [],
  })
})

test('a table has a row for each group, the most active first, and one for what names none; days are in order', async () => {
  const { tables } = await summaryOf([['user'], ['day', 'user'], ['leaf']])
  const [users, days, leaves] = tables
  expect(users!.map(({ user, requests, requestsRefused }) => [user, requests, requestsRefused])).toEqual([
    [undefined, 0, 40],
    ['Alice', 1, 0],
    ['Bob', 1, 1],
  ])
  expect(days!.map(({ day, user, readsUnfinished }) => [day, user, readsUnfinished])).toEqual([
    ['2026-11-25', undefined, 0],
    ['2026-11-25', 'Alice', 0],
    ['2026-11-25', 'Bob', 0],
    ['2026-11-26', 'Alice', 1],
  ])
  expect(leaves!.map(({ leaf }) => leaf)).toEqual([undefined, 'file:/data/hr/one', 'file:/data/hr/two'])
})

test('only what is asked for is counted', async () => {
  expect((await summaryOf([], { users: ['Bob'] })).total).toMatchObject({
    requests: 1,
    readsRefused: 1,
    revocations: 0,
  })
  expect((await summaryOf([], { until: '2026-11-25T00:00:05.000Z' })).total).toMatchObject({
    requests: 2,
    leavesDelivered: 0,
    readsFinished: 0,
  })
  const nothing = await summaryOf([['user']], { users: ['Nobody'] })
  expect(nothing).toMatchObject({ total: { requests: 0 }, tables: [[]] })
  expect(nothing.from).toBeUndefined()
})
