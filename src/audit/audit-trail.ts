/** PORT: where audit events go. Adapters: file/ (append-only NDJSON), bus/ (topics success and error, consumed to the same files by the audit service). Suite: test/conformance/audit-trail.ts. */
import type { AuditEvent } from '../domain/audit-event.ts'

export interface AuditTrail extends AsyncDisposable {
  /** Durable when it resolves: only then does the answer it describes count. @throws audit.failed */
  record(events: readonly AuditEvent[]): Promise<void>
}
