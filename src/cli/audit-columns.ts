/** What of a read and of a request is printed, and where. */
import type { ReadRow, RequestRow } from '../app/audit.ts'
import type { Reason } from '../domain/decision.ts'
import { type RowForm, shown } from './audit-output.ts'

const shortLength = 12

/** Of a revision, or of the hash of a token: enough to be told from others, and to be asked for. */
export const short = (text: string | undefined) => shown(text?.slice(0, shortLength))

export const readForm: RowForm<ReadRow> = {
  columns: [
    { head: 'Time', cell: ({ startedAt, endedAt }) => shown(startedAt ?? endedAt) },
    { head: 'Outcome', cell: ({ outcome }) => outcome },
    { head: 'User', cell: ({ userId }) => shown(userId) },
    { head: 'Purpose', cell: ({ purpose }) => shown(purpose) },
    { head: 'Leaf', cell: ({ leafId, resourceId }) => shown(leafId ?? resourceId) },
    { head: 'Records', cell: recordsOf, toTheRight: true },
    { head: 'Bytes', cell: ({ bytesWritten }) => shown(bytesWritten?.toString()), toTheRight: true },
    { head: 'Policies', cell: ({ revision }) => short(revision) },
    { head: 'Request', cell: ({ tokenHash }) => short(tokenHash) },
    { head: 'Why', cell: ({ code, reasons }) => whyOf(code, reasons) },
  ],
  fields: [
    'startedAt',
    'endedAt',
    'outcome',
    'userId',
    'purpose',
    'leafId',
    'resourceId',
    'revision',
    'decision',
    'code',
    'reasons',
    'recordsProcessed',
    'recordsReturned',
    'recordsDropped',
    'bytesWritten',
    'tokenHash',
    'readId',
    'context',
  ],
}

export const requestForm: RowForm<RequestRow> = {
  columns: [
    { head: 'Time', cell: ({ time }) => shown(time) },
    {
      head: 'Outcome',
      cell: ({ outcome, revokedAt }) => (revokedAt === undefined ? outcome : `${outcome}, revoked`),
    },
    { head: 'User', cell: ({ userId, client }) => shown(userId ?? client) },
    { head: 'Purpose', cell: ({ purpose }) => shown(purpose) },
    { head: 'Resource', cell: ({ resourceId }) => shown(resourceId) },
    { head: 'Shown', cell: ({ leavesDelivered }) => String(leavesDelivered), toTheRight: true },
    { head: 'Withheld', cell: ({ leavesWithheld }) => String(leavesWithheld), toTheRight: true },
    { head: 'Reads', cell: readsOfRequest, toTheRight: true },
    { head: 'Records', cell: ({ recordsReturned }) => String(recordsReturned), toTheRight: true },
    { head: 'Dropped', cell: ({ recordsDropped }) => String(recordsDropped), toTheRight: true },
    { head: 'Bytes', cell: ({ bytesWritten }) => String(bytesWritten), toTheRight: true },
    { head: 'Policies', cell: ({ revisions }) => (revisions.length === 0 ? '-' : revisions.map(short).join(' ')) },
    { head: 'Request', cell: ({ tokenHash }) => short(tokenHash) },
    { head: 'Why', cell: ({ code, reasons, limit, calls }) => `${whyOf(code, reasons)}${limitOf(limit, calls)}` },
  ],
  fields: [
    'time',
    'outcome',
    'userId',
    'purpose',
    'resourceId',
    'decision',
    'code',
    'reasons',
    'revisions',
    'leavesDelivered',
    'leavesWithheld',
    'readsFinished',
    'readsAborted',
    'readsRefused',
    'readsUnfinished',
    'recordsReturned',
    'recordsDropped',
    'bytesWritten',
    'revokedAt',
    'tokenHash',
    'calls',
    'limit',
    'client',
    'context',
  ],
}

export function recordsOf({
  recordsReturned,
  recordsProcessed,
}: {
  readonly recordsReturned?: number
  readonly recordsProcessed?: number
}): string {
  return recordsReturned === undefined ? '-' : `${recordsReturned} of ${recordsProcessed ?? '?'}`
}

/** `3`, or `3+1` where one did not come to a clean end. */
function readsOfRequest({ readsFinished, readsAborted, readsRefused, readsUnfinished }: RequestRow): string {
  const others = readsAborted + readsRefused + readsUnfinished
  return others === 0 ? String(readsFinished) : `${readsFinished}+${others}`
}

export function whyOf(code: string | undefined, reasons: readonly Reason[] = []): string {
  const codes = [...new Set(reasons.map((reason) => shown(reason.code)))].join(', ')
  if (code === undefined) return codes
  return codes === '' ? shown(code) : `${shown(code)} (${codes})`
}

function limitOf(limit: string | undefined, calls: number | undefined): string {
  return limit === undefined ? '' : `: ${calls ?? 1} ${calls === 1 ? 'call' : 'calls'} over the limit ${shown(limit)}`
}
