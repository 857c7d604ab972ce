import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { printJson } from '../../src/policy/opa-wasm/json-text.ts'

const nested = (levels: number) => {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

describe('a value printed as JSON', () => {
  test('is what JSON says of it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(printJson(value)).toBe(JSON.stringify(value))
      }),
    )
  })

  test.each([
    ['a bigint among others', { a: [9_007_199_254_740_993n, 1.5, '"'] }, '{"a":[9007199254740993,1.5,"\\""]}'],
    ['a member that is undefined', { a: undefined, b: [null] }, '{"b":[null]}'],
    ['half a surrogate pair', { 'k\ud800': 'v\udc00' }, '{"k\ufffd":"v\ufffd"}'],
    ['a member of the name toJSON', { toJSON: 'x', b: 1 }, '{"toJSON":"x","b":1}'],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ['minus zero', -0, '0'],
    ['a list with members of its own', Object.assign([1, 2], { toJSON: () => 'other' }), '[1,2]'],
  ])('holds %s', (_, value, text) => {
    expect(printJson(value)).toBe(text)
  })

  test('is the same whatever others have taught lists to say of themselves', () => {
    onTestFinished(() => {
      Reflect.deleteProperty(Array.prototype, 'toJSON')
    })
    Object.defineProperty(Array.prototype, 'toJSON', { configurable: true, value: () => [] })
    expect(printJson({ roles: ['HR'] })).toBe('{"roles":["HR"]}')
  })

  test.each([
    ['a number that is not finite', { a: [Number.NaN] }],
    ['a value that is undefined', [undefined]],
    ['a value that is undefined', new Array(3)],
    ['a function', { a: { toJSON: () => 1 } }],
    ['a symbol', [Symbol('a')]],
    ['an object that is not plain', { at: new Date(0) }],
    ['an object that is not plain', [new Map([['a', 1]])]],
    ['a key twice', { 'a\ud800': 1, 'a\ud801': 2 }],
  ])('cannot hold %s', (what, value) => {
    expect(() => printJson(value)).toThrow(
      expect.objectContaining({
        code: 'policy.input_invalid',
        message: `The input of the policy is not valid JSON: ${what}.`,
      }),
    )
  })

  test('has a thousand levels at most', () => {
    expect(printJson(nested(1_000))).toContain('1')
    expect(() => printJson(nested(1_001))).toThrow(expect.objectContaining({ code: 'policy.limit' }))
  })
})
