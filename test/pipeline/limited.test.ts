import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { forEachLimited } from '../../src/pipeline/limited.ts'

test('works on no more than the limit at once, and on all of them', async () => {
  const seen: number[] = []
  let atOnce = 0
  let atOnceMax = 0
  await forEachLimited(
    Array.from({ length: 20 }, (_, index) => index),
    3,
    async (item) => {
      atOnceMax = Math.max(atOnceMax, ++atOnce)
      await sleep(1)
      atOnce--
      seen.push(item)
    },
  )
  expect({ atOnceMax, seen: seen.sort((a, b) => a - b) }).toEqual({
    atOnceMax: 3,
    seen: Array.from({ length: 20 }, (_, index) => index),
  })
})

test('the first error is thrown once what runs has settled, and nothing new is begun', async () => {
  const begun: number[] = []
  let settled = false
  const run = forEachLimited([0, 1, 2, 3, 4], 2, async (item) => {
    begun.push(item)
    if (item === 0) throw new Error('no')
    await sleep(20)
    settled = true
  })
  await expect(run).rejects.toThrow('no')
  expect({ begun, settled }).toEqual({ begun: [0, 1], settled: true })
})
