import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluateFact } from '../../../src/domain/facts.ts'
import type { Json } from '../../../src/domain/json.ts'
import type { FactSelector } from '../../../src/domain/record-policy.ts'
import { createJsonRecord } from '../../../src/formats/json-record/json-record.ts'
import { jsonObject } from '../support/arbitrary-json.ts'
import { maskValue } from '../support/guarded.ts'

const record = createJsonRecord({ maskValue })

function factOf(text: string, selector: Omit<FactSelector, 'name'>) {
  const bytes = Buffer.from(text)
  record.read(bytes, 0, bytes.length, 0)
  return record.facts([{ name: 'x.y/z', ...selector }])[0]
}

const path = fc
  .tuple(
    fc.array(fc.constantFrom<string>('a', 'b', 'c', '0', '1', '*', 'naïve', 'x~1y', '__proto__'), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.option(fc.nat(3)),
  )
  .map(([segments, at]) => `/${(at === null ? segments : segments.toSpliced(at, 0, '**')).join('/')}`)
const operand = fc.constantFrom<Json>(null, true, 0, 1, 1.5, 100, 0.1, '', 'a', 'text', [1, 'a', null], {})
const selector: fc.Arbitrary<FactSelector> = fc.record({
  name: fc.constant('x.y/z'),
  op: fc.constantFrom('any', 'all', 'exists', 'equals', 'in', 'compare', 'get'),
  path,
  operand,
  operator: fc.constantFrom('<', '<=', '>', '>='),
})

describe('facts of a record in bytes', () => {
  test('are those of the parsed record', () => {
    fc.assert(
      fc.property(
        jsonObject.filter((text) => !/\d{16}|e400|324/.test(text)),
        selector,
        (text, fact) => {
          expect(factOf(text, fact)).toEqual(evaluateFact(fact, JSON.parse(text) as Json))
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('find a text at any depth, escaped or not', () => {
    const manages = { op: 'any', path: '/manager/**/uid', operand: 'Zoë' } as const
    expect(factOf('{"manager":[{"uid":"x","manager":[{"uid":"Zo\\u00eb"}]}]}', manages)).toBe(true)
    expect(factOf('{"manager":[{"uid":"x","manager":[{"uid":"Zoë"}]}]}', manages)).toBe(true)
    expect(factOf('{"manager":[{"uid":["Zoë"]}],"uid":"Zoë"}', manages)).toBe(false)
    expect(factOf('{"manager":[{"Zoë":"uid"}]}', manages)).toBe(false)
  })

  test('compare whole numbers beyond 2^53 exactly', () => {
    const text = '{"a":9007199254740993}'
    expect(factOf(text, { op: 'equals', path: '/a', operand: 9007199254740993n })).toBe(true)
    expect(factOf(text, { op: 'equals', path: '/a', operand: 9007199254740992n })).toBe(false)
    expect(factOf(text, { op: 'compare', path: '/a', operator: '>', operand: 9007199254740992n })).toBe(true)
    expect(factOf(text, { op: 'get', path: '/a' })).toBe(9007199254740993n)
  })

  test('are false of numbers that nobody holds exactly', () => {
    for (const text of ['{"a":0.10000000000000001}', '{"a":1e400}']) {
      expect(factOf(text, { op: 'equals', path: '/a', operand: 0.1 })).toBe(false)
      expect(factOf(text, { op: 'compare', path: '/a', operator: '>=', operand: 0 })).toBe(false)
      expect(factOf(text, { op: 'get', path: '/a' })).toBe(undefined)
      expect(factOf(text, { op: 'exists', path: '/a' })).toBe(true)
    }
    // an operand that is a double at 2^53 stands for two whole numbers
    expect(factOf('{"a":9007199254740992}', { op: 'equals', path: '/a', operand: 2 ** 53 })).toBe(false)
  })

  test('are the projected record where a rule wants fields', () => {
    const bytes = Buffer.from('{ "a" : [1, 2] , "\\u0062":{"c":"é"},"d":1e400}')
    record.read(bytes, 0, bytes.length, 0)
    expect(Buffer.from(record.json(['b', 'd', 'x'])).toString()).toBe('{"\\u0062":{"c":"é"},"d":1e400}')
    expect(Buffer.from(record.json([])).toString()).toBe('{}')
    expect(Buffer.from(record.json(undefined)).equals(bytes)).toBe(true)
  })
})
