/** Envelopes to publish, and readers that stop where a test says so. */
import { randomUUID } from 'node:crypto'
import type { Batch, Bus, Undecodable } from '../../src/bus/bus.ts'
import type { PipelineTopic, RequestBody } from '../../src/bus/topics.ts'
import type { AuditEvent } from '../../src/domain/audit-event.ts'
import type { Envelope } from '../../src/domain/envelope.ts'
import type { ResourceId, Token, UserId } from '../../src/domain/ids.ts'
import type { Extras } from '../../src/domain/records.ts'

export type RequestEnvelope = Envelope<RequestBody>

export const newToken = () => randomUUID() as Token

export const requestBody: RequestBody = {
  userId: 'Alice' as UserId,
  resourceId: 'file:/data/hr/' as ResourceId,
  context: { purpose: 'SALARY', ünï: '"\u2028\ud83d\ude00' },
}

/** START, `count` messages, END. */
export function requestOf(token: Token, count = 1, extras: Extras = {}): RequestEnvelope[] {
  const data = Array.from(
    { length: count },
    (_, index) => ({ kind: 'data', token, extras, index, body: requestBody }) as const,
  )
  return [{ kind: 'start', token, extras }, ...data, { kind: 'end', token, extras }]
}

export const auditEvent = (fields: Partial<AuditEvent> = {}): AuditEvent => ({
  id: randomUUID(),
  kind: 'request.registered',
  time: '2026-11-25T13:30:00.000Z',
  service: 'request',
  ...fields,
})

export type Reading<Item> = {
  readonly items: Item[]
  readonly undecodable: Undecodable[]
  /** Resolves when so many items came. */
  has(count: number): Promise<void>
  /** Leaves; resolves when it has. */
  stop(): Promise<void>
  /** Resolves or rejects when the subscription ends. */
  readonly ended: Promise<void>
}

type ReadOptions<Item> = {
  readonly group?: string
  /** Whether to acknowledge a batch; by default, yes. */
  readonly ack?: (batch: Batch<Item>) => boolean | Promise<boolean>
}

export function readTopic(
  bus: Bus,
  topic: 'request' = 'request',
  options: ReadOptions<RequestEnvelope> = {},
): Reading<RequestEnvelope> {
  return read((subscription) => bus.subscribe(topic satisfies PipelineTopic, subscription), options)
}

export function readAudit(
  bus: Bus,
  topic: 'success' | 'error',
  options: ReadOptions<AuditEvent> = {},
): Reading<AuditEvent> {
  return read((subscription) => bus.subscribeAudit(topic, subscription), options)
}

function read<Item>(
  subscribe: (options: Parameters<Bus['subscribeAudit']>[1]) => AsyncIterable<Batch<Item>>,
  options: ReadOptions<Item>,
): Reading<Item> {
  const stopping = new AbortController()
  const items: Item[] = []
  const undecodable: Undecodable[] = []
  const waiting = new Set<() => void>()
  const batches = subscribe({
    group: options.group ?? 'readers',
    signal: stopping.signal,
    onUndecodable: async (place) => void undecodable.push(place),
  })
  async function readAll(): Promise<void> {
    for await (const batch of batches) {
      items.push(...batch.items)
      if ((await options.ack?.(batch)) ?? true) await batch.ack()
      for (const look of waiting) look()
    }
  }
  const ended = readAll()
  ended.catch(() => undefined)
  return {
    items,
    undecodable,
    ended,
    has(count) {
      const enough = new Promise<void>((resolve) => {
        const look = () => {
          if (items.length < count) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      })
      return Promise.race([enough, ended.then(() => Promise.reject(new Error('the subscription ended')))])
    },
    async stop() {
      stopping.abort()
      await ended
    },
  }
}

/** Order within each token, whatever came between. */
export function byToken(envelopes: readonly RequestEnvelope[]): Map<Token, RequestEnvelope[]> {
  const runs = new Map<Token, RequestEnvelope[]>()
  for (const envelope of envelopes) runs.set(envelope.token, [...(runs.get(envelope.token) ?? []), envelope])
  return runs
}
