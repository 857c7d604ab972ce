import { expect, onTestFinished, test } from 'vitest'
import { createEmbeddedBus } from '../../../src/bus/embedded/embedded-bus.ts'
import { testBus } from '../../conformance/bus.ts'
import { newToken, readTopic, requestOf } from '../support.ts'

testBus('embedded', async () => {
  const bus = createEmbeddedBus()
  return { open: async () => bus }
})

function smallBus() {
  const bus = createEmbeddedBus({ limits: { logLengthMax: 4, batchLengthMax: 2 } })
  onTestFinished(() => bus[Symbol.asyncDispose]())
  return bus
}

test('publishing waits while a topic is full, and goes on when its reader has acknowledged', async () => {
  const bus = smallBus()
  const token = newToken()
  await bus.publish('request', requestOf(token, 2))
  let published = false
  const waiting = bus.publish('request', requestOf(token, 1)).then(() => {
    published = true
  })
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(published).toBe(false)
  const reading = readTopic(bus)
  await waiting
  await reading.has(7)
  expect(reading.items).toEqual([...requestOf(token, 2), ...requestOf(token, 1)])
})

test('publishers that wait keep their order', async () => {
  const bus = smallBus()
  const tokens = Array.from({ length: 30 }, newToken)
  const publishing = tokens.map((token) => bus.publish('request', requestOf(token, 1)))
  const reading = readTopic(bus)
  await Promise.all(publishing)
  await reading.has(90)
  expect(reading.items).toEqual(tokens.flatMap((token) => requestOf(token, 1)))
})

test('a publication that waits ends with its signal, and publishes nothing', async () => {
  const bus = smallBus()
  const [first, second] = [newToken(), newToken()]
  await bus.publish('request', requestOf(first, 2))
  const stopping = new AbortController()
  const waiting = bus.publish('request', requestOf(second), { signal: stopping.signal })
  const reason = new Error('stopping')
  stopping.abort(reason)
  await expect(waiting).rejects.toBe(reason)
  const reading = readTopic(bus)
  await reading.has(4)
  await reading.stop()
  expect(reading.items).toEqual(requestOf(first, 2))
})

test('a publication that waits is refused when the bus is closed', async () => {
  const bus = smallBus()
  await bus.publish('request', requestOf(newToken(), 2))
  const waiting = bus.publish('request', requestOf(newToken()))
  await bus[Symbol.asyncDispose]()
  await expect(waiting).rejects.toMatchObject({ code: 'bus.unavailable' })
})

test('batches hold no more than their limit', async () => {
  const bus = smallBus()
  const lengths: number[] = []
  const reading = readTopic(bus, 'request', { ack: ({ items }) => lengths.push(items.length) > 0 })
  await bus.publish('request', requestOf(newToken(), 3))
  await reading.has(5)
  expect(lengths).toEqual([2, 2, 1])
})

test('a late acknowledgement, after its reader has left, changes nothing', async () => {
  const bus = smallBus()
  const token = newToken()
  await bus.publish('request', requestOf(token))
  const late: (() => Promise<void>)[] = []
  const left = readTopic(bus, 'request', { ack: (batch) => late.push(() => batch.ack()) < 0 })
  await left.has(3)
  await left.stop()
  for (const ack of late) await ack()
  const next = readTopic(bus)
  await next.has(3)
  expect(next.items).toEqual(requestOf(token))
})
