/** Writes what arrives on `success` and `error` to the audit log. */
import type { AuditTrail } from '../../audit/audit-trail.ts'
import type { Bus } from '../../bus/bus.ts'
import { auditTopics } from '../../bus/topics.ts'
import type { AuditEvents } from '../../pipeline/audit-events.ts'
import type { PipelineLog } from '../../pipeline/log.ts'
import { withRetry } from '../../pipeline/retry.ts'

export type AuditServiceDeps = {
  readonly bus: Bus
  /** The files. */
  readonly log: AuditTrail
  readonly events: AuditEvents
  readonly pipelineLog: PipelineLog
  readonly signal: AbortSignal
}

/** Resolves on abort. */
export async function runAuditService(deps: AuditServiceDeps): Promise<void> {
  await Promise.all(auditTopics.map(consume))

  async function consume(topic: (typeof auditTopics)[number]): Promise<void> {
    const forever = {
      signal: deps.signal,
      budgetMs: Number.POSITIVE_INFINITY,
      onRetry: (thrown: unknown, tries: number) => deps.pipelineLog.retrying('audit', thrown, tries),
    }
    const subscription = deps.bus.subscribeAudit(topic, {
      group: 'audit',
      signal: deps.signal,
      onUndecodable: (place) => withRetry(() => deps.log.record([deps.events.undecodable(place)]), forever),
    })
    for await (const batch of subscription) {
      try {
        await withRetry(() => deps.log.record(batch.items), forever)
        await batch.ack()
      } catch (thrown) {
        if (deps.signal.aborted) return
        throw thrown
      }
    }
  }
}
