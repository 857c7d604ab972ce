import { expect, test } from 'vitest'
import { createShared } from '../../../src/audit/query/shared-values.ts'

test('equal values become one, and different ones stay apart', () => {
  const shared = createShared()
  const first = shared({ code: 'one' })
  expect(shared({ code: 'one' })).toBe(first)
  expect(shared({ code: 'two' })).toEqual({ code: 'two' })
  expect(shared('{"code":"one"}')).toBe('{"code":"one"}')
  expect(shared(undefined)).toBeUndefined()
})
