import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exactNumber, isJsonNumber, nearestNumber } from '../../../src/formats/json-record/json-number.ts'

describe('a number in JSON', () => {
  test.each([
    ['0', 0],
    ['-0', 0],
    ['0e99999999', 0],
    ['42', 42],
    ['1.50', 1.5],
    ['1e2', 100],
    ['100e-2', 1],
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['1e30', 10n ** 30n],
    ['9007199254740993.0', 9007199254740993n],
    ['0.1', 0.1],
    ['0.10000000000000001', undefined],
    ['9007199254740993.5', undefined],
    ['1e400', undefined],
    ['1e-400', undefined],
    ['1e99999999999', undefined],
  ])('%s is taken exactly or not at all', (text, expected) => {
    expect(exactNumber(text)).toBe(expected)
  })

  test('that a double stands for is that double', () => {
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (double) => {
        const exact = exactNumber(String(double))
        if (Number.isInteger(double)) expect(Number(exact)).toBe(double === 0 ? 0 : double)
        else expect(exact).toBe(double)
      }),
    )
  })

  test('is for masks what any reader takes, and null beyond all bounds', () => {
    expect(nearestNumber('0.10000000000000001')).toBe(0.1)
    expect(nearestNumber('1e999')).toBe(null)
    expect(nearestNumber('9007199254740993')).toBe(9007199254740993n)
  })

  test('has the grammar of JSON', () => {
    for (const text of ['0', '-1', '1.5e+3', '1E-7']) expect(isJsonNumber(text)).toBe(true)
    for (const text of ['', '01', '+1', '1.', '.5', '1e', '0x1', ' 1', '1 ', 'NaN', '１'])
      expect(isJsonNumber(text)).toBe(false)
  })
})
