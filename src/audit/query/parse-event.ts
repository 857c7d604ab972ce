/** One line of an audit log as an event, or why it is none. What an event doesn't have by its definition is left out, so that it is never shown. */
import { type AuditEvent, type AuditKind, errorKinds, successKinds } from '../../domain/audit-event.ts'

export type NoEvent = 'not_json' | 'not_event' | 'decision_log' | 'unknown_kind'

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string'
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const texts: Check = (value) => isObject(value) && Object.values(value).every(isText)

const required: Readonly<Record<string, Check>> = {
  id: isText,
  kind: isText,
  time: (value) => isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value as string),
  service: isText,
}

const optional = {
  tokenHash: (value) => isText(value) && /^[0-9a-f]{32}$/.test(value as string),
  userId: isText,
  resourceId: isText,
  leafId: isText,
  index: isCount,
  context: texts,
  decision: (value) => value === 'permit' || value === 'deny',
  reasons: (value) =>
    Array.isArray(value) && value.every((reason) => texts(reason) && (reason as { code?: string }).code !== undefined),
  revision: isText,
  code: isText,
  recordsProcessed: isCount,
  recordsReturned: isCount,
  bytesWritten: isCount,
  place: (value) => isObject(value) && isText(value.topic) && isCount(value.partition) && isText(value.offset),
  readId: isText,
  limit: isText,
  calls: isCount,
  client: isText,
} as const satisfies Record<Exclude<keyof AuditEvent, 'id' | 'kind' | 'time' | 'service'>, Check>

const kinds: ReadonlySet<string> = new Set<AuditKind>([...successKinds, ...errorKinds])
const fields: readonly (readonly [string, Check])[] = Object.entries({ ...required, ...optional })

export function parseEvent(text: string): AuditEvent | NoEvent {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return 'not_json'
  }
  if (!isObject(json)) return 'not_event'
  const event: Record<string, unknown> = {}
  for (const [name, isValid] of fields) {
    const value = json[name]
    if (value === undefined) {
      if (Object.hasOwn(required, name)) return isText(json.decision_id) ? 'decision_log' : 'not_event'
      continue
    }
    if (!isValid(value)) return 'not_event'
    event[name] = value
  }
  return kinds.has(event.kind as string) ? (event as AuditEvent) : 'unknown_kind'
}
