/** Who read what: the events of one read become one row, told when it ends; what never ends is told last. */
import type { AuditEvent } from '../../domain/audit-event.ts'
import { coversAny, dayOf, type Filter, inPeriod, matches } from './filter.ts'
import type { LogReading } from './log-reading.ts'
import type { ReadOutcome, ReadRow } from './row-schemas.ts'

/** Reads that wait for their other half: without an end they go on, or their process died; without a start it lies outside, or behind (the topics of a broker are read side by side). */
const waitingMax = 100_000

export type ReadPairs = {
  /** Rows that are complete by this event; they are filtered. */
  take(event: AuditEvent): readonly ReadRow[]
  /** At the end of the log. */
  rest(): readonly ReadRow[]
  /** Whether a read that began within the time asked for has not ended yet. */
  isWaiting(): boolean
}

/** In the order in which reads ended. A read lies within the time asked for where its start or its end does. */
export async function* readsOf(reading: LogReading, filter: Filter): AsyncGenerator<ReadRow> {
  const pairs = pairReads(filter)
  for await (const events of reading.events(outsideOfReads(filter, pairs)))
    for (const event of events) yield* pairs.take(event)
  yield* pairs.rest()
}

/** The day before belongs to it, for reads that went on past midnight; and those after it while one goes on. */
export function outsideOfReads({ since, until }: Filter, pairs: ReadPairs): (day: string) => boolean {
  return (day) =>
    (since !== undefined && day < dayOf(since, -1)) || (until !== undefined && day > dayOf(until) && !pairs.isWaiting())
}

export function pairReads(filter: Filter): ReadPairs {
  const started = new Map<string, AuditEvent>()
  const ended = new Map<string, AuditEvent>()
  const asked = (rows: readonly ReadRow[]) => rows.filter((row) => isAsked(filter, row))

  function start(event: AuditEvent, readId: string): readonly ReadRow[] {
    const end = ended.get(readId)
    if (end !== undefined) {
      ended.delete(readId)
      return [rowOf(event, end)]
    }
    if (filter.until !== undefined && event.time >= filter.until) return []
    started.set(readId, event)
    return overflowOf(started).map((oldest) => rowOf(oldest, undefined))
  }

  function end(event: AuditEvent, readId: string): readonly ReadRow[] {
    const begin = started.get(readId)
    if (begin !== undefined) {
      started.delete(readId)
      return [rowOf(begin, event)]
    }
    ended.set(readId, event)
    return overflowOf(ended).map((oldest) => rowOf(undefined, oldest))
  }

  return {
    take(event) {
      const { kind, readId } = event
      if (kind === 'read.denied' || isRefusedRead(event)) return asked([rowOf(undefined, event)])
      if (readId === undefined) return []
      if (kind === 'read.started') return asked(start(event, readId))
      if (kind === 'read.finished' || kind === 'read.aborted') return asked(end(event, readId))
      return []
    },
    rest() {
      const rows = [
        ...[...ended.values()].map((event) => rowOf(undefined, event)),
        ...[...started.values()].map((event) => rowOf(event, undefined)),
      ]
      started.clear()
      ended.clear()
      return asked(rows)
    },
    isWaiting: () => [...started.values()].some(({ time }) => inPeriod(filter, time)),
  }
}

/** A call for a leaf that did not get as far as a read: with a token that is nobody's. */
export function isRefusedRead({ kind, leafId }: AuditEvent): boolean {
  return kind === 'request.refused' && leafId !== undefined
}

/** The older half of what waits, taken out where there is too much: one by one would be slow. */
function overflowOf(waiting: Map<string, AuditEvent>): readonly AuditEvent[] {
  if (waiting.size <= waitingMax) return []
  const oldest = [...waiting].slice(0, waitingMax / 2)
  for (const [readId] of oldest) waiting.delete(readId)
  return oldest.map(([, event]) => event)
}

function isAsked(filter: Filter, row: ReadRow): boolean {
  const { startedAt, endedAt, revision, leafId, resourceId } = row
  return (
    (inPeriod(filter, startedAt) || inPeriod(filter, endedAt)) &&
    coversAny(filter, leafId ?? resourceId) &&
    matches(filter, { ...row, revisions: revision === undefined ? [] : [revision] })
  )
}

const outcomes: Readonly<Partial<Record<AuditEvent['kind'], ReadOutcome>>> = {
  'read.finished': 'finished',
  'read.aborted': 'aborted',
}

function rowOf(start: AuditEvent | undefined, end: AuditEvent | undefined): ReadRow {
  const { userId, context, leafId, resourceId, revision, tokenHash, readId, code, decision, reasons, ...counts } = {
    ...start,
    ...end,
  }
  const { recordsProcessed, recordsReturned, bytesWritten } = counts
  return compact<ReadRow>({
    startedAt: start?.time,
    endedAt: end?.time,
    outcome: end === undefined ? 'unfinished' : (outcomes[end.kind] ?? 'refused'),
    userId,
    purpose: context?.purpose,
    leafId,
    resourceId,
    revision,
    // a read that was cut was permitted when it began: that is no decision about its end
    decision: end?.kind === 'read.aborted' ? end.decision : decision,
    code,
    reasons,
    recordsProcessed,
    recordsReturned,
    recordsDropped: droppedOf({ recordsProcessed, recordsReturned }),
    bytesWritten,
    tokenHash,
    readId,
    context,
  })
}

type Counts = { readonly recordsProcessed?: number | undefined; readonly recordsReturned?: number | undefined }

export function droppedOf({ recordsProcessed, recordsReturned }: Counts): number | undefined {
  if (recordsProcessed === undefined || recordsReturned === undefined) return undefined
  return Math.max(recordsProcessed - recordsReturned, 0)
}

/** Without what is undefined. */
export function compact<Row extends object>(row: { [Key in keyof Required<Row>]: Row[Key] | undefined }): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as Row
}
