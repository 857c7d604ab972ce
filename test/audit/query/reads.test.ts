import { expect, test } from 'vitest'
import type { Filter } from '../../../src/audit/query/filter.ts'
import { readsOf } from '../../../src/audit/query/reads.ts'
import type { AuditEvent } from '../../../src/domain/audit-event.ts'
import { createTempFolder } from '../../support/temp-folder.ts'
import { all, event, everything, hash, logOf, openLog, writeLog } from './written-log.ts'

const about = (readId: string) => ({
  readId,
  tokenHash: hash('a1'),
  userId: 'Alice',
  resourceId: 'file:/data/hr/',
  leafId: `file:/data/hr/${readId}.avro`,
  context: { purpose: 'SALARY', case: '7' },
  revision: 'abcdef0123',
})
const started = (readId: string, at: number | string, more: Partial<AuditEvent> = {}) =>
  event('read.started', at, { ...about(readId), decision: 'permit', ...more })
const finished = (readId: string, at: number | string, more: Partial<AuditEvent> = {}) =>
  event('read.finished', at, {
    ...about(readId),
    decision: 'permit',
    recordsProcessed: 10,
    recordsReturned: 7,
    bytesWritten: 500,
    ...more,
  })
const told = async (events: readonly AuditEvent[], filter: Partial<Filter> = {}) =>
  (await all(readsOf(logOf(events), { ...everything, ...filter }))).map(({ readId, outcome }) => `${readId} ${outcome}`)

test('start and end of a read make one row, with what was counted and what was dropped', async () => {
  expect(await all(readsOf(logOf([started('one', 1), finished('one', 2)]), everything))).toEqual([
    {
      startedAt: '2026-11-25T00:00:01.000Z',
      endedAt: '2026-11-25T00:00:02.000Z',
      outcome: 'finished',
      userId: 'Alice',
      purpose: 'SALARY',
      leafId: 'file:/data/hr/one.avro',
      resourceId: 'file:/data/hr/',
      revision: 'abcdef0123',
      decision: 'permit',
      recordsProcessed: 10,
      recordsReturned: 7,
      recordsDropped: 3,
      bytesWritten: 500,
      tokenHash: hash('a1'),
      readId: 'one',
      context: { purpose: 'SALARY', case: '7' },
    },
  ])
})

test('a read that was cut has no decision of its start, unless policy cut it', async () => {
  const cut = (more: Partial<AuditEvent>) => event('read.aborted', 2, { ...about('one'), bytesWritten: 3, ...more })
  const [away] = await all(readsOf(logOf([started('one', 1), cut({ code: 'request.aborted' })]), everything))
  expect(away).toMatchObject({ outcome: 'aborted', code: 'request.aborted', bytesWritten: 3 })
  expect(away).not.toHaveProperty('decision')
  const reasons = [{ code: 'user.suspended' }]
  const denial = cut({ code: 'user.denied', decision: 'deny', reasons })
  const [denied] = await all(readsOf(logOf([started('one', 1), denial]), everything))
  expect(denied).toMatchObject({ outcome: 'aborted', code: 'user.denied', decision: 'deny', reasons })
})

test('the end may lie before the start in the log, as topics are written side by side', async () => {
  expect(await told([finished('one', 2), finished('two', 4), started('one', 1)])).toEqual([
    'one finished',
    'two finished',
  ])
})

test('a read without an end is unfinished, and is told last; one without a start has no time of it', async () => {
  const rows = await all(readsOf(logOf([started('one', 1), finished('two', 2)]), everything))
  expect(rows.map(({ readId, outcome, startedAt, endedAt }) => [readId, outcome, startedAt, endedAt])).toEqual([
    ['two', 'finished', undefined, '2026-11-25T00:00:02.000Z'],
    ['one', 'unfinished', '2026-11-25T00:00:01.000Z', undefined],
  ])
})

test('a read that was denied, and a call for a leaf with a token that is nobody’s, are refused reads', async () => {
  const denied = event('read.denied', 1, { ...about('one'), decision: 'deny', code: 'grant.unknown' })
  const stranger = event('request.refused', 2, { leafId: 'file:/x', code: 'token.unknown', decision: 'deny' })
  const door = event('request.refused', 3, { code: 'auth.invalid', decision: 'deny' })
  expect(await all(readsOf(logOf([denied, stranger, door]), everything))).toMatchObject([
    { readId: 'one', outcome: 'refused', code: 'grant.unknown', decision: 'deny' },
    { leafId: 'file:/x', outcome: 'refused', code: 'token.unknown' },
  ])
})

test('filters: any of one kind is enough, different kinds must all hold', async () => {
  const reasons = [{ code: 'break.glass' }]
  const events = [
    finished('one', 1),
    finished('two', 2, { userId: 'Bob', context: { purpose: '' }, reasons }),
    finished('three', 3, { userId: 'Eve', revision: 'ffff' }),
  ]
  expect(await told(events, { users: ['Alice', 'Bob'] })).toEqual(['one finished', 'two finished'])
  expect(await told(events, { users: ['Alice', 'Bob'], purposes: [''] })).toEqual(['two finished'])
  expect(await told(events, { revisions: ['abc'] })).toEqual(['one finished', 'two finished'])
  expect(await told(events, { reasons: ['break.glass'] })).toEqual(['two finished'])
  expect(await told(events, { reasons: ['break'] })).toEqual([])
  expect(await told(events, { resources: ['file:/data/hr/one.avro', 'file:/data/hr/three.avro'] })).toHaveLength(2)
})

test('a resource covers what lies below it by whole segments, with its slash or without', async () => {
  const events = [finished('one', 1)]
  for (const resource of ['file:/data/', 'file:/data', 'file:/data/hr/', 'file:/data/hr/one.avro'])
    expect(await told(events, { resources: [resource] })).toHaveLength(1)
  for (const resource of ['file:/data/h', 'file:/data/hr/one', 'file:/data/hr/one.avro/', 'file:/other/'])
    expect(await told(events, { resources: [resource] })).toEqual([])
})

test('a read lies within a time by its start or its end; the end itself is without', async () => {
  const events = [started('one', 10), finished('one', 20), started('two', 20), finished('two', 30), started('late', 35)]
  const at = (second: number) => `2026-11-25T00:00:${second}.000Z`
  expect(await told(events, { since: at(15) })).toEqual(['one finished', 'two finished', 'late unfinished'])
  expect(await told(events, { since: at(21) })).toEqual(['two finished', 'late unfinished'])
  expect(await told(events, { until: at(20) })).toEqual(['one finished'])
  expect(await told(events, { since: at(12), until: at(15) })).toEqual([])
})

test('of a folder only the days are opened that can matter, and a read past midnight keeps its two ends', async () => {
  await using place = await createTempFolder('reads')
  await writeLog(place.path, [
    started('before', '2026-11-23T10:00:00.000Z'),
    started('night', '2026-11-24T23:59:59.000Z'),
    finished('night', '2026-11-25T00:00:01.000Z'),
    started('next', '2026-11-25T23:59:59.000Z'),
    finished('next', '2026-11-26T00:00:01.000Z'),
    started('after', '2026-11-26T10:00:00.000Z'),
    finished('after', '2026-11-27T10:00:00.000Z'),
  ])
  const reading = await openLog(place.path)
  const filter = { ...everything, since: '2026-11-25T00:00:00.000Z', until: '2026-11-26T00:00:00.000Z' }
  const rows = await all(readsOf(reading, filter))
  expect(rows.map(({ readId, outcome, startedAt }) => [readId, outcome, startedAt])).toEqual([
    ['night', 'finished', '2026-11-24T23:59:59.000Z'],
    ['next', 'finished', '2026-11-25T23:59:59.000Z'],
  ])
  expect(reading.tally).toMatchObject({ files: 3, filesOutside: 2 })
})
