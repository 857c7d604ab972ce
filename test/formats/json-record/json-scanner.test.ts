import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createJsonScanner } from '../../../src/formats/json-record/json-scanner.ts'
import { endOf, kindOf, kinds, nextOf, startOf, textOf } from '../../../src/formats/json-record/json-tape.ts'
import { around, jsonValue } from '../support/arbitrary-json.ts'

const scanner = createJsonScanner()
const scan = (input: string | Uint8Array, offset = 0) => {
  const bytes = Buffer.from(input)
  return scanner.scan(bytes, 0, bytes.length, offset)
}
const codeAndPlace = (input: string | Uint8Array, offset = 0): string => {
  try {
    scan(input, offset)
  } catch (thrown) {
    const { code, message } = thrown as { readonly code: string; readonly message: string }
    return `${code} ${message.match(/at byte (\d+)/)?.[1]}`
  }
  return 'valid'
}

/** What JSON.parse makes of the text, read from the tape. */
function valueAt(node: number): unknown {
  const { tape } = scanner
  switch (kindOf(tape, node)) {
    case kinds.list:
      return childrenOf(node, 0).map(valueAt)
    case kinds.object:
      return Object.fromEntries(childrenOf(node, 1).map((name) => [textOf(tape, name), valueAt(name + 1)]))
    case kinds.text:
    case kinds.escapedText:
      return textOf(tape, node)
    default:
      return JSON.parse(tape.bytes.toString('utf8', startOf(tape, node), endOf(tape, node)))
  }
}

function childrenOf(node: number, toValue: number): number[] {
  const children: number[] = []
  for (let child = node + 1; child < nextOf(scanner.tape, node); child = nextOf(scanner.tape, child + toValue))
    children.push(child)
  return children
}

describe('the JSON scanner', () => {
  test('finds in any valid text what JSON.parse finds', () => {
    fc.assert(
      fc.property(around, jsonValue, around, (before, text, after) => {
        expect(scan(before + text + after)).toBe(true)
        expect(valueAt(0)).toEqual(JSON.parse(text))
      }),
      { numRuns: 1000 },
    )
  })

  test('refuses every text that is cut short, at a place inside it', () => {
    fc.assert(
      fc.property(jsonValue, fc.nat(), (text, cut) => {
        const bytes = Buffer.from(text)
        const part = bytes.subarray(0, cut % bytes.length)
        const still = isJson(part)
        const found = codeAndPlace(part, 1000)
        if (still) expect(found).toBe('valid')
        else if (part.toString().trim() !== '') {
          expect(found).toMatch(/^format\.corrupt \d+$/)
          expect(Number(found.split(' ')[1])).toBeGreaterThanOrEqual(1000)
          expect(Number(found.split(' ')[1])).toBeLessThanOrEqual(1000 + part.length)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('accepts and refuses as a strict parser does when bytes are changed', () => {
    fc.assert(
      fc.property(
        jsonValue,
        fc.nat(),
        fc.constantFrom(...Buffer.from('{}[]",:\\u0-+.eE1d8\n\u0000 \t\u007f'), 0x80, 0xc3, 0xff),
        (text, place, byte) => {
          const bytes = Buffer.from(text)
          bytes[place % bytes.length] = byte
          if (bytes.toString().trim() === '') return
          expect(codeAndPlace(bytes) === 'valid').toBe(isJson(bytes))
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('does not look beyond the range it is given', () => {
    for (const text of [
      '12',
      '"a"',
      'true',
      'false',
      'null',
      '{"a":1}',
      '[1]',
      '1.5',
      '1e5',
      '"\\u0041"',
      '"\\ud83d\\ude00"',
    ]) {
      const bytes = Buffer.from(`${text}${text}`)
      expect(scanner.scan(bytes, 0, text.length, 0)).toBe(true)
      for (let end = 1; end < text.length; end++) {
        const alone = codeAndPlace(text.slice(0, end))
        let within = 'valid'
        try {
          scanner.scan(bytes, 0, end, 0)
        } catch (thrown) {
          within = (thrown as { readonly code: string }).code
        }
        expect(within).toBe(alone.split(' ')[0])
      }
    }
  })

  test.each([
    ['{"a":1,"a":2}', 'the same name twice'],
    ['{"a":1,"\\u0061":2}', 'the same name twice, once escaped'],
    ['{"x":{"é":1,"b":2,"\\u00e9":2}}', 'the same name twice, deeper'],
    [`{${Array.from({ length: 40 }, (_, index) => `"n${index}":0`).join()},"n3":1}`, 'the same name twice among many'],
    ['"\\ud800"', 'a lone high surrogate'],
    ['"\\ud800\\u0041"', 'a high surrogate before another character'],
    ['"\\udc00"', 'a lone low surrogate'],
    ['\ufeff{}', 'a byte order mark'],
    ['{"a":01}', 'a number with a leading zero'],
    ['[1.]', 'a number without a fraction'],
    ['[.5]', 'a number without a whole part'],
    ['[+1]', 'a plus sign'],
    ['[1e]', 'an exponent without digits'],
    ['[NaN]', 'NaN'],
    ['[1,]', 'a comma at the end of a list'],
    ['{"a":1,}', 'a comma at the end of an object'],
    ["{'a':1}", 'single quotes'],
    ['"a\u0001"', 'a control character'],
    ['"\\x41"', 'an unknown escape'],
    ['{} {}', 'two values'],
    ['\u00a01', 'white space that JSON does not know'],
  ])('refuses %s: %s', (text) => {
    expect(codeAndPlace(text)).toMatch(/^format\.corrupt/)
  })

  test('refuses bytes that are not UTF-8', () => {
    for (const bytes of [
      [0x22, 0xc3, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0x22, 0xc0, 0xaf, 0x22],
      [0x22, 0xff, 0x22],
    ])
      expect(codeAndPlace(Buffer.from(bytes))).toMatch(/^format\.corrupt/)
  })

  test('takes 64 levels and refuses the 65th', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
    const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    expect([codeAndPlace(nested(64)), codeAndPlace(objects(64))]).toEqual(['valid', 'valid'])
    expect(codeAndPlace(nested(65))).toBe('format.limit 64')
    expect(codeAndPlace(objects(65))).toBe('format.limit 320')
    expect(codeAndPlace(nested(100_000))).toBe('format.limit 64')
  })

  test('knows objects with the same names at one depth apart', () => {
    expect(codeAndPlace('[{"a":1,"b":{"a":1}},{"a":{"b":2},"b":1}]')).toBe('valid')
    expect(
      codeAndPlace(
        `[${Array.from({ length: 3 }, () => `{${Array.from({ length: 40 }, (_, index) => `"n${index}":0`).join()}}`).join()}]`,
      ),
    ).toBe('valid')
  })

  test('knows names apart that begin alike', () => {
    expect(codeAndPlace('{"acammzqz":1,"acammz":2}')).toBe('valid')
    expect(codeAndPlace('{"acammz":1,"acammzqz":2,"":3,"a":4,"aa":5}')).toBe('valid')
  })

  test('says that white space is nothing', () => {
    expect(scan(' \t\r\n')).toBe(false)
    expect(scan('')).toBe(false)
  })
})

/** By JSON.parse, which takes lone surrogates and a name twice. */
function isJson(bytes: Uint8Array): boolean {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    JSON.parse(text)
  } catch {
    return false
  }
  return isStrict(text)
}

function isStrict(text: string): boolean {
  let depth = 0
  const names: Set<string>[] = []
  const tokens = text.match(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}]/gu) ?? []
  for (const token of tokens) {
    if (token === '{') names[++depth] = new Set()
    else if (token === '}') depth--
    else {
      const isName = token.endsWith(':')
      const value = JSON.parse(isName ? token.slice(0, -1) : token) as string
      if (!value.isWellFormed() || (isName && names[depth]!.has(value))) return false
      if (isName) names[depth]!.add(value)
    }
  }
  return true
}
