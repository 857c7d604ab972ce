import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTokenBuckets } from '../../../src/http/rate/token-buckets.ts'

function buckets(options: { perMinute: number; burst: number; keysMax?: number }) {
  let time = 1_000_000
  const { take } = createTokenBuckets({ keysMax: 100, ...options, now: () => time })
  return { take, pass: (milliseconds: number) => void (time += milliseconds) }
}

describe('token buckets', () => {
  test('give a burst, then one whenever its time has come, and say how long that is', () => {
    const { take, pass } = buckets({ perMinute: 60, burst: 2 })
    expect([take('a'), take('a'), take('a')]).toEqual([0, 0, 1000])
    pass(400)
    expect(take('a')).toBe(600)
    pass(600)
    expect([take('a'), take('a')]).toEqual([0, 1000])
    pass(3_600_000)
    expect([take('a'), take('a'), take('a')]).toEqual([0, 0, 1000])
  })

  test('keep keys apart', () => {
    const { take } = buckets({ perMinute: 60, burst: 1 })
    expect([take('a'), take('b'), take('a')]).toEqual([0, 0, 1000])
  })

  test('lose nothing and give nothing away when the clock is set back', () => {
    const { take, pass } = buckets({ perMinute: 60, burst: 1 })
    expect(take('a')).toBe(0)
    pass(-500_000)
    expect(take('a')).toBe(1000)
  })

  test('let keys that there is no room for share one bucket, until one that is remembered has filled up', () => {
    const { take, pass } = buckets({ perMinute: 60, burst: 1, keysMax: 2 })
    expect([take('a'), take('b')]).toEqual([0, 0])
    expect([take('c'), take('d'), take('a')]).toEqual([0, 1000, 1000])
    pass(1000)
    expect([take('e'), take('e')]).toEqual([0, 1000])
  })

  test('never give a key more than its burst and what came back meanwhile, whoever else asks', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), pause: fc.integer({ min: 0, max: 400 }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), fc.integer({ min: 1, max: 4 }), (steps, keysMax) => {
        const { take, pass } = buckets({ perMinute: 240, burst: 3, keysMax })
        const given = new Map<string, number>()
        let passed = 0
        for (const { key, pause } of steps) {
          pass(pause)
          passed += pause
          if (take(key) === 0) given.set(key, (given.get(key) ?? 0) + 1)
        }
        // the shared bucket's burst may come on top of a key's own
        for (const count of given.values()) expect(count).toBeLessThanOrEqual(3 + 3 + (2 * passed * 240) / 60_000)
      }),
    )
  })
})
