import { createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Mask } from '../../../src/domain/decision.ts'
import type { Json } from '../../../src/domain/json.ts'
import { parseHashKeys } from '../../../src/policy/masks/hash-keys.ts'
import { maskValue } from '../../../src/policy/masks/mask-value.ts'

type Treatment = Mask extends infer Each ? (Each extends Mask ? Omit<Each, 'path'> : never) : never
const secrets = { old: randomBytes(32), new: randomBytes(48) }
const hashKeys = parseHashKeys({
  current: 'new',
  keys: { old: secrets.old.toString('base64'), new: secrets.new.toString('base64') },
})
const apply = (treatment: Treatment, value: Json) =>
  maskValue({ path: '/x', ...treatment } as Mask, value, { hashKeys })
const others: readonly Json[] = [null, true, [], ['x'], {}, { x: 'y' }]

describe('null, remove and constant', () => {
  test('do not look at the value', () => {
    for (const value of [...others, 'text', 1, 1n]) {
      expect(apply({ action: 'null' }, value)).toBe(null)
      expect(apply({ action: 'remove' }, value)).toBe(undefined)
      expect(apply({ action: 'constant', value: 'x' }, value)).toBe('x')
    }
  })
})

describe('partial', () => {
  test.each([
    [{ keepLast: 4 }, '1234567890', '******7890'],
    [{ keepFirst: 2, keepLast: 1 }, '123456', '12***6'],
    [{ maskLast: 1 }, '12345', '1234*'],
    [{ maskFirst: 2, maskLast: 2 }, '123456', '**34**'],
    [{ keepFirst: 4, maskFirst: 2 }, '123456', '**34**'],
    [{ maskLast: 9 }, '123', '***'],
    [{ keepLast: 0 }, '123', '***'],
    [{ keepLast: 1 }, '👩‍🚀😀', '***😀'],
    [{ keepLast: 4 }, '', ''],
  ])('%j of %s is %s', (sides, value, masked) => {
    expect(apply({ action: 'partial', fill: '*', ...sides }, value)).toBe(masked)
  })

  test.each([[{ keepLast: 4 }], [{ keepFirst: 2, keepLast: 2 }], [{ maskFirst: 0 }]])(
    'hides a text whole that %j would leave whole',
    (sides) => {
      expect(apply({ action: 'partial', fill: '#', ...sides }, '1234')).toBe('####')
    },
  )

  test('leaves no more characters than it says, each in its place', () => {
    const count = fc.nat(6)
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), count, count, (text, keepFirst, keepLast) => {
        const masked = Array.from(apply({ action: 'partial', keepFirst, keepLast, fill: '\u0000' }, text) as string)
        const characters = Array.from(text)
        expect(masked).toHaveLength(characters.length)
        masked.forEach((character, index) => {
          if (character === '\u0000') return
          expect(character).toBe(characters[index])
          expect(index < keepFirst || index >= characters.length - keepLast).toBe(true)
        })
        if (characters.length > 0) expect(masked).toContain('\u0000')
      }),
    )
  })
})

describe('truncate', () => {
  test('keeps the first code points and cuts none in two', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(8), (text, to) => {
        expect(apply({ action: 'truncate', to }, text)).toBe(Array.from(text).slice(0, to).join(''))
      }),
    )
  })
})

describe('date', () => {
  test.each([
    ['1985-07-31', 'year', '1985-01-01'],
    ['1985-07-31', 'month', '1985-07-01'],
    ['2024-02-29T23:59:59.123Z', 'month', '2024-02-01T00:00:00Z'],
    ['2024-06-30T23:59:59+02:00', 'year', '2024-01-01T00:00:00Z'],
    ['2024-06-30T23:59:59', 'year', '2024-01-01T00:00:00'],
  ] as const)('%s to %s is %s', (value, to, masked) => {
    expect(apply({ action: 'date', to }, value)).toBe(masked)
  })

  test.each([
    '1985',
    '1985-7-31',
    '31/07/1985',
    '2023-02-29',
    '1900-02-29',
    '2024-04-31',
    '2024-00-10',
    '2024-13-01',
    '2024-01-01 10:00:00',
    '2024-01-01T24:00:00Z',
    '2024-01-01T10:00Z',
    '2024-01-01T10:00:00Z ',
    ' 2024-01-01',
    '2024-01-01\n',
    '+002024-01-01',
    '２０２４-01-01',
    '',
  ])('%j is no date, and becomes null', (value) => {
    expect(apply({ action: 'date', to: 'month' }, value)).toBe(null)
  })

  test('tells apart no two days of one month', () => {
    const day = fc
      .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
      .map((date) => date.toISOString())
    fc.assert(
      fc.property(day, (text) => {
        expect(apply({ action: 'date', to: 'month' }, text)).toBe(`${text.slice(0, 7)}-01T00:00:00Z`)
        expect(apply({ action: 'date', to: 'year' }, text.slice(0, 10))).toBe(`${text.slice(0, 4)}-01-01`)
      }),
    )
  })
})

describe('round', () => {
  test.each([
    [25, 10, 30],
    [-25, 10, -30],
    [24.999, 10, 20],
    [-24.999, 10, -20],
    [2.675, 0.01, 2.68],
    [1.005, 0.01, 1.01],
    [0.1 + 0.2, 0.1, 0.3],
    [7, 2.5, 7.5],
    [1e300, 1e299, 10n ** 300n],
    [1e-300, 1, 0],
    [-0.4, 1, 0],
    [2 ** 53, 1, 9007199254740992n],
    [9007199254740995n, 10, 9007199254741000n],
    [-9007199254740995n, 10, -9007199254741000n],
    [123n, 10, 120],
  ])('%s to a multiple of %s is %s', (value, to, masked) => {
    expect(apply({ action: 'round', to }, value)).toBe(masked)
  })

  test('gives a multiple at most half a step away, and of two equally near the one away from zero', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 24n), 10n ** 24n), fc.integer({ min: 1, max: 10_000 }), (value, to) => {
        const rounded = BigInt(apply({ action: 'round', to }, value) as number | bigint)
        const step = BigInt(to)
        expect(rounded % step).toBe(0n)
        const off = rounded - value
        const size = off < 0n ? -off : off
        expect(2n * size <= step).toBe(true)
        if (2n * size === step) expect(rounded < 0n ? rounded < value : rounded > value).toBe(true)
      }),
    )
  })

  test('does not care for binary fractions', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), (thousandths) => {
        const size = Math.abs(thousandths)
        const hundredths = Math.floor(size / 10) + (size % 10 >= 5 ? 1 : 0)
        expect(apply({ action: 'round', to: 0.01 }, thousandths / 1000)).toBe(
          (hundredths === 0 ? 0 : Math.sign(thousandths) * hundredths) / 100,
        )
      }),
    )
  })

  test('of what is no finite number is null', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, '12'])
      expect(apply({ action: 'round', to: 10 }, value)).toBe(null)
  })
})

describe('hash', () => {
  const hmac = (secret: Buffer, text: string) => createHmac('sha256', secret).update(text).digest('hex')

  test('is HMAC-SHA-256 of the text under the current key, or under the one that is named', () => {
    expect(apply({ action: 'hash' }, 'Zoë')).toBe(hmac(secrets.new, 'Zoë'))
    expect(apply({ action: 'hash', key: 'old' }, 'Zoë')).toBe(hmac(secrets.old, 'Zoë'))
  })

  test('of a number is that of its text', () => {
    expect(apply({ action: 'hash' }, 42)).toBe(hmac(secrets.new, '42'))
    expect(apply({ action: 'hash' }, 9007199254740993n)).toBe(hmac(secrets.new, '9007199254740993'))
    expect(apply({ action: 'hash' }, -0)).toBe(hmac(secrets.new, '0'))
  })

  test('under a key that is not configured ends the read', () => {
    const mask: Mask = { path: '/x', action: 'hash', key: 'gone' }
    expect(() => maskValue(mask, 'x', { hashKeys })).toThrow(expect.objectContaining({ code: 'mask.key_unknown' }))
    expect(() => maskValue({ path: '/x', action: 'hash' }, 'x', {})).toThrow(
      expect.objectContaining({ code: 'mask.key_unknown' }),
    )
  })
})

describe('a value of a type that the action does not know', () => {
  const treatments: readonly Treatment[] = [
    { action: 'partial', keepLast: 1, fill: '*' },
    { action: 'truncate', to: 3 },
    { action: 'date', to: 'year' },
    { action: 'round', to: 10 },
    { action: 'hash' },
  ]
  test.each(treatments)('becomes null: %j', (treatment) => {
    for (const value of others) expect(apply(treatment, value)).toBe(null)
  })

  test.each(treatments.slice(0, 3))('becomes null where it is a number: %j', (treatment) => {
    for (const value of [1985, 19850731n]) expect(apply(treatment, value)).toBe(null)
  })
})

describe('hash keys', () => {
  const long = randomBytes(32).toString('base64')
  test.each([
    [{ current: 'a', keys: { b: long } }],
    [{ current: 'a', keys: { a: randomBytes(31).toString('base64') } }],
    [{ current: 'a', keys: { a: `${long}!` } }],
    [{ current: 'a', keys: {} }],
  ])('that are missing, short or not base64 do not start, and are not shown', (configured) => {
    let message = ''
    try {
      parseHashKeys(configured)
    } catch (error) {
      expect(error).toMatchObject({ code: 'config.invalid' })
      message = (error as Error).message
    }
    expect(message).toMatch(/^policy\.hashKeys: /)
    for (const secret of Object.values(configured.keys)) expect(message).not.toContain(secret)
  })
})
