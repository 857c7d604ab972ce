/** Inputs of a policy that has been asked often go into memory the quick way: every answer and every refusal stays what it was. */
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { createPolicy, type Policy } from '../../src/policy/opa-wasm/index.ts'
import { build } from './support/opa.ts'

const source = `package t

import rego.v1

echo := input

described := {"size": count(paths), "texts": texts, "sum": sum(numbers)} if {
	paths := [path | walk(input, [path, _])]
	texts := {upper(value) | walk(input, [_, value]); is_string(value)}
	numbers := [value | walk(input, [_, value]); is_number(value)]
}

again := json.unmarshal(json.marshal(input))
`

let wasm: Buffer
let warm: Policy

beforeAll(() => {
  wasm = build({ 't.rego': source }, ['t/echo', 't/described', 't/again']).wasm
  warm = createPolicy({ wasm })
  for (let asked = 0; asked < 60; asked++) warm.evaluate({ asked })
}, 60_000)

/** What each entrypoint answers, or the code of the error. */
function answers(policy: Policy, input: unknown): readonly string[] {
  return policy.entrypoints.map((entrypoint) => {
    try {
      return policy.evaluateToText(input, entrypoint) ?? 'undefined'
    } catch (error) {
      return (error as { readonly code: string }).code
    }
  })
}

test('inputs are answered as by a policy that is asked for the first time', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 4 }), (input) => {
      const first = answers(createPolicy({ wasm }), input)
      expect(answers(warm, input)).toEqual(first)
      expect(answers(warm, Buffer.from(JSON.stringify(input)))).toEqual(first)
    }),
    { numRuns: 150 },
  )
}, 120_000)

test('bytes that are spoilt are answered, or refused, as by a policy that is asked for the first time', () => {
  const sample = Buffer.from('{"a":[1,-2.5e3,true,null,"té\\n\\u00e9"],"b":{"":{}},"longer key":12345678901234567890}')
  const seen = new Set<string>()
  fc.assert(
    fc.property(fc.nat(sample.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const spoilt = Buffer.from(sample)
      spoilt[at] = byte
      const first = answers(createPolicy({ wasm }), spoilt)
      expect(answers(warm, spoilt)).toEqual(first)
      seen.add(first[0]!.startsWith('{') ? 'answered' : first[0]!)
    }),
    { numRuns: 300 },
  )
  expect([...seen].sort()).toEqual(['answered', 'policy.input_invalid'])
}, 120_000)

test.each([
  ['', 'policy.input_invalid'],
  ['{} {}', 'policy.input_invalid'],
  ['{"a":1,"a":2}', 'policy.input_invalid'],
  ['\ufeff{}', 'policy.input_invalid'],
  [`${'['.repeat(1_100)}${']'.repeat(1_100)}`, 'policy.limit'],
  ['null', 'null'],
  ['false', 'false'],
  [`${'['.repeat(600)}${']'.repeat(600)}`, `${'['.repeat(600)}${']'.repeat(600)}`],
])('%.20s comes to %.20s', (json, answer) => {
  expect(answers(warm, Buffer.from(json))[0]).toBe(answer)
})
