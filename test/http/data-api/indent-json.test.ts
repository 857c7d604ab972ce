import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { indentJson } from '../../../src/http/data-api/indent-json.ts'

describe('indented JSON', () => {
  test('is what JSON.stringify gives, for any value, however it was spaced', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, '\t', '   '), (text, space) => {
        const value: unknown = JSON.parse(text)
        expect(indentJson(JSON.stringify(value, undefined, space))).toBe(JSON.stringify(value, undefined, 2))
      }),
    )
  })

  test('keeps numbers and strings as they are written', () => {
    const text = '{"a":[1.50,12345678901234567890,-0,1E+2],"b\\"{,":"\\u003c\\\\","c":{},"d":[]}'
    expect(indentJson(text)).toBe(
      [
        '{',
        '  "a": [',
        '    1.50,',
        '    12345678901234567890,',
        '    -0,',
        '    1E+2',
        '  ],',
        '  "b\\"{,": "\\u003c\\\\",',
        '  "c": {},',
        '  "d": []',
        '}',
      ].join('\n'),
    )
  })

  test('stays compact where it would grow without measure', () => {
    const text = '['.repeat(20_000) + ']'.repeat(20_000)
    expect(indentJson(text)).toBe(text)
  })

  test('takes long strings', () => {
    const text = JSON.stringify('a\\"'.repeat(1_000_000))
    expect(indentJson(`[${text}]`)).toBe(`[\n  ${text}\n]`)
  })
})
