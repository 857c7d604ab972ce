/** What the audit log gets to know of one read, from its start to its end. */
import type { AuditTrail } from '../../audit/audit-trail.ts'
import { type PortcullisError, toPortcullisError } from '../../domain/errors.ts'
import type { AuditDetails, AuditEvents } from '../../pipeline/audit-events.ts'
import type { ReadInput } from '../api.ts'
import type { Seen } from './authorize.ts'

/** Both −1 where nobody counts. */
export type Progress = { processed: number; returned: number; bytes: number }

export type ReadAudit = {
  /** Filled in by who authorizes. */
  readonly seen: Seen
  readonly progress: Progress
  denied(thrown: unknown): Promise<PortcullisError>
  started(): Promise<void>
  finished(): Promise<void>
  aborted(error: PortcullisError): Promise<void>
}

export function createReadAudit(
  deps: { readonly trail: AuditTrail; readonly events: AuditEvents },
  { token, owner, leaf }: ReadInput,
  readId: string,
): ReadAudit {
  const seen: Seen = {}
  const progress: Progress = { processed: -1, returned: -1, bytes: 0 }
  const details = (): AuditDetails => ({
    readId,
    userId: owner,
    leafId: leaf,
    ...(seen.registration === undefined
      ? {}
      : { resourceId: seen.registration.resource, context: seen.registration.context }),
    ...(seen.revision === undefined ? {} : { revision: seen.revision }),
  })
  const soFar = (): AuditDetails => ({
    ...(progress.processed < 0
      ? {}
      : { recordsProcessed: progress.processed, recordsReturned: Math.max(progress.returned, 0) }),
    bytesWritten: progress.bytes,
  })
  const permitted = (): AuditDetails => ({
    decision: 'permit',
    ...(seen.marked === undefined ? {} : { reasons: seen.marked }),
  })
  const record = (kind: Parameters<AuditEvents['each']>[0], more: AuditDetails) =>
    deps.trail.record([deps.events.each(kind, token, { ...details(), ...more })])

  return {
    seen,
    progress,
    async denied(thrown) {
      const error = toPortcullisError(thrown)
      await record('read.denied', { decision: 'deny', code: error.code, ...reasonsOf(thrown) })
      return error
    },
    started: () => record('read.started', permitted()),
    finished: () => record('read.finished', { ...soFar(), ...permitted() }),
    aborted: (error) => record('read.aborted', { ...soFar(), code: error.code, ...reasonsOf(error) }),
  }
}

/** Policy denied it, where there are reasons; whatever else went wrong is no decision. */
function reasonsOf(thrown: unknown): Pick<AuditDetails, 'reasons' | 'decision'> {
  const reasons = (thrown as { reasons?: AuditDetails['reasons'] }).reasons
  return reasons === undefined ? {} : { reasons, decision: 'deny' }
}
