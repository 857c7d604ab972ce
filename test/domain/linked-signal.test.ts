import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { linkSignals } from '../../src/domain/linked-signal.ts'

const sources = () => [new AbortController(), new AbortController()] as const
const listeners = (controllers: readonly AbortController[]) =>
  controllers.map(({ signal }) => getEventListeners(signal, 'abort').length)

test('fires with the first that fires, for its reason, and lets go of the others', () => {
  const [one, other] = sources()
  const { signal } = linkSignals(one.signal, other.signal)
  other.abort('why')
  expect([signal.aborted, signal.reason, ...listeners([one, other])]).toEqual([true, 'why', 0, 0])
})

test('has fired where a source has', () => {
  const [one, other] = sources()
  other.abort('before')
  const { signal } = linkSignals(one.signal, other.signal)
  expect([signal.aborted, signal.reason, ...listeners([one, other])]).toEqual([true, 'before', 0, 0])
})

test('released, it leaves nothing behind at sources that live as long as the process', () => {
  const [one, other] = sources()
  {
    using linked = linkSignals(one.signal, other.signal)
    expect([linked.signal.aborted, ...listeners([one, other])]).toEqual([false, 1, 1])
  }
  expect(listeners([one, other])).toEqual([0, 0])
})
