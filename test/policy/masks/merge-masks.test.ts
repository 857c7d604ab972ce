import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Mask } from '../../../src/domain/decision.ts'
import { isIndex, parsePointer } from '../../../src/domain/json-pointer.ts'
import { mergeMasks } from '../../../src/policy/masks/merge-masks.ts'
import { parseMask } from '../../../src/policy/masks/parse-mask.ts'
import { isAtLeastAsStrict } from '../../../src/policy/masks/strictness.ts'
import { masks } from './arbitrary-masks.ts'

const merge = (...given: readonly (Mask & object)[]) => mergeMasks(given.map((one) => parseMask({ ...one })))
/** Constants that differ in the order of their members only are the same treatment: which spelling stays is of no account. */
const spelled = (list: readonly Mask[]) =>
  list.map((one) => (one.action === 'constant' && one.value !== null ? { ...one, value: 'object' } : one))

/** Whether every place of `place` is a place of `by` or lies below one. */
function covers(by: string, place: string): boolean {
  const [upper, lower] = [parsePointer(by), parsePointer(place)]
  return (
    upper.length <= lower.length &&
    upper.every((segment, index) => segment === lower[index] || (segment === '*' && isIndex(lower[index]!)))
  )
}

describe('masks from several rules', () => {
  test('stay as they are where they do not meet, sorted by path', () => {
    const a: Mask = { path: '/a', action: 'hash' }
    const b: Mask = { path: '/b/c', action: 'truncate', to: 1 }
    expect(merge(b, a)).toEqual([a, b])
  })

  test('on one path give the stricter, and null where neither is', () => {
    const path = '/a'
    const hash: Mask = { path, action: 'hash' }
    expect(merge(hash, { path, action: 'null' })).toEqual([{ path, action: 'null' }])
    expect(merge({ path, action: 'remove' }, { path, action: 'null' })).toEqual([{ path, action: 'remove' }])
    expect(merge(hash, hash)).toEqual([hash])
    expect(merge(hash, { path, action: 'hash', key: 'old' })).toEqual([{ path, action: 'null' }])
    expect(merge(hash, { path, action: 'truncate', to: 3 })).toEqual([{ path, action: 'null' }])
    expect(merge({ path, action: 'date', to: 'year' }, { path, action: 'date', to: 'month' })).toEqual([
      { path, action: 'null' },
    ])
  })

  test('above one another give the upper where it is at least as strict, else null at the upper', () => {
    expect(merge({ path: '/a', action: 'null' }, { path: '/a/b', action: 'hash' })).toEqual([
      { path: '/a', action: 'null' },
    ])
    expect(merge({ path: '/a/b', action: 'remove' }, { path: '/a', action: 'hash' })).toEqual([
      { path: '/a', action: 'null' },
    ])
    expect(merge({ path: '/a', action: 'remove' }, { path: '/a/b/c', action: 'remove' })).toEqual([
      { path: '/a', action: 'remove' },
    ])
  })

  test('on every item and on one item give every item', () => {
    expect(merge({ path: '/a/*/b', action: 'hash' }, { path: '/a/0/b', action: 'null' })).toEqual([
      { path: '/a/*/b', action: 'null' },
    ])
    expect(merge({ path: '/a/*/b', action: 'hash' }, { path: '/a/x/b', action: 'null' })).toHaveLength(2)
  })

  test('give the same in any order', () => {
    fc.assert(
      fc.property(
        masks.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, shuffled]) => {
          expect(spelled(mergeMasks(shuffled))).toEqual(spelled(mergeMasks(list)))
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('give the same when merged in steps', () => {
    fc.assert(
      fc.property(masks, masks, masks, (a, b, c) => {
        const whole = spelled(mergeMasks([...a, ...b, ...c]))
        expect(spelled(mergeMasks([...mergeMasks([...a, ...b]), ...c]))).toEqual(whole)
        expect(spelled(mergeMasks([...a, ...mergeMasks([...b, ...c])]))).toEqual(whole)
      }),
      { numRuns: 2000 },
    )
  })

  test('give the same when merged again or with themselves', () => {
    fc.assert(
      fc.property(masks, (list) => {
        const merged = mergeMasks(list)
        expect(mergeMasks(merged)).toEqual(merged)
        expect(spelled(mergeMasks([...list, ...list]))).toEqual(spelled(merged))
      }),
      { numRuns: 1000 },
    )
  })

  test('are never less strict than any of them, and none lies below another', () => {
    fc.assert(
      fc.property(masks, (list) => {
        const merged = mergeMasks(list)
        for (const given of list) {
          const covering = merged.filter(({ path }) => covers(path, given.path))
          expect(covering).toHaveLength(1)
          const same = parsePointer(covering[0]!.path).length === parsePointer(given.path).length
          // null above a removed member hides the member as well
          expect(isAtLeastAsStrict(covering[0]!, given) || (!same && covering[0]!.action === 'null')).toBe(true)
        }
        for (const one of merged) expect(merged.filter(({ path }) => covers(path, one.path))).toEqual([one])
        expect(merged.map(({ path }) => path)).toEqual(merged.map(({ path }) => path).sort())
      }),
      { numRuns: 2000 },
    )
  })
})
