/** Makes audit events. Events of the pipeline have ids made of what they are about: delivered twice, they are one event. */
import { createHash, randomUUID } from 'node:crypto'
import type { Undecodable } from '../bus/bus.ts'
import type { AuditEvent, AuditKind } from '../domain/audit-event.ts'
import type { Token } from '../domain/ids.ts'
import { hashToken } from '../domain/token-hash.ts'

/** Of one event: an event must fit into a message. */
const reasonsMax = 200

export type AuditDetails = Omit<AuditEvent, 'id' | 'kind' | 'time' | 'service' | 'tokenHash'>

export type AuditEvents = ReturnType<typeof createAuditEvents>

export function createAuditEvents(service: string, now: () => number) {
  const event = (kind: AuditKind, id: string, token: Token | undefined, details: AuditDetails): AuditEvent => ({
    id,
    kind,
    time: new Date(now()).toISOString(),
    service,
    ...(token === undefined ? {} : { tokenHash: hashToken(token) }),
    ...details,
    ...(details.reasons === undefined ? {} : { reasons: details.reasons.slice(0, reasonsMax) }),
  })
  return {
    /** Something that happens once for a token and an index, however often it is delivered. */
    once: (kind: AuditKind, token: Token, index: number, details: AuditDetails) =>
      event(kind, idOf(service, kind, hashToken(token), index), token, { index, ...details }),
    /** Something that may happen again: each call is an event of its own. */
    each: (kind: AuditKind, token: Token | undefined, details: AuditDetails) =>
      event(kind, randomUUID(), token, details),
    undecodable: (place: Undecodable) =>
      event('message.undecodable', idOf(service, place.topic, place.partition, place.offset), undefined, {
        code: 'bus.undecodable',
        place: { topic: place.topic, partition: place.partition, offset: place.offset },
      }),
    failed: (
      token: Token,
      index: number,
      body: { readonly userId?: string; readonly resourceId?: string },
      code: string,
    ) =>
      event('request.failed', idOf(service, 'request.failed', hashToken(token), index), token, {
        index,
        code,
        ...(body.userId === undefined ? {} : { userId: body.userId }),
        ...(body.resourceId === undefined ? {} : { resourceId: body.resourceId }),
      }),
  }
}

function idOf(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}
