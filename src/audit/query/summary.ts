/** Counts over an audit log, by whatever is asked: a group a row. */
import type { AuditEvent } from '../../domain/audit-event.ts'
import { coversAny, type Filter, inPeriod, matches } from './filter.ts'
import type { LogReading } from './log-reading.ts'
import { isRefusedRead, outsideOfReads, pairReads } from './reads.ts'
import type { Dimension, ReadOutcome, ReadRow, SummaryRow } from './row-schemas.ts'

/** Of one table; what comes beyond is counted in one group. */
export const groupsMax = 100_000
export const otherGroups = '(others)'

export type Summary = {
  /** Of the first and the last event that was counted. */
  readonly from?: string
  readonly to?: string
  readonly total: SummaryRow
  /** One for each list of dimensions, in its order. The most active group is first; days are in their order. */
  readonly tables: readonly (readonly SummaryRow[])[]
}

const none = {
  requests: 0,
  requestsRefused: 0,
  requestsFailed: 0,
  leavesDelivered: 0,
  leavesWithheld: 0,
  readsFinished: 0,
  readsAborted: 0,
  readsRefused: 0,
  readsUnfinished: 0,
  recordsReturned: 0,
  recordsDropped: 0,
  bytesWritten: 0,
  revocations: 0,
} as const satisfies Omit<SummaryRow, 'by' | Dimension>

type Counts = { -readonly [Name in keyof typeof none]: number }
type Change = Partial<Counts>
type Group = Partial<Record<Dimension, string>>

const readCounts: Readonly<Record<ReadOutcome, keyof Counts>> = {
  finished: 'readsFinished',
  aborted: 'readsAborted',
  refused: 'readsRefused',
  unfinished: 'readsUnfinished',
}

export async function summarize(
  reading: LogReading,
  filter: Filter,
  by: readonly (readonly Dimension[])[],
): Promise<Summary> {
  const pairs = pairReads(filter)
  const total = createTable([])
  const tables = [total, ...by.map(createTable)]
  let from: string | undefined
  let to: string | undefined

  function count(group: Group, change: Change, times: readonly (string | undefined)[]): void {
    for (const table of tables) table.add(group, change)
    for (const time of times) {
      if (time === undefined) continue
      if (from === undefined || time < from) from = time
      if (to === undefined || time > to) to = time
    }
  }
  const countRead = (row: ReadRow) => count(groupOfRead(row), changeOfRead(row), [row.startedAt, row.endedAt])

  for await (const events of reading.events(outsideOfReads(filter, pairs)))
    for (const event of events) {
      for (const row of pairs.take(event)) countRead(row)
      const change = changeOf(event)
      if (change !== undefined && isAsked(filter, event)) count(groupOf(event), change, [event.time])
    }
  for (const row of pairs.rest()) countRead(row)
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    total: total.rows()[0] ?? { by: [], ...none },
    tables: tables.slice(1).map((table) => table.rows()),
  }
}

function changeOf(event: AuditEvent): Change | undefined {
  switch (event.kind) {
    case 'request.registered':
      return { requests: 1 }
    case 'request.refused':
      return isRefusedRead(event) ? undefined : { requestsRefused: event.calls ?? 1 }
    case 'request.failed':
      return { requestsFailed: 1 }
    case 'leaf.delivered':
      return { leavesDelivered: 1 }
    case 'leaf.withheld':
      return { leavesWithheld: 1 }
    case 'token.revoked':
      return { revocations: 1 }
    default:
      return undefined
  }
}

function changeOfRead({ outcome, recordsReturned = 0, recordsDropped = 0, bytesWritten = 0 }: ReadRow): Change {
  return { [readCounts[outcome]]: 1, recordsReturned, recordsDropped, bytesWritten }
}

function isAsked(filter: Filter, event: AuditEvent): boolean {
  const { time, leafId, resourceId, revision, context } = event
  const revisions = revision === undefined ? [] : [revision]
  return (
    inPeriod(filter, time) &&
    coversAny(filter, leafId ?? resourceId) &&
    matches(filter, { ...event, purpose: context?.purpose, revisions })
  )
}

function groupOf({ userId, context, resourceId, leafId, revision, time }: AuditEvent): Group {
  return groupWith({ user: userId, purpose: context?.purpose, resource: resourceId, leaf: leafId, revision, day: time })
}

function groupOfRead({ userId, purpose, resourceId, leafId, revision, startedAt, endedAt }: ReadRow): Group {
  const day = startedAt ?? endedAt
  return groupWith({ user: userId, purpose, resource: resourceId, leaf: leafId, revision, day })
}

function groupWith(values: Readonly<Record<Dimension, string | undefined>>): Group {
  const { day, ...others } = values
  return { ...(others as Group), ...(day === undefined ? {} : { day: day.slice(0, 'YYYY-MM-DD'.length) }) }
}

function createTable(by: readonly Dimension[]) {
  const groups = new Map<string, { readonly group: Group; readonly counts: Counts }>()
  const overflow: Group = Object.fromEntries(by.map((dimension) => [dimension, otherGroups]))
  return {
    add(values: Group, change: Change): void {
      const group = Object.fromEntries(
        by.flatMap((dimension) => (values[dimension] === undefined ? [] : [[dimension, values[dimension]]])),
      ) as Group
      const key = JSON.stringify(group)
      const isNew = !groups.has(key)
      const counted = isNew && groups.size >= groupsMax ? overflow : group
      const counts = countsOf(counted)
      for (const [name, more] of Object.entries(change) as [keyof Counts, number][]) counts[name] += more
    },
    rows(): readonly SummaryRow[] {
      const rows = [...groups.values()].map(({ group, counts }) => ({ by: [...by], ...group, ...counts }))
      return rows.sort(
        (a, b) => (by[0] === 'day' ? compareText(a, b) : activityOf(b) - activityOf(a)) || compareText(a, b),
      )
    },
  }

  function countsOf(group: Group): Counts {
    const key = JSON.stringify(group)
    const known = groups.get(key)
    if (known !== undefined) return known.counts
    const counts = { ...none }
    groups.set(key, { group, counts })
    return counts
  }

  function compareText(a: SummaryRow, b: SummaryRow): number {
    for (const dimension of by) {
      const [left, right] = [a[dimension] ?? '', b[dimension] ?? '']
      if (left !== right) return left < right ? -1 : 1
    }
    return 0
  }
}

function activityOf({ requests, requestsRefused, ...row }: SummaryRow): number {
  return requests + requestsRefused + row.readsFinished + row.readsAborted + row.readsRefused + row.readsUnfinished
}
