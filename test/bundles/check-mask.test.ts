/** The build accepts exactly the constant masks that the engine can carry out. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maskActions, maskProblem } from '../../src/bundles/check/check-mask.ts'
import type { Term } from '../../src/bundles/check/syntax.ts'
import type { Json } from '../../src/domain/json.ts'
import { maskActions as carriedOut } from '../../src/policy/masks/mask-actions.ts'
import { parseMask } from '../../src/policy/masks/parse-mask.ts'

/** As `opa parse` gives a constant. */
function termOf(value: unknown): Term {
  if (value === null) return { type: 'null', value: null }
  if (Array.isArray(value)) return { type: 'array', value: value.map(termOf) }
  if (typeof value !== 'object') return { type: typeof value, value }
  return { type: 'object', value: Object.entries(value).map(([key, item]) => [termOf(key), termOf(item)]) }
}

function isCarriedOut(mask: unknown): boolean {
  try {
    parseMask(mask as Json)
    return true
  } catch {
    return false
  }
}

const value = fc.oneof(
  fc.constantFrom<unknown>(
    0,
    1,
    -1,
    1.5,
    3,
    '',
    '*',
    'year',
    'month',
    'day',
    null,
    true,
    [],
    {},
    '\ud800',
    '*'.repeat(33),
    '*'.repeat(32),
  ),
  fc.jsonValue({ maxDepth: 1 }),
)
const mask = fc.record(
  {
    path: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('/a', '/a/*/b', '/a~1b/0') },
      fc.constantFrom<unknown>(
        '',
        '/',
        'a',
        '/a/',
        '/a~',
        '/a/**',
        '/a~2',
        '//a',
        `${'/a'.repeat(65)}`,
        `${'/a'.repeat(64)}`,
        1,
        null,
      ),
    ),
    action: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...Object.keys(carriedOut)) },
      fc.constantFrom<unknown>('blur', '', null, 'toString'),
    ),
    value,
    fill: value,
    key: value,
    to: value,
    keepFirst: value,
    maskLast: value,
    more: value,
  },
  { requiredKeys: [] },
)
/** Mostly only the parameters that the action has, or hardly one would be right. */
const likely = fc.tuple(mask, fc.boolean()).map(([given, all]) => {
  const known = Object.hasOwn(carriedOut, String(given.action))
    ? carriedOut[given.action as keyof typeof carriedOut].parameters
    : []
  const names = ['path', 'action', ...known]
  return all ? given : Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name)))
})

test('as the parser of the engine says, for any mask', () => {
  const seen = { accepted: 0, refused: 0 }
  fc.assert(
    fc.property(likely, (given) => {
      const accepted = maskProblem(termOf(given)) === undefined
      seen[accepted ? 'accepted' : 'refused'] += 1
      expect(accepted).toBe(isCarriedOut(given))
    }),
    { numRuns: 5_000 },
  )
  expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(100)
})

test('the same actions', () => {
  expect(Object.keys(maskActions).sort()).toEqual(Object.keys(carriedOut).sort())
})
