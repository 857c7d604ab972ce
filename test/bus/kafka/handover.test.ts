import { expect, test } from 'vitest'
import { createHandover } from '../../../src/bus/kafka/handover.ts'

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  void promise.then(() => {
    settled = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  return settled
}

test('what is offered before or after it is asked for is taken', async () => {
  const handover = createHandover<string>()
  handover.offer('first')
  expect(await handover.take()).toBe('first')
  const taking = handover.take()
  handover.offer('second')
  expect(await taking).toBe('second')
})

test('the pusher waits until the reader says that it is done', async () => {
  const handover = createHandover<string>()
  const delivery = handover.offer('a')
  await handover.take()
  expect(await isSettled(delivery.done)).toBe(false)
  delivery.finish()
  expect(await isSettled(delivery.done)).toBe(true)
})

test('asking for the next says that the last is done', async () => {
  const handover = createHandover<string>()
  const delivery = handover.offer('a')
  await handover.take()
  void handover.take()
  expect(await isSettled(delivery.done)).toBe(true)
})

test('what is withdrawn is not taken', async () => {
  const handover = createHandover<string>()
  handover.offer('a').withdraw()
  const taking = handover.take()
  handover.offer('b')
  expect(await taking).toBe('b')
})

test('closing frees both sides, for good', async () => {
  const handover = createHandover<string>()
  const taken = handover.offer('a')
  await handover.take()
  const waiting = handover.offer('b')
  handover.close()
  await Promise.all([taken.done, waiting.done, handover.offer('c').done])
  expect(await handover.take()).toBeUndefined()
  const other = createHandover<string>()
  const taking = other.take()
  other.close()
  expect(await taking).toBeUndefined()
})
