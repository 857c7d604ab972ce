/** Callers turned away at the door, as events of the audit log. */
import type { AuditTrail } from '../audit/audit-trail.ts'
import { systemClock } from '../domain/clock.ts'
import type { RecordLimited } from '../http/rate/rate-limits.ts'
import type { RecordRefusal } from '../http/refusals.ts'
import { createAuditEvents } from '../pipeline/audit-events.ts'

export function refusalRecorder(trail: AuditTrail): RecordRefusal {
  const events = createAuditEvents('edge', systemClock.now)
  return ({ code, token, from }) =>
    trail.record([events.each('request.refused', token, { code, decision: 'deny', ...from })])
}

export function limitedRecorder(trail: AuditTrail): RecordLimited {
  const events = createAuditEvents('edge', systemClock.now)
  return (limited) =>
    trail.record(
      limited.map(({ limit, calls, key }) =>
        events.each('request.refused', undefined, { code: 'request.rate', decision: 'deny', limit, calls, ...key }),
      ),
    )
}
