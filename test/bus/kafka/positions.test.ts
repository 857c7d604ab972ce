import { expect, test } from 'vitest'
import { kafkaLimits } from '../../../src/bus/kafka/limits.ts'
import { createPositions } from '../../../src/bus/kafka/positions.ts'

function setUp() {
  const committed: Record<number, string>[] = []
  const state = { failing: false }
  const positions = createPositions(async (offsets) => {
    if (state.failing) throw new Error('away')
    committed.push(Object.fromEntries([...offsets].map(([partition, next]) => [partition, String(next)])))
  })
  return { positions, committed, state }
}

test('a flush commits the furthest position of each partition, once', async () => {
  const { positions, committed } = setUp()
  positions.note(0, 0, 5n, 5)
  positions.note(0, 1, 2n, 2)
  positions.note(0, 0, 9n, 4)
  positions.note(0, 0, 7n, 1)
  await positions.flush()
  await positions.flush()
  expect(committed).toEqual([{ 0: '9', 1: '2' }])
})

test('positions are committed without being asked, by time and by count', async () => {
  const { positions, committed } = setUp()
  positions.note(0, 0, 1n, 1)
  await expect.poll(() => committed).toEqual([{ 0: '1' }])
  positions.note(0, 0, 9_000n, kafkaLimits.commitLengthMax)
  await new Promise((resolve) => setImmediate(resolve))
  expect(committed).toEqual([{ 0: '1' }, { 0: '9000' }])
})

test('a commit that fails is tried again, unless it was overtaken', async () => {
  const { positions, committed, state } = setUp()
  state.failing = true
  positions.note(0, 0, 5n, 1)
  positions.note(0, 1, 6n, 1)
  await positions.flush()
  positions.note(0, 0, 8n, 1)
  state.failing = false
  await positions.flush()
  expect(committed).toEqual([{ 0: '8', 1: '6' }])
  positions.stop()
})

test('a position of an epoch that has ended is not committed', async () => {
  const { positions, committed } = setUp()
  positions.note(0, 0, 5n, 1)
  positions.nextEpoch()
  positions.note(0, 0, 6n, 1)
  await positions.flush()
  expect(committed).toEqual([])
  positions.note(positions.epoch, 0, 7n, 1)
  await positions.flush()
  expect(committed).toEqual([{ 0: '7' }])
})

test('a commit that fails after its epoch has ended is forgotten', async () => {
  let fail: (thrown: Error) => void = () => undefined
  const tries: bigint[] = []
  const positions = createPositions((offsets) => {
    tries.push(...offsets.values())
    return new Promise((_, reject) => {
      fail = reject
    })
  })
  positions.note(0, 0, 5n, 1)
  const flushing = positions.flush()
  await new Promise((resolve) => setImmediate(resolve))
  positions.nextEpoch()
  fail(new Error('ILLEGAL_GENERATION'))
  await flushing
  await positions.flush()
  expect(tries).toEqual([5n])
})

test('after stop nothing is committed', async () => {
  const { positions, committed } = setUp()
  positions.note(0, 0, 5n, 1)
  positions.stop()
  positions.note(0, 0, 6n, 1)
  await positions.flush()
  expect(committed).toEqual([])
})
