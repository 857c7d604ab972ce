import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AuditTrail } from '../../src/audit/audit-trail.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { createEmbeddedBus } from '../../src/bus/embedded/embedded-bus.ts'
import type { RequestBody, UserBody } from '../../src/bus/topics.ts'
import type { AuditEvent } from '../../src/domain/audit-event.ts'
import type { Envelope } from '../../src/domain/envelope.ts'
import { PortcullisError } from '../../src/domain/errors.ts'
import { parseUserId, type Token } from '../../src/domain/ids.ts'
import { parseResourceId } from '../../src/domain/resource-id.ts'
import { runStage } from '../../src/pipeline/run-stage.ts'
import type { Outcome, Stage } from '../../src/pipeline/stage.ts'

type Handle = Stage<'request', 'user'>['handle']

const user = { id: parseUserId('Alice'), active: true, roles: ['HR'], attributes: {} }
const body: RequestBody = { userId: user.id, resourceId: parseResourceId('file:/data/'), context: { purpose: 'x' } }
const done = (index: number): Outcome<UserBody> => ({ kind: 'data', index, body: { ...body, user } })

let bus: Bus
let stopping: AbortController
let running: Promise<void> | undefined
let recorded: AuditEvent[]
let trail: AuditTrail

beforeEach(() => {
  bus = createEmbeddedBus()
  stopping = new AbortController()
  recorded = []
  trail = {
    async record(events) {
      recorded.push(...events)
    },
    async [Symbol.asyncDispose]() {},
  }
})
afterEach(async () => {
  stopping.abort()
  await running
  await bus[Symbol.asyncDispose]()
})

function start(handle: Handle, more: Partial<Stage<'request', 'user'>> = {}): void {
  const stage: Stage<'request', 'user'> = { name: 'user', consumes: 'request', produces: 'user', handle, ...more }
  const log = { fault: () => undefined, retrying: () => undefined }
  running = runStage(stage, { bus, trail, log, signal: stopping.signal, now: () => 0 })
}

/** The envelopes of one token that come out, up to and with END. */
async function outcomesOf(token: Token): Promise<Envelope<UserBody>[]> {
  const found: Envelope<UserBody>[] = []
  const subscription = bus.subscribe('user', {
    group: randomUUID(),
    signal: stopping.signal,
    onUndecodable: async () => undefined,
  })
  for await (const batch of subscription) {
    await batch.ack()
    found.push(...batch.items.filter((envelope) => envelope.token === token))
    if (found.some(({ kind }) => kind === 'end')) return found
  }
  return found
}

const newToken = () => randomUUID() as Token
type Inner = { readonly kind: 'data' | 'withheld' | 'failed'; readonly index: number }

function requestOf(token: Token, items: readonly Inner[]): Envelope<RequestBody>[] {
  const extras = { traceparent: 'abc' }
  const inner = items.map(({ kind, index }): Envelope<RequestBody> => {
    if (kind === 'data') return { kind, token, extras, index, body }
    if (kind === 'withheld') return { kind, token, extras, index, reasons: [{ code: 'x.y' }] }
    return { kind, token, extras, index, failure: { code: 'x.y', message: 'no', stage: 'before' } }
  })
  return [{ kind: 'start', token, extras }, ...inner, { kind: 'end', token, extras }]
}

const shape = (envelopes: readonly Envelope<UserBody>[]) =>
  envelopes.map((envelope) => ('index' in envelope ? `${envelope.kind} ${envelope.index}` : envelope.kind))

test('one in, exactly one out, in order; what was decided before passes untouched, with the extras of the request', async () => {
  const token = newToken()
  start(async function* (items) {
    for (const { index } of items) yield done(index)
  })
  const kinds: Inner[] = [
    { kind: 'data', index: 0 },
    { kind: 'withheld', index: 1 },
    { kind: 'data', index: 2 },
    { kind: 'failed', index: 3 },
  ]
  await bus.publish('request', requestOf(token, kinds))
  const found = await outcomesOf(token)
  expect(shape(found)).toEqual(['start', 'data 0', 'withheld 1', 'data 2', 'failed 3', 'end'])
  expect(found.every(({ extras }) => extras.traceparent === 'abc')).toBe(true)
})

test('an item that cannot be handled fails alone: its neighbours are handled, the audit log has the fault', async () => {
  const token = newToken()
  start(async function* (items) {
    for (const { index } of items) {
      if (index === 1) throw new TypeError('a secret value')
      yield done(index)
    }
  })
  await bus.publish(
    'request',
    requestOf(
      token,
      [0, 1, 2].map((index) => ({ kind: 'data', index })),
    ),
  )
  const found = await outcomesOf(token)
  expect(shape(found)).toEqual(['start', 'data 0', 'failed 1', 'data 2', 'end'])
  expect(recorded).toMatchObject([{ kind: 'request.failed', index: 1, code: 'internal', userId: 'Alice' }])
  expect(JSON.stringify([found, recorded])).not.toContain('secret')
})

test('a fault that passes is tried again, and nobody notices', async () => {
  const token = newToken()
  let tries = 0
  start(async function* (items) {
    if (++tries < 3) throw new PortcullisError('store.unavailable')
    for (const { index } of items) yield done(index)
  })
  await bus.publish('request', requestOf(token, [{ kind: 'data', index: 0 }]))
  expect(shape(await outcomesOf(token))).toEqual(['start', 'data 0', 'end'])
  expect({ tries, recorded }).toEqual({ tries: 3, recorded: [] })
})

test('an expansion of any size comes out whole, in order, and END carries its total', async () => {
  const token = newToken()
  const leaves = 1_700
  start(
    async function* () {
      for (let index = 0; index < leaves; index++) yield done(index)
    },
    { total: async () => leaves },
  )
  await bus.publish('request', requestOf(token, [{ kind: 'data', index: 0 }]))
  const found = await outcomesOf(token)
  expect(shape(found)).toEqual(['start', ...Array.from({ length: leaves }, (_, index) => `data ${index}`), 'end'])
  expect(found.at(-1)).toMatchObject({ total: leaves })
})

describe('audit before answer', () => {
  test('nothing is published while what happened cannot be recorded', async () => {
    const token = newToken()
    let refusals = 0
    let publishedEarly = false
    let published = false
    trail = {
      async record(events) {
        publishedEarly ||= published
        if (refusals++ < 3) throw new PortcullisError('audit.failed')
        recorded.push(...events)
      },
      async [Symbol.asyncDispose]() {},
    }
    start(async function* (items, { audit }) {
      for (const { index } of items) {
        audit({ id: '1', kind: 'leaf.withheld', time: '', service: 'user' })
        yield { kind: 'withheld', index, reasons: [] }
      }
    })
    const outcomes = outcomesOf(token).then((found) => {
      published = true
      return found
    })
    await bus.publish('request', requestOf(token, [{ kind: 'data', index: 0 }]))
    expect(shape(await outcomes)).toEqual(['start', 'withheld 0', 'end'])
    expect({ refusals, publishedEarly, kinds: recorded.map(({ kind }) => kind) }).toEqual({
      refusals: 4,
      publishedEarly: false,
      kinds: ['leaf.withheld'],
    })
  })
})

test('many tokens of one batch are worked on at once, and each keeps its order', async () => {
  const tokens = Array.from({ length: 50 }, newToken)
  let atOnce = 0
  let atOnceMax = 0
  start(async function* (items) {
    atOnceMax = Math.max(atOnceMax, ++atOnce)
    await new Promise((resolve) => setImmediate(resolve))
    atOnce--
    for (const { index } of items) yield done(index)
  })
  const found = Promise.all(tokens.map(outcomesOf))
  await bus.publish(
    'request',
    tokens.flatMap((token) =>
      requestOf(
        token,
        [0, 1].map((index) => ({ kind: 'data', index })),
      ),
    ),
  )
  for (const envelopes of await found) expect(shape(envelopes)).toEqual(['start', 'data 0', 'data 1', 'end'])
  expect(atOnceMax).toBeGreaterThan(1)
  expect(atOnceMax).toBeLessThanOrEqual(16)
})
