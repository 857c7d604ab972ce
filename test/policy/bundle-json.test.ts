/** The files of a bundle in JSON: what is written as we write it is read without the strict check, and only if that would have passed it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseObject } from '../../src/policy/opa-wasm/bundle.ts'
import { checkJsonBytes } from '../../src/policy/opa-wasm/json-check.ts'
import { withCode } from './support/with-code.ts'

const read = (text: string | Uint8Array) => () => parseObject(Buffer.from(text), '.manifest')
const indented = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
const nested = (depth: number) => {
  let value: object = {}
  for (let level = 1; level < depth; level++) value = { a: value }
  return value
}

function passes(bytes: Uint8Array): boolean {
  try {
    checkJsonBytes(bytes)
    return true
  } catch {
    return false
  }
}

describe('an object in indented JSON', () => {
  test('is what is written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (given) => {
        const text = indented(given)
        if (passes(Buffer.from(text))) expect(read(text)()).toEqual(JSON.parse(text))
        else expect(read(text)).toThrow(withCode('bundle.corrupt'))
      }),
    )
  })

  test.each([
    ['a key given twice', '{\n  "a": 1,\n  "a": 1\n}\n'],
    ['a key given twice, once escaped', '{\n  "a": 1,\n  "\\u0061": 1\n}\n'],
    ['half a surrogate pair', indented({ a: '\ud800' })],
    ['half a surrogate pair as a key', indented({ '\udc00': 1 })],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x0a, ...Buffer.from('  "a": "'), 0xff, ...Buffer.from('"\n}\n')])],
    ['text after its end', `${indented({ a: 1 })}x`],
    ['a number with a leading zero', '{\n  "a": 01\n}\n'],
    ['an end that is missing', indented({ a: 1 }).slice(0, -3)],
    ['no object', '[\n  1\n]\n'],
    ['more levels than may be', indented(nested(1_002))],
    ['far more levels than may be', indented(nested(3_000))],
  ])('is refused for %s', (_, text) => {
    expect(read(text)).toThrow(withCode('bundle.corrupt'))
  })

  test.each([
    ['numbers with more digits than are kept', '{\n  "a": 1.00000000000000000001\n}\n', { a: 1 }],
    ['keys in another order than JavaScript keeps', '{\n  "b": 1,\n  "1": 2\n}\n', { 1: 2, b: 1 }],
    ['a key that objects have', '{\n  "__proto__": 1\n}\n', JSON.parse('{"__proto__": 1}')],
    ['as many levels as may be', indented(nested(1_001)), nested(1_001)],
  ])('is read with %s', (_, text, value) => {
    expect(JSON.stringify(read(text)())).toBe(JSON.stringify(value))
  })

  test('with any byte changed is read only if the strict check passes it', () => {
    const text = Buffer.from(
      indented({ revision: 'x', roots: ['a', 'b'], metadata: { rules: { '\u0001é\\': [1.5e9, null] } } }),
    )
    const edit = fc.record({
      at: fc.nat(text.length - 1),
      byte: fc.nat(255),
      kind: fc.constantFrom('set', 'cut', 'add'),
    })
    fc.assert(
      fc.property(edit, ({ at, byte, kind }) => {
        const added = kind === 'cut' ? [] : [byte]
        const changed = Buffer.from([...text.subarray(0, at), ...added, ...text.subarray(kind === 'add' ? at : at + 1)])
        if (passes(changed)) expect(read(changed)()).toEqual(JSON.parse(changed.toString('utf8')))
        else expect(read(changed)).toThrow(withCode('bundle.corrupt'))
      }),
      { numRuns: 3_000 },
    )
  })
})
