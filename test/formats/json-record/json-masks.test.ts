import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Mask } from '../../../src/domain/decision.ts'
import type { Json } from '../../../src/domain/json.ts'
import { createJsonRecord } from '../../../src/formats/json-record/json-record.ts'
import { createByteSink } from '../../../src/formats/record-stream/byte-sink.ts'
import { mergeMasks } from '../../../src/policy/masks/merge-masks.ts'
import { parseMask } from '../../../src/policy/masks/parse-mask.ts'
import { around, jsonObject } from '../support/arbitrary-json.ts'
import { maskValue } from '../support/guarded.ts'
import { maskPlainly } from '../support/plain-masking.ts'

const record = createJsonRecord({ maskValue })
const sink = createByteSink(16)

function write(text: string, masks: readonly Mask[]): string {
  const bytes = Buffer.from(`x${text}x`)
  record.read(bytes, 1, bytes.length - 1, 0)
  record.write(masks, sink)
  return Buffer.from(sink.take()).toString()
}
const masking = (text: string, ...masks: readonly Json[]) => write(text, mergeMasks(masks.map(parseMask)))

const segment = fc.constantFrom('a', 'b', 'c', '0', '1', '*', '__proto__', 'naïve', 'x~1y')
const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => `/${segments.join('/')}`)
/** Not `round` and `hash`: those see the digits as written, which JSON.parse has lost. */
const treatment = fc.constantFrom(
  { action: 'null' },
  { action: 'remove' },
  { action: 'constant', value: { 'x"y': [1, null, 'é'] } },
  { action: 'partial', keepLast: 1, fill: '\\' },
  { action: 'truncate', to: 2 },
  { action: 'date', to: 'year' },
)
const mask = fc.tuple(path, treatment).map(([where, rest]) => parseMask({ path: where, ...rest }))

describe('a record written with its masks', () => {
  test('is what parsing, masking and printing would give', () => {
    fc.assert(
      fc.property(
        around,
        jsonObject,
        around,
        fc.array(mask, { maxLength: 4 }).map(mergeMasks),
        (before, text, after, masks) => {
          expect(JSON.parse(write(before + text + after, masks))).toEqual(maskPlainly(JSON.parse(text), masks))
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('keeps each byte that no mask touches', () => {
    fc.assert(
      fc.property(around, jsonObject, around, (before, text, after) => {
        const whole = before + text + after
        expect(write(whole, [])).toBe(whole)
        expect(masking(whole, { path: '/absent/x', action: 'remove' }, { path: '/gone', action: 'null' })).toBe(whole)
      }),
    )
    expect(masking('{ "a" : 1.50 ,\t"b":[ "\\u0061" , 1e2 ] , "c" : "x" }', { path: '/c', action: 'null' })).toBe(
      '{ "a" : 1.50 ,\t"b":[ "\\u0061" , 1e2 ] , "c" : null }',
    )
  })

  test.each([
    ['{"a":1,"b":2,"c":3}', ['/a'], '{"b":2,"c":3}'],
    ['{"a":1,"b":2,"c":3}', ['/b'], '{"a":1,"c":3}'],
    ['{"a":1,"b":2,"c":3}', ['/c'], '{"a":1,"b":2}'],
    ['{"a":1,"b":2,"c":3}', ['/b', '/c'], '{"a":1}'],
    ['{ "a" : 1 , "b" : 2 }', ['/a', '/b'], '{  }'],
    ['{"a":{"b":1}}', ['/a/b'], '{"a":{}}'],
    ['{"a":[1,2,3]}', ['/a/1'], '{"a":[1,3]}'],
    ['{"a":[1,2,3]}', ['/a/*'], '{"a":[]}'],
    ['{"a":[{"b":1,"c":2},{"c":3},{"b":4}]}', ['/a/*/b'], '{"a":[{"c":2},{"c":3},{}]}'],
  ])('%s without %j is %s', (text, paths, expected) => {
    expect(masking(text, ...paths.map((each) => ({ path: each, action: 'remove' })))).toBe(expected)
  })

  test.each([
    ['{"a":"text"}', '/a/b', '{"a":null}'],
    ['{"a":5}', '/a/b', '{"a":null}'],
    ['{"a":true}', '/a/*', '{"a":null}'],
    ['{"a":[{"b":1}]}', '/a/b', '{"a":null}'],
    ['{"a":{"b":1}}', '/a/*/b', '{"a":null}'],
    ['{"a":{"0":1,"1":2}}', '/a/0', '{"a":{"0":null,"1":2}}'],
    ['{"a":null}', '/a/b', '{"a":null}'],
    ['{"a":[[1],{"x":1},"y",null]}', '/a/*/x', '{"a":[null,{"x":null},null,null]}'],
  ])('hides the parent in %s where %s takes it for another type', (text, where, expected) => {
    expect(masking(text, { path: where, action: 'null' })).toBe(expected)
  })

  test('hides an item that is masked by its number and by *', () => {
    const [each, one]: readonly Mask[] = [
      { path: '/a/*', action: 'hash' },
      { path: '/a/1', action: 'truncate', to: 1 },
    ]
    expect(JSON.parse(write('{"a":["x","yy","z"]}', [each!, one!])).a[1]).toBe(null)
  })

  test('sees numbers as they are written', () => {
    expect(masking('{"a":12345678901234567895}', { path: '/a', action: 'round', to: 10 })).toBe(
      '{"a":12345678901234567900}',
    )
    expect(masking('{"a":1e400}', { path: '/a', action: 'round', to: 10 })).toBe('{"a":null}')
    expect(masking('{"a":2.675}', { path: '/a', action: 'round', to: 0.01 })).toBe('{"a":2.68}')
  })
})
