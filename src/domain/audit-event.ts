/** One line of the audit log: who, what, why, decision, policy revision, token hash, time. Never a record's value, never a token. */
import type { Reason } from './decision.ts'
import type { Context } from './records.ts'

/**
 * `request.registered`, `leaf.delivered`, `read.started`, `read.finished`, `token.revoked` go to the topic `success`, all others to `error`.
 * `read.aborted` is a read that did not come to its clean end, whoever ended it.
 */
export const successKinds = [
  'request.registered',
  'leaf.delivered',
  'read.started',
  'read.finished',
  'token.revoked',
] as const
export const errorKinds = [
  'request.refused',
  'request.failed',
  'leaf.withheld',
  'leaf.failed',
  'read.denied',
  'read.aborted',
  'message.undecodable',
  'service.failed',
] as const
export type AuditKind = (typeof successKinds)[number] | (typeof errorKinds)[number]

export type AuditEvent = {
  /** The same event written twice has the same id: delivery is at least once, and the log keeps the first. */
  readonly id: string
  readonly kind: AuditKind
  /** ISO 8601, UTC, milliseconds. */
  readonly time: string
  readonly service: string
  /** SHA-256 of the token, first 32 hex digits; absent where no token is known. */
  readonly tokenHash?: string
  readonly userId?: string
  readonly resourceId?: string
  readonly leafId?: string
  /** Which leaf of the request. */
  readonly index?: number
  readonly context?: Context
  readonly decision?: 'permit' | 'deny'
  readonly reasons?: readonly Reason[]
  readonly revision?: string
  readonly code?: string
  readonly recordsProcessed?: number
  readonly recordsReturned?: number
  readonly bytesWritten?: number
  /** Topic, partition and offset of a message that could not be decoded. */
  readonly place?: { readonly topic: string; readonly partition: number; readonly offset: string }
  readonly readId?: string
  /** Which limit the calls met, where the event stands for all that a limit refused within a minute, and how many. */
  readonly limit?: string
  readonly calls?: number
  /** From where a call came that was turned away at the door, unless a user is known: an address, or the network of one. */
  readonly client?: string
}
