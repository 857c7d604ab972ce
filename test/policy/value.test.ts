import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareValues, equalValues, setOf, type Value } from '../../src/policy/opa-wasm/value.ts'
import { bytesOfText, textOfBytes } from '../../src/policy/opa-wasm/value-bytes.ts'
import { compareNumbers, numberOfText, numberText } from '../../src/policy/opa-wasm/value-number.ts'
import { parseValue, printValue, valueFromJson, valueToJson } from '../../src/policy/opa-wasm/value-text.ts'
import { json, number } from './support/arguments/base.ts'
import { askOpa } from './support/opa-calls.ts'

const anyValue: fc.Arbitrary<Value> = fc.oneof(
  json,
  fc.array(json, { maxLength: 4 }).map(setOf),
  fc.array(fc.tuple(json, json), { maxLength: 3 }).map((pairs) => setOf(pairs)),
)

describe('values', () => {
  test('come back from their text as they were', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const text = printValue(value)
        expect(equalValues(parseValue(text), value)).toBe(true)
        expect(printValue(parseValue(text))).toBe(text)
      }),
    )
  })

  test('of JSON come back from JSON with every digit', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = valueToJson(value)
        expect(valueToJson(valueFromJson(text))).toBe(text)
      }),
    )
    const text = '[9007199254740993,-123456789012345678901234567890,1.0,1e400,0.1]'
    expect(valueToJson(valueFromJson(text))).toBe(text)
  })

  test('are in one order: it holds both ways, and through a third value', () => {
    fc.assert(
      fc.property(anyValue, anyValue, anyValue, (a, b, c) => {
        expect(Math.sign(compareValues(a, b))).toBe(-Math.sign(compareValues(b, a)) + 0)
        if (compareValues(a, b) <= 0 && compareValues(b, c) <= 0) expect(compareValues(a, c)).toBeLessThanOrEqual(0)
      }),
    )
  })

  test('are in the order that OPA sorts them in', () => {
    const lists = fc.sample(fc.array(json, { minLength: 2, maxLength: 6 }), { seed: 7, numRuns: 300 })
    const answers = askOpa(lists.map((list) => ({ name: 'sort', args: [list] })))
    for (const [index, list] of lists.entries()) {
      // Equal numbers that are written differently may stand either way round.
      const ours = [...list].sort(compareValues)
      const opas = valueFromJson(String(answers[index]))
      expect(compareValues(ours, opas), valueToJson(list)).toBe(0)
    }
  })

  test('sort strings by code point, not by UTF-16 unit', () => {
    expect(compareValues('\uffff', '\u{10000}')).toBeLessThan(0)
  })
})

describe('numbers', () => {
  test('of more digits than can be read in no time are kept as they are written', () => {
    const digits = '9'.repeat(2_000_000)
    expect(numberOfText(digits)).toEqual({ kind: 'decimal', text: digits })
    expect(numberOfText('9'.repeat(40))).toBe(BigInt('9'.repeat(40)))
  })

  test('compare by their exact decimal value', () => {
    const scale = 10n ** 40n
    const scaled = (text: string) => {
      const [, sign, whole, fraction = ''] = /^(-?)([0-9]+)(?:\.([0-9]+))?$/.exec(text)!
      const magnitude = BigInt(whole + fraction) * (scale / 10n ** BigInt(fraction.length))
      return sign === '-' ? -magnitude : magnitude
    }
    const decimal = fc
      .tuple(fc.constantFrom('', '-'), fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.integer({ min: 0, max: 10 ** 9 }))
      .map(([sign, whole, fraction]) => `${sign}${whole}.${fraction}`)
    fc.assert(
      fc.property(decimal, decimal, (left, right) => {
        const [a, b] = [scaled(left), scaled(right)]
        expect(compareNumbers(numberOfText(left), numberOfText(right))).toBe(a < b ? -1 : a > b ? 1 : 0)
      }),
    )
  })

  test('keep the text that they were written as', () => {
    fc.assert(
      fc.property(number, (value) => {
        const text = printValue(value)
        expect(numberText(numberOfText(text))).toBe(text)
      }),
    )
  })
})

test('bytes that are no UTF-8 survive as text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      expect(Buffer.from(bytesOfText(textOfBytes(bytes))).equals(bytes)).toBe(true)
    }),
  )
})
