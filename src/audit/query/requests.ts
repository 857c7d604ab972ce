/** Who asked for what: the events of one request become one row. A request is held until no event of it can follow, or the log ends. */
import type { AuditEvent } from '../../domain/audit-event.ts'
import type { Reason } from '../../domain/decision.ts'
import { coversAny, dayOf, type Filter, inPeriod, matches } from './filter.ts'
import { type IndexSet, noIndexes, sizeOf, withIndex } from './index-set.ts'
import type { LogReading } from './log-reading.ts'
import { compact, droppedOf, isRefusedRead } from './reads.ts'
import type { RequestRow } from './row-schemas.ts'
import { createShared, type Shared } from './shared-values.ts'

/** A token lives for 30 days at most; a day more for reads that go on, and clocks that differ. */
const tokenDaysMax = 31
const dayMs = 24 * 3600 * 1000
/** Held at once; beyond it the oldest is told as it is known then. */
export const requestsHeldMax = 500_000
/** Different ones of one request. */
const reasonsMax = 50
const none: readonly never[] = []

export type RequestNotes = {
  /** Requests of which the log has events, but which were registered before the time asked for, or before the log begins: with `since`, these are left out. */
  unregistered: number
  /** Told before all of the log was read. */
  early: number
}

/** Hundreds of thousands are held: of their events no more than is told. */
type Held = {
  readonly firstTime: string
  about: About
  state: 'call' | 'unregistered' | 'registered'
  refusedCode: string | undefined
  failedCode: string | undefined
  revokedAt: string | undefined
  isCovered: boolean
  reasons: readonly Reason[]
  revisions: readonly string[]
  delivered: IndexSet
  withheld: IndexSet
  started: number
  finished: number
  aborted: number
  denied: number
  returned: number
  dropped: number
  bytes: number
}

type About = Pick<AuditEvent, 'userId' | 'resourceId' | 'context' | 'tokenHash' | 'calls' | 'limit' | 'client'> & {
  readonly time: string | undefined
}

/** In the order of their first events. A request lies within the time asked for where its registration does; what became of it afterwards is told as well. */
export async function* requestsOf(
  reading: LogReading,
  filter: Filter,
  notes: RequestNotes = { unregistered: 0, early: 0 },
): AsyncGenerator<RequestRow> {
  const held = new Map<string, Held>()
  const shared = createShared()
  const told = (row: Held): readonly RequestRow[] => {
    if (row.state === 'unregistered') {
      notes.unregistered++
      if (filter.since !== undefined) return []
    }
    const built = rowOf(row)
    return row.isCovered && matches(filter, built) ? [built] : []
  }
  for await (const events of reading.events(outsideOfRequests(filter))) {
    for (const event of events) take({ held, filter, shared }, event)
    const latest = Date.parse(events.at(-1)!.time)
    for (const [key, row] of held) {
      const isOver = latest - Date.parse(row.firstTime) > tokenDaysMax * dayMs
      if (!isOver && held.size <= requestsHeldMax) break
      if (!isOver) notes.early++
      held.delete(key)
      yield* told(row)
    }
  }
  for (const row of held.values()) yield* told(row)
}

function outsideOfRequests({ since, until }: Filter): (day: string) => boolean {
  return (day) =>
    (since !== undefined && day < dayOf(since)) || (until !== undefined && day > dayOf(until, tokenDaysMax))
}

/** A call that was turned away and is no part of a request: whoever made it need not be its owner. */
function isCall({ kind, code }: AuditEvent): boolean {
  return kind === 'request.refused' && code?.startsWith('user.') !== true
}

type Taking = { readonly held: Map<string, Held>; readonly filter: Filter; readonly shared: Shared }

function take(taking: Taking, event: AuditEvent): void {
  const { held, filter } = taking
  const { kind, tokenHash, time } = event
  if (isRefusedRead(event)) return
  if (isCall(event)) {
    if (inPeriod(filter, time)) add(taking, create(taking, event.id, event, 'call'), event)
    return
  }
  // a read with somebody else's token is no part of that request
  if (tokenHash === undefined || (kind === 'read.denied' && event.code === 'token.unknown')) return
  const isOutside = filter.until !== undefined && time >= filter.until
  let row = held.get(tokenHash)
  if (row === undefined && isOutside) return
  if (kind === 'request.registered') {
    if (!inPeriod(filter, time)) return
    if (row?.state === 'registered') {
      // a token that a client chose, and registered again when the first request was forgotten
      held.delete(tokenHash)
      held.set(event.id, row)
      row = undefined
    }
  }
  add(taking, row ?? create(taking, tokenHash, event, 'unregistered'), event)
}

function create({ held, shared }: Taking, key: string, first: AuditEvent, state: Held['state']): Held {
  const row: Held = {
    firstTime: first.time,
    about: aboutOf(first, shared, undefined),
    state,
    refusedCode: undefined,
    failedCode: undefined,
    revokedAt: undefined,
    isCovered: false,
    reasons: none,
    revisions: none,
    delivered: noIndexes,
    withheld: noIndexes,
    started: 0,
    finished: 0,
    aborted: 0,
    denied: 0,
    returned: 0,
    dropped: 0,
    bytes: 0,
  }
  held.set(key, row)
  return row
}

function aboutOf(event: AuditEvent, shared: Shared, time: string | undefined): About {
  const { userId, resourceId, context, tokenHash, calls, limit, client } = event
  return {
    time,
    userId: shared(userId),
    resourceId: shared(resourceId),
    context: shared(context),
    tokenHash,
    ...(calls === undefined ? {} : { calls, limit }),
    ...(client === undefined ? {} : { client: shared(client) }),
  } as About
}

function add({ filter, shared }: Taking, row: Held, event: AuditEvent): void {
  row.isCovered ||= coversAny(filter, event.leafId, event.resourceId)
  const { revision, reasons = [] } = event
  // arrays as long as what they hold: one that grows takes room for more
  if (revision !== undefined && !row.revisions.includes(revision)) row.revisions = [...row.revisions, shared(revision)!]
  for (const reason of reasons) row.reasons = withReason(row.reasons, shared(reason)!)
  switch (event.kind) {
    case 'request.registered':
      row.state = 'registered'
      row.about = aboutOf(event, shared, event.time)
      break
    case 'request.refused':
      row.refusedCode = event.code
      if (row.state !== 'registered') row.about = aboutOf(event, shared, event.time)
      break
    case 'request.failed':
      row.failedCode ??= event.code
      break
    case 'leaf.delivered':
      row.delivered = withIndex(row.delivered, event.index ?? 0)
      break
    case 'leaf.withheld':
      row.withheld = withIndex(row.withheld, event.index ?? 0)
      break
    case 'token.revoked':
      row.revokedAt = event.time
      break
    case 'read.started':
      row.started++
      break
    case 'read.denied':
      row.denied++
      break
    case 'read.finished':
    case 'read.aborted':
      row[event.kind === 'read.finished' ? 'finished' : 'aborted']++
      row.returned += event.recordsReturned ?? 0
      row.dropped += droppedOf(event) ?? 0
      row.bytes += event.bytesWritten ?? 0
      break
    default:
  }
}

function withReason(known: readonly Reason[], reason: Reason): readonly Reason[] {
  if (known.length >= reasonsMax || known.includes(reason)) return known
  const text = JSON.stringify(reason)
  return known.some((one) => JSON.stringify(one) === text) ? known : [...known, reason]
}

function rowOf(row: Held): RequestRow {
  const { about, refusedCode, failedCode } = row
  const leavesDelivered = sizeOf(row.delivered)
  const leavesWithheld = sizeOf(row.withheld)
  const outcome = outcomeOf()
  return compact<RequestRow>({
    time: about.time,
    outcome,
    userId: about.userId,
    purpose: about.context?.purpose,
    resourceId: about.resourceId,
    decision: outcome === 'refused' ? 'deny' : outcome === 'permitted' ? 'permit' : undefined,
    code: refusedCode ?? failedCode,
    reasons: row.reasons.length === 0 ? undefined : row.reasons,
    revisions: [...row.revisions],
    leavesDelivered,
    leavesWithheld,
    readsFinished: row.finished,
    readsAborted: row.aborted,
    readsRefused: row.denied,
    readsUnfinished: Math.max(row.started - row.finished - row.aborted, 0),
    recordsReturned: row.returned,
    recordsDropped: row.dropped,
    bytesWritten: row.bytes,
    revokedAt: row.revokedAt,
    tokenHash: about.tokenHash,
    calls: about.calls,
    limit: about.limit,
    client: about.client,
    context: about.context,
  })

  function outcomeOf(): RequestRow['outcome'] {
    if (refusedCode !== undefined) return 'refused'
    if (leavesDelivered + row.started + row.finished + row.aborted > 0) return 'permitted'
    if (failedCode !== undefined) return 'failed'
    return leavesWithheld > 0 ? 'withheld' : 'registered'
  }
}
