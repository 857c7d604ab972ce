/** A memory with room for so many entries. */
import { expect, test } from 'vitest'
import { createLatest } from '../../src/domain/latest.ts'

test('what was not asked for longest is forgotten first', () => {
  const latest = createLatest<readonly number[]>(2)
  latest.set('a', [1])
  latest.set('b', [2])
  expect(latest.get('a')).toEqual([1])
  latest.set('c', [3])
  expect([latest.get('a'), latest.get('b'), latest.get('c')]).toEqual([[1], undefined, [3]])
})

test('what is set again takes no second place', () => {
  const latest = createLatest<readonly number[]>(2)
  for (const value of [1, 2, 3]) latest.set('a', [value])
  latest.set('b', [4])
  expect([latest.get('a'), latest.get('b')]).toEqual([[3], [4]])
})
