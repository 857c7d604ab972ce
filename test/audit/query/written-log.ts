/** An audit log as its writer leaves it, made of events that say only what a test is about. */
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Filter } from '../../../src/audit/query/filter.ts'
import { findLogFiles } from '../../../src/audit/query/log-files.ts'
import { createLogReading, type LogReading } from '../../../src/audit/query/log-reading.ts'
import type { AuditEvent, AuditKind } from '../../../src/domain/audit-event.ts'

export const everything: Filter = { users: [], resources: [], purposes: [], revisions: [], reasons: [] }

let made = 0

/** `at`: seconds after the beginning of 25 November 2026, or a time. */
export function event(kind: AuditKind, at: number | string, more: Partial<AuditEvent> = {}): AuditEvent {
  const time = typeof at === 'string' ? at : new Date(Date.UTC(2026, 10, 25) + at * 1000).toISOString()
  return { id: `event-${++made}`, kind, time, service: 'test', ...more }
}

/** Hash of a token that is told from others by its first digits. */
export const hash = (digits: string) => digits.padEnd(32, '0')

/** Each event in the file of its day, in the order given. */
export async function writeLog(folder: string, events: readonly AuditEvent[]): Promise<void> {
  for (const one of events)
    await appendFile(join(folder, `audit-${one.time.slice(0, 10)}.ndjson`), `${JSON.stringify(one)}\n`)
}

export async function openLog(...places: readonly string[]): Promise<LogReading> {
  return createLogReading(await findLogFiles(places), { stdin: Readable.from([]) })
}

/** A log that comes by standard input. */
export function logOf(events: readonly (AuditEvent | string)[]): LogReading {
  return piecesOf([
    Buffer.from(events.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join('')),
  ])
}

export function piecesOf(pieces: readonly Uint8Array[]): LogReading {
  const stdin = Readable.from(pieces)
  return createLogReading({ files: [{ path: '-', name: 'standard input' }], unread: [] }, { stdin })
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}
