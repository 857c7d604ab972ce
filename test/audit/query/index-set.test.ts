import fc from 'fast-check'
import { expect, test } from 'vitest'
import { noIndexes, sizeOf, withIndex } from '../../../src/audit/query/index-set.ts'

test('it counts different numbers, however large and however often', () => {
  const number = fc.oneof(fc.nat(100), fc.nat(10_000), fc.maxSafeNat())
  fc.assert(
    fc.property(fc.array(number, { size: 'large' }), (numbers) => {
      expect(sizeOf(numbers.reduce(withIndex, noIndexes))).toBe(new Set(numbers).size)
    }),
  )
})
