/** Facts found on the way through a record are those of the parsed record, however it is written. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/domain/json.ts'
import type { FactSelector } from '../../src/domain/record-policy.ts'
import { factsOfRecord } from '../../src/policy/opa-wasm/facts.ts'
import { checkJsonBytes } from '../../src/policy/opa-wasm/json-check.ts'
import { createFactsOf, hrCore } from './support/record-writer.ts'

const core = hrCore()

const names = ['a', 'b', 'uid', 'a/b', '~', '0', '1', '"', '\\', 'é', '😀', '__proto__', '']
const texts = fc.constantFrom(
  'Bob',
  'Bo',
  'Bob ',
  'B\\ob',
  '"',
  '1',
  '',
  'é',
  '😀',
  '{',
  '},',
  '\u2028',
  '1234567890123456',
)
const numerals = fc.constantFrom(
  ...['0', '-0', '1', '1.0', '1e0', '10e-1', '0.1', '1e400', '-1e400', '9007199254740991', '9007199254740992'],
  ...['9007199254740993', '12345678901234567890', '1e15', '1e16', '0.12345678901234567', '123456.123456789012'],
)

/** A text as one of the ways in which JSON writes it. */
const quoted = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, fc.boolean()).map(([given, escaped]) => {
    if (!escaped) return JSON.stringify(given)
    const units = [...given].flatMap((character) => character.split(''))
    return `"${units.map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`
  })
const space = fc.constantFrom('', '', ' ', '\n\t', '\r ')

const { document } = fc.letrec<{ document: string }>((tie) => ({
  document: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    numerals,
    quoted(texts),
    fc.constantFrom('null', 'true', 'false'),
    fc
      .tuple(fc.array(tie('document'), { maxLength: 4 }), space)
      .map(([items, gap]) => `[${gap}${items.join(`${gap},${gap}`)}${gap}]`),
    fc
      .tuple(
        fc.uniqueArray(fc.tuple(quoted(fc.constantFrom(...names)), tie('document')), {
          maxLength: 4,
          selector: ([name]) => JSON.parse(name) as string,
        }),
        space,
      )
      .map(
        ([members, gap]) =>
          `{${gap}${members.map(([name, value]) => `${name}${gap}:${gap}${value}`).join(`${gap},${gap}`)}${gap}}`,
      ),
  ),
}))

const segment = fc.constantFrom('a', 'b', 'uid', 'a~1b', '~0', '0', '1', '"', '\\', 'é', '😀', '__proto__', '*')
const path = fc
  .tuple(fc.array(segment, { maxLength: 3 }), fc.boolean(), fc.array(segment, { maxLength: 2 }))
  .filter(([before, deep, after]) => deep || before.length + after.length > 0)
  .map(([before, deep, after]) => [...before, ...(deep ? ['**'] : []), ...after].map((each) => `/${each}`).join(''))
const operand: fc.Arbitrary<Json> = fc.oneof(
  texts,
  fc.constantFrom<Json>(0, 1, 0.1, 9007199254740993n, null, true, 1e16),
  fc.constant<Json>(['Bob', 1, null]),
)
const selector: fc.Arbitrary<FactSelector> = fc
  .tuple(
    fc.constantFrom('any', 'all', 'exists', 'equals', 'in', 'compare', 'get' as const),
    path,
    fc.option(operand, { nil: undefined }),
    fc.constantFrom('<', '<=', '>', '>=' as const),
  )
  .map(([op, at, other, operator]) => ({
    name: 'gen.rule/fact',
    op: op as FactSelector['op'],
    path: at,
    ...(other === undefined ? {} : { operand: other }),
    ...(op === 'compare' ? { operator: operator as '<' } : {}),
  }))

function outcome(find: () => unknown): unknown {
  try {
    return find()
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('facts of a record, from its bytes', () => {
  test('are those of the parsed record, whatever it holds and however it is written', () => {
    const seen = { found: 0, other: 0 }
    fc.assert(
      fc.property(
        fc.array(fc.tuple(quoted(fc.constantFrom(...names)), document), { maxLength: 4 }),
        fc.array(selector, { minLength: 1, maxLength: 7 }),
        (members, facts) => {
          const distinct = new Map(members.map(([name, value]) => [JSON.parse(name) as string, `${name}:${value}`]))
          const bytes = Buffer.from(`{${[...distinct.values()].join(',')}}`)
          checkJsonBytes(bytes)
          const expected = outcome(() => factsOfRecord(facts, bytes))
          expect(outcome(() => createFactsOf(core, facts)(bytes))).toEqual(expected)
          if ((expected as unknown[]).some((value) => value !== false && value !== undefined)) seen.found++
          else seen.other++
        },
      ),
      { numRuns: 4_000, seed: 20_261_125 },
    )
    expect(Math.min(seen.found, seen.other)).toBeGreaterThan(200)
  }, 120_000)

  test('are found one record after the other by the same reader', () => {
    const facts: readonly FactSelector[] = [
      { name: 'hr.visible/manages', op: 'any', path: '/manager/**/uid', operand: 'Bob' },
      { name: 'hr.visible/grade', op: 'get', path: '/grade' },
    ]
    const read = createFactsOf(core, facts)
    const records = ['{"manager":[{"uid":"Bob"}],"grade":1}', '{"grade":null}', '{"manager":{"a":[[{"uid":"Bob"}]]}}']
    expect(records.map((record) => read(Buffer.from(record)))).toEqual([
      [true, 1],
      [false, null],
      [true, undefined],
    ])
  })

  test.each([250, 255, 256, 257, 600])(
    'are as unavailable where a path leads %i levels down as they are in the parsed record',
    (levels) => {
      const bytes = Buffer.from(`{"manager":${'['.repeat(levels)}1${']'.repeat(levels)},"grade":1}`)
      for (const at of ['/manager/**', '/manager/**/uid', '/grade', '/**/grade']) {
        const facts: readonly FactSelector[] = [{ name: 'a.b/c', op: 'exists', path: at }]
        expect(outcome(() => createFactsOf(core, facts)(bytes))).toEqual(outcome(() => factsOfRecord(facts, bytes)))
      }
    },
  )

  test.each(['', '{', '{"a"', '{"a":', '{"a":"', '{"a" 1}', '{"a":[1', '{a:1}', '{"a":"\\'])(
    'of %s, which is no JSON, are an error and not an endless search',
    (text) => {
      for (const at of ['/b', '/a/**/c', '/a'])
        expect(
          outcome(() => createFactsOf(core, [{ name: 'a.b/c', op: 'get', path: at }])(Buffer.from(text))),
        ).toSatisfy((found) => found === 'policy.input_invalid' || Array.isArray(found))
    },
  )
})
