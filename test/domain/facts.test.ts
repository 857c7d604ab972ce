import { describe, expect, test } from 'vitest'
import { evaluateFact, factDepthMax, parseFact } from '../../src/domain/facts.ts'
import type { Json } from '../../src/domain/json.ts'
import type { FactSelector } from '../../src/domain/record-policy.ts'

const factOf = (record: Json, selector: Omit<FactSelector, 'name'>) =>
  evaluateFact({ name: 'x.y/z', ...selector }, record)

describe('the declaration of a fact', () => {
  test.each<[Json, object]>([
    [{ get: '/a' }, { op: 'get', path: '/a' }],
    [{ exists: '/a/*' }, { op: 'exists', path: '/a/*' }],
    [
      { any: '/manager/**/uid', equals: 'user.id' },
      { op: 'any', path: '/manager/**/uid', reference: 'user.id' },
    ],
    [
      { all: '/a', equals: { value: null } },
      { op: 'all', path: '/a', literal: null },
    ],
    [
      { path: '/a', equals: 'context.purpose' },
      { op: 'equals', path: '/a', reference: 'context.purpose' },
    ],
    [
      { path: '/a', in: { value: [1, 2] } },
      { op: 'in', path: '/a', literal: [1, 2] },
    ],
    [
      { path: '/a', compare: '<=', to: 'user.attributes.level' },
      { op: 'compare', path: '/a', operator: '<=', reference: 'user.attributes.level' },
    ],
  ])('%j is understood', (declaration, expected) => {
    expect(parseFact('x.y/z', declaration)).toEqual({ name: 'x.y/z', ...expected })
  })

  test.each<[Json]>([
    [null],
    ['/a'],
    [{}],
    [{ get: 'a' }],
    [{ get: 5 }],
    [{ get: '/**/a/**' }],
    [{ get: '/a', equals: 'user.id' }],
    [{ any: '/a' }],
    [{ any: '/a', equals: 'userid' }],
    [{ any: '/a', equals: 'other.id' }],
    [{ any: '/a', equals: 'user.' }],
    [{ any: '/a', equals: { value: 1, more: 2 } }],
    [{ any: '/a', equals: 5 }],
    [{ path: '/a', compare: '==', to: 'user.id' }],
    [{ path: '/a', compare: '<' }],
    [{ path: '/a', equals: { value: 2 ** 53 } }],
    [{ path: '/a', in: { value: [1, -1e22] } }],
  ])('%j is refused', (declaration) => {
    expect(() => parseFact('x.y/z', declaration)).toThrow(expect.objectContaining({ code: 'bundle.refused' }))
  })
})

describe('a fact of a record', () => {
  const record: Json = {
    uid: 'a',
    n: 5,
    list: [1, '1', null],
    deep: [{ uid: 'b', deep: [{ uid: 'c' }] }],
    empty: {},
    nothing: null,
  }

  test.each<[Omit<FactSelector, 'name'>, unknown]>([
    [{ op: 'get', path: '/uid' }, 'a'],
    [{ op: 'get', path: '/nothing' }, null],
    [{ op: 'get', path: '/list' }, undefined],
    [{ op: 'get', path: '/list/*' }, undefined],
    [{ op: 'get', path: '/list/1' }, '1'],
    [{ op: 'get', path: '/list/3' }, undefined],
    [{ op: 'exists', path: '/empty' }, true],
    [{ op: 'exists', path: '/empty/*' }, false],
    [{ op: 'exists', path: '/toString' }, false],
    [{ op: 'any', path: '/deep/**/uid', operand: 'c' }, true],
    [{ op: 'any', path: '/**/uid', operand: 'a' }, true],
    [{ op: 'any', path: '/deep/**/uid', operand: 'a' }, false],
    [{ op: 'any', path: '/deep/*/uid', operand: 'c' }, false],
    [{ op: 'any', path: '/**/uid' }, false],
    [{ op: 'all', path: '/list/*', operand: 1 }, false],
    [{ op: 'all', path: '/deep/**/uid', operand: 'b' }, false],
    [{ op: 'all', path: '/gone', operand: 'b' }, false],
    [{ op: 'all', path: '/uid', operand: 'a' }, true],
    [{ op: 'equals', path: '/n', operand: 5 }, true],
    [{ op: 'equals', path: '/n', operand: '5' }, false],
    [{ op: 'equals', path: '/n' }, false],
    [{ op: 'equals', path: '/gone' }, false],
    [{ op: 'equals', path: '/empty', operand: {} }, false],
    [{ op: 'equals', path: '/nothing', operand: null }, true],
    [{ op: 'in', path: '/n', operand: ['5', 5] }, true],
    [{ op: 'in', path: '/n', operand: ['5'] }, false],
    [{ op: 'in', path: '/n', operand: 'n' }, false],
    [{ op: 'compare', path: '/n', operator: '<', operand: 6 }, true],
    [{ op: 'compare', path: '/n', operator: '<', operand: '6' }, false],
    [{ op: 'compare', path: '/n', operator: '>', operand: 5 }, false],
    [{ op: 'compare', path: '/n', operator: '>=', operand: 5 }, true],
    [{ op: 'compare', path: '/nothing', operator: '<=', operand: 5 }, false],
    [{ op: 'compare', path: '/n', operand: 5 }, false],
  ])('%j is %j', (selector, expected) => {
    expect(factOf(record, selector)).toEqual(expected)
  })

  test('compares texts by code point', () => {
    // U+1F600 comes after U+FFFD, though its first UTF-16 unit does not
    expect(factOf({ a: '\u{1F600}' }, { op: 'compare', path: '/a', operator: '>', operand: '\ufffd' })).toBe(true)
  })

  test('is false of doubles that stand for more than one whole number', () => {
    expect(factOf({ a: 2 ** 53 }, { op: 'equals', path: '/a', operand: 2 ** 53 })).toBe(false)
    expect(factOf({ a: 2 ** 60 }, { op: 'compare', path: '/a', operator: '>', operand: 1 })).toBe(false)
    expect(factOf({ a: 2n ** 60n }, { op: 'compare', path: '/a', operator: '>', operand: 1 })).toBe(true)
    expect(factOf({ a: 5 }, { op: 'equals', path: '/a', operand: 5n })).toBe(true)
    expect(factOf({ a: Number.NaN }, { op: 'equals', path: '/a', operand: Number.NaN })).toBe(false)
  })

  test('is not to be had where the record is nested too deep', () => {
    let deep: Json = 1
    for (let level = 0; level <= factDepthMax; level++) deep = [deep]
    expect(() => factOf({ a: deep }, { op: 'exists', path: '/a/**' })).toThrow(
      expect.objectContaining({ code: 'fact.unavailable' }),
    )
  })
})
