import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatPointer,
  isFactPath,
  isIndex,
  isMaskPath,
  parsePointer,
  pathSegmentsMax,
} from '../../src/domain/json-pointer.ts'

describe('a JSON pointer', () => {
  test.each([
    ['', []],
    ['/a', ['a']],
    ['/a~1b/~0/0/*', ['a/b', '~', '0', '*']],
    ['/~01', ['~1']],
    ['/a%b /ä', ['a%b ', 'ä']],
  ])('%j has the segments %j', (path, segments) => {
    expect(parsePointer(path)).toEqual(segments)
    expect(formatPointer(segments)).toBe(path)
  })

  test('is what its segments are written as', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (segments) => {
        expect(parsePointer(formatPointer(segments))).toEqual(segments)
      }),
    )
  })

  test('of a mask or a fact leads below the record', () => {
    for (const path of ['/a', '/*', '/a/*/b', '/~0~1', `${'/x'.repeat(pathSegmentsMax)}`])
      expect([isMaskPath(path), isFactPath(path)]).toEqual([true, true])
    for (const path of [
      '',
      'a',
      '/',
      '/a/',
      '//a',
      '/a~',
      '/a~2',
      '#/a',
      '/\udc00',
      `${'/x'.repeat(pathSegmentsMax + 1)}`,
    ])
      expect([isMaskPath(path), isFactPath(path)]).toEqual([false, false])
  })

  test('of a fact may have any depth once, of a mask never', () => {
    expect([isMaskPath('/a/**/b'), isFactPath('/a/**/b')]).toEqual([false, true])
    expect(isFactPath('/**/a/**')).toBe(false)
    expect(isFactPath('/a**/b**')).toBe(true)
  })

  test('names an item by a number without leading zeros', () => {
    expect(['0', '1', '10', '999999999'].every(isIndex)).toBe(true)
    expect(['', '01', '-1', '+1', '1.0', '1e1', '-', '1000000000', '１'].some(isIndex)).toBe(false)
  })
})
