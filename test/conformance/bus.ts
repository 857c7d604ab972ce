/** What every bus must do; each adapter's test runs it. */
import { expect, onTestFinished, test } from 'vitest'
import type { Bus } from '../../src/bus/bus.ts'
import type { MaskedResourceBody } from '../../src/bus/topics.ts'
import type { Envelope } from '../../src/domain/envelope.ts'
import type { ResourceId, Revision } from '../../src/domain/ids.ts'
import {
  auditEvent,
  byToken,
  newToken,
  type RequestEnvelope,
  readAudit,
  readTopic,
  requestBody,
  requestOf,
} from '../bus/support.ts'

/** One set of topics that nobody else uses. */
export type BusWorld = {
  /** Another connection to the same topics; an embedded bus has only one. */
  open(): Promise<Bus>
}

export function testBus(name: string, createWorld: () => Promise<BusWorld>): void {
  async function world(): Promise<{ readonly bus: Bus; another(): Promise<Bus> }> {
    const { open } = await createWorld()
    const opened: Bus[] = []
    onTestFinished(async () => {
      for (const bus of opened) await bus[Symbol.asyncDispose]()
    })
    const another = async () => {
      const bus = await open()
      opened.push(bus)
      return bus
    }
    return { bus: await another(), another }
  }

  test(`${name}: envelopes of one token arrive in the order they were published in`, async () => {
    const { bus } = await world()
    const tokens = [newToken(), newToken(), newToken()]
    const reading = readTopic(bus)
    for (const envelope of requestOf(tokens[0]!, 20)) await bus.publish('request', [envelope])
    // not awaited one by one: order is the order of the calls
    await Promise.all(requestOf(tokens[1]!, 300).map((envelope) => bus.publish('request', [envelope])))
    await bus.publish('request', requestOf(tokens[2]!, 2_000))
    await reading.has(22 + 302 + 2_002)
    expect(byToken(reading.items)).toEqual(
      new Map([
        [tokens[0], requestOf(tokens[0]!, 20)],
        [tokens[1], requestOf(tokens[1]!, 300)],
        [tokens[2], requestOf(tokens[2]!, 2_000)],
      ]),
    )
  })

  test(`${name}: what was published before anybody subscribed is kept`, async () => {
    const { bus } = await world()
    const token = newToken()
    await bus.publish('request', requestOf(token))
    const reading = readTopic(bus)
    await reading.has(3)
    expect(reading.items).toEqual(requestOf(token))
  })

  test(`${name}: every kind of envelope arrives as it was, with its extra headers and the total`, async () => {
    const { bus } = await world()
    const token = newToken()
    const extras = {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'x-empty': '',
      'x-name': 'Zoë',
    }
    const body: MaskedResourceBody = {
      ...requestBody,
      leaf: {
        id: 'file:/data/hr/ö.avro' as ResourceId,
        mediaType: 'application/avro',
        recordType: 'Employee',
        attributes: {},
        product: 'hr/employees',
        fields: [{ path: '/uid', classification: 'internal' }],
      },
      revision: 'r1' as Revision,
    }
    const envelopes: Envelope<MaskedResourceBody>[] = [
      { kind: 'start', token, extras },
      { kind: 'data', token, extras, index: 0, body },
      {
        kind: 'withheld',
        token,
        extras,
        index: 1,
        reasons: [
          { code: 'policy.denied', rule: 'hr.visible', title: 'Visible', place: 'a.rego:3', layer: 'domain:hr' },
        ],
      },
      {
        kind: 'failed',
        token,
        extras,
        index: 2,
        failure: { code: 'internal', message: 'Broken “here”', stage: 'policy' },
      },
      { kind: 'end', token, extras, total: 3 },
    ]
    const received: Envelope<MaskedResourceBody>[] = []
    const stopping = new AbortController()
    await bus.publish('masked-resource', envelopes)
    for await (const batch of bus.subscribe('masked-resource', {
      group: 'delivery',
      signal: stopping.signal,
      onUndecodable: async (place) => expect.unreachable(place.reason),
    })) {
      received.push(...batch.items)
      await batch.ack()
      if (received.length >= envelopes.length) stopping.abort()
    }
    expect(received).toEqual(envelopes)
  })

  test(`${name}: audit events arrive on their own topic, with and without a token hash`, async () => {
    const { bus } = await world()
    const events = [
      auditEvent(),
      auditEvent({ tokenHash: '0123456789abcdef'.repeat(2), index: 3, reasons: [{ code: 'x.y' }] }),
    ]
    const failure = auditEvent({ kind: 'request.failed', context: { purpose: '' } })
    const [success, error] = [
      readAudit(bus, 'success', { group: 'audit' }),
      readAudit(bus, 'error', { group: 'audit' }),
    ]
    await bus.publishAudit('success', events)
    await bus.publishAudit('error', [failure])
    await Promise.all([success.has(2), error.has(1)])
    // at least once: each may come again
    expect(events.map(({ id }) => success.items.find((event) => event.id === id))).toEqual(events)
    expect(new Set(success.items.map(({ id }) => id)).size).toBe(events.length)
    expect(new Set(error.items.map((event) => JSON.stringify(event)))).toEqual(new Set([JSON.stringify(failure)]))
  })

  test(`${name}: each group gets everything`, async () => {
    const { bus } = await world()
    const token = newToken()
    const readings = [readTopic(bus, 'request', { group: 'one' }), readTopic(bus, 'request', { group: 'other' })]
    await bus.publish('request', requestOf(token, 10))
    await Promise.all(readings.map((reading) => reading.has(12)))
    for (const reading of readings) expect(reading.items).toEqual(requestOf(token, 10))
  })

  test(`${name}: the members of a group share what comes, and miss nothing`, { timeout: 90_000 }, async () => {
    const { bus, another } = await world()
    const readings = [readTopic(bus), readTopic(await another())]
    const published = new Set<string>()
    // a member may join late; what counts is that it gets a share some time
    while (readings.some(({ items }) => items.length === 0)) {
      const tokens = Array.from({ length: 50 }, newToken)
      for (const token of tokens) published.add(token)
      await bus.publish(
        'request',
        tokens.flatMap((token) => requestOf(token)),
      )
    }
    const missing = () => {
      const seen = new Set(
        readings.flatMap(({ items }) => items).flatMap((envelope) => (envelope.kind === 'end' ? [envelope.token] : [])),
      )
      return [...published].filter((token) => !seen.has(token as never))
    }
    await expect.poll(missing, { timeout: 60_000 }).toEqual([])
  })

  test(`${name}: what was not acknowledged is delivered again to who comes next, what was is not`, {
    timeout: 90_000,
  }, async () => {
    const { bus, another } = await world()
    const [first, second] = [newToken(), newToken()]
    const before = readTopic(bus)
    await bus.publish('request', requestOf(first))
    await before.has(3)
    await before.stop()
    const crashed = readTopic(bus, 'request', { ack: () => false })
    await bus.publish('request', requestOf(second, 1))
    await crashed.has(3)
    await crashed.stop()
    const after = readTopic(await another())
    await after.has(3)
    expect(after.items).toEqual(requestOf(second, 1))
  })

  test(`${name}: an acknowledgement covers what came before it`, { timeout: 90_000 }, async () => {
    const { bus, another } = await world()
    const [first, second, third] = [newToken(), newToken(), newToken()]
    let batches = 0
    const reading = readTopic(bus, 'request', { ack: () => batches++ > 0 })
    await bus.publish('request', requestOf(first))
    await reading.has(3)
    await bus.publish('request', requestOf(first))
    await reading.has(6)
    await bus.publish('request', requestOf(second))
    await reading.has(9)
    await reading.stop()
    await bus.publish('request', requestOf(third))
    const after = readTopic(await another())
    await after.has(3)
    expect(byToken(after.items).get(third)).toEqual(requestOf(third))
    expect(byToken(after.items).has(second)).toBe(false)
  })

  test(`${name}: a subscription ends quietly on abort, waiting or not, and before it began`, async () => {
    const { bus } = await world()
    const reading = readTopic(bus)
    await bus.publish('request', requestOf(newToken()))
    await reading.has(3)
    await reading.stop()
    const idle = readTopic(bus, 'request', { group: 'idle' })
    await idle.stop()
    for await (const _ of bus.subscribe('user', {
      group: 'g',
      signal: AbortSignal.abort(),
      onUndecodable: async () => undefined,
    }))
      expect.unreachable()
  })

  test(`${name}: a reader that leaves its loop leaves its group`, async () => {
    const { bus } = await world()
    const token = newToken()
    await bus.publish('request', requestOf(token))
    const options = { group: 'readers', signal: new AbortController().signal, onUndecodable: async () => undefined }
    for await (const batch of bus.subscribe('request', options)) {
      expect(batch.items).toEqual(requestOf(token))
      break
    }
    const next = readTopic(bus)
    await next.has(3)
    expect(next.items).toEqual(requestOf(token))
  })

  test(`${name}: a slow reader gets everything, in order`, async () => {
    const { bus } = await world()
    const token = newToken()
    const reading = readTopic(bus, 'request', { ack: () => new Promise((resolve) => setTimeout(resolve, 5, true)) })
    await bus.publish('request', requestOf(token, 5_000))
    await reading.has(5_002)
    expect(reading.items).toEqual(requestOf(token, 5_000))
  })

  test(`${name}: after close, publishing and checking are refused, and subscriptions have ended`, async () => {
    const { bus } = await world()
    const reading = readTopic(bus)
    await bus.publish('request', requestOf(newToken()))
    await bus.check()
    await bus[Symbol.asyncDispose]()
    await reading.ended
    await expect(bus.publish('request', requestOf(newToken()))).rejects.toMatchObject({ code: 'bus.unavailable' })
    await expect(bus.publishAudit('success', [auditEvent()])).rejects.toMatchObject({ code: 'bus.unavailable' })
    await expect(bus.check()).rejects.toMatchObject({ code: 'bus.unavailable' })
    await bus[Symbol.asyncDispose]()
  })

  test(`${name}: publishing nothing is nothing, and an aborted publication is refused`, async () => {
    const { bus } = await world()
    await bus.publish('request', [])
    await bus.publishAudit('error', [])
    const reason = new Error('stopping')
    const signal = AbortSignal.abort(reason)
    await expect(bus.publish('request', requestOf(newToken()), { signal })).rejects.toBe(reason)
  })

  test(`${name}: who receives an envelope cannot change what others receive`, async () => {
    const { bus } = await world()
    const token = newToken()
    const mine = structuredClone(requestOf(token))
    await bus.publish('request', mine)
    Object.assign((mine[1] as { body: object }).body, { userId: 'Eve' })
    const readings = [readTopic(bus, 'request', { group: 'one' }), readTopic(bus, 'request', { group: 'other' })]
    for (const reading of readings) {
      await reading.has(3)
      expect(reading.items).toEqual(requestOf(token))
      const received = reading.items[1] as Extract<RequestEnvelope, { kind: 'data' }>
      // frozen or a copy of its own: either will do
      for (const part of [received, received.body, received.body.context]) Reflect.set(part, 'purpose', 'THEFT')
    }
  })
}
