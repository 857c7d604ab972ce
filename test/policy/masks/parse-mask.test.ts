import { describe, expect, test } from 'vitest'
import { PortcullisError } from '../../../src/domain/errors.ts'
import type { Json } from '../../../src/domain/json.ts'
import { parseMask } from '../../../src/policy/masks/parse-mask.ts'

const valid: readonly Json[] = [
  { path: '/a', action: 'null' },
  { path: '/a~1b/*/~0', action: 'remove' },
  { path: '/a', action: 'constant', value: null },
  { path: '/a', action: 'constant', value: { b: [1, 'x'] } },
  { path: '/a', action: 'partial', keepLast: 4, fill: '*' },
  { path: '/a', action: 'partial', maskFirst: 1, maskLast: 0, fill: '' },
  { path: '/a', action: 'hash' },
  { path: '/a', action: 'hash', key: '2025' },
  { path: '/a', action: 'truncate', to: 0 },
  { path: '/a', action: 'date', to: 'year' },
  { path: '/a', action: 'round', to: 0.5 },
]

const refused: readonly Json[] = [
  null,
  'x',
  [],
  {},
  { path: '/a' },
  { action: 'null' },
  { path: '', action: 'null' },
  { path: 'a', action: 'null' },
  { path: '/', action: 'null' },
  { path: '/a//b', action: 'null' },
  { path: '/a/', action: 'null' },
  { path: '/a~2', action: 'null' },
  { path: '/a/**/b', action: 'null' },
  { path: `${'/a'.repeat(65)}`, action: 'null' },
  { path: '/\ud800', action: 'null' },
  { path: ['/a'], action: 'null' },
  { path: '/a', action: 'NULL' },
  { path: '/a', action: 'toString' },
  { path: '/a', action: '__proto__' },
  { path: '/a', action: 'null', value: 1 },
  { path: '/a', action: 'constant' },
  { path: '/a', action: 'partial', fill: '*' },
  { path: '/a', action: 'partial', keepLast: 4 },
  { path: '/a', action: 'partial', keepLast: -1, fill: '*' },
  { path: '/a', action: 'partial', keepLast: 1.5, fill: '*' },
  { path: '/a', action: 'partial', keepLast: '4', fill: '*' },
  { path: '/a', action: 'partial', keepLast: 4, fill: 'x'.repeat(33) },
  { path: '/a', action: 'partial', keepLast: 4, fill: '*', keepMiddle: 1 },
  { path: '/a', action: 'hash', key: '' },
  { path: '/a', action: 'hash', key: 1 },
  { path: '/a', action: 'truncate', to: -1 },
  { path: '/a', action: 'truncate', to: 1n },
  { path: '/a', action: 'date', to: 'day' },
  { path: '/a', action: 'date' },
  { path: '/a', action: 'round', to: 0 },
  { path: '/a', action: 'round', to: -1 },
  { path: '/a', action: 'round', to: Number.POSITIVE_INFINITY },
]

describe('a mask in the answer of a policy', () => {
  test.each(valid)('is taken as it is: %j', (value) => {
    expect(parseMask(value)).toEqual(value)
  })

  test.each(refused.map((value, index) => [index, value] as const))(
    'is refused when malformed (case %i)',
    (_, value) => {
      let thrown: unknown
      try {
        parseMask(value)
      } catch (error) {
        thrown = error
      }
      expect(thrown).toBeInstanceOf(PortcullisError)
      expect((thrown as PortcullisError).code).toBe('mask.malformed')
    },
  )
})
