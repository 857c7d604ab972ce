/** The audit trail over the topics `success` and `error`: recorded when the broker has it; the audit service writes the files. */

import type { AuditEvent } from '../../domain/audit-event.ts'
import { successKinds } from '../../domain/audit-event.ts'
import { PortcullisError } from '../../domain/errors.ts'
import type { AuditTrail } from '../audit-trail.ts'

/** What this adapter needs of a bus: ports don't know one another. */
export type PublishAudit = (topic: 'success' | 'error', events: readonly AuditEvent[]) => Promise<void>

export function createAuditBus(deps: { readonly publishAudit: PublishAudit }): AuditTrail {
  const isSuccess = (event: AuditEvent) => (successKinds as readonly string[]).includes(event.kind)
  return {
    async record(events) {
      const success = events.filter(isSuccess)
      const error = events.filter((event) => !isSuccess(event))
      try {
        await Promise.all([
          success.length > 0 ? deps.publishAudit('success', success) : undefined,
          error.length > 0 ? deps.publishAudit('error', error) : undefined,
        ])
      } catch (cause) {
        throw new PortcullisError('audit.failed', { cause })
      }
    },
    async [Symbol.asyncDispose]() {},
  }
}
