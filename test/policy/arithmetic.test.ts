/** Arithmetic as a module does it that was made interruptible, against the same module as OPA compiled it. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { createBuiltins } from '../../src/policy/opa-wasm/builtins/registry.ts'
import { compile } from '../../src/policy/opa-wasm/bundle.ts'
import { createInstance } from '../../src/policy/opa-wasm/instance.ts'
import { meterModule } from '../../src/policy/opa-wasm/wasm-meter.ts'
import { build } from './support/opa.ts'

const source = `package t

import rego.v1

sum contains input.a + input.b

difference contains input.a - input.b

product contains input.a * input.b

# the one operand comes from a list's length, which is an integer, the other from a text
counted contains [(count(input.list) + 7) - 1, (count(input.list) * 12) - input.a, 3 - count(input.list)]

# results as keys, found again by numbers that are texts
found contains table[input.a - input.b] if table := {input.a - input.b: "difference", input.a + input.b: "sum"}

found contains "difference as text" if {input.a - input.b: 1}[input.difference]

found contains "sum as text" if {input.a + input.b: 1}[input.sum]

found contains "product as text" if {input.a * input.b: 1}[input.product]

`

/** As texts, since not all of them are a double. */
const edges = [2 ** 14, 2 ** 28, 2 ** 29, 999_999_999, 2 ** 31, 2 ** 53, 2 ** 62].flatMap((edge) =>
  [-1n, 0n, 1n].flatMap((by) => [String(BigInt(edge) + by), String(-BigInt(edge) - by)]),
)
const odd = ['-0', '0.0', '1.0', '1e2', '1E0', '10e-1', '0.5', '-7', '1e400', '123456789012', '12345678901234567890123']
const whole = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.integer()).map(String)
const numeral = fc.oneof(
  { weight: 3, arbitrary: whole },
  fc.constantFrom(...edges, ...odd),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
)

describe('arithmetic', () => {
  let answers: readonly ((input: string) => string)[]

  beforeAll(() => {
    const { wasm, data } = build({ 't.rego': source }, ['t'])
    expect(compile(wasm)).toBeDefined()
    answers = [true, false].map((interruptible) => {
      const instance = createInstance({ wasm: compile(wasm, interruptible), data, builtins: createBuiltins() })
      return (input) => instance.evaluate('t', input)
    })
  }, 60_000)

  test('answers as OPA compiled it, whatever the numbers and however they are written', () => {
    fc.assert(
      fc.property(numeral, numeral, fc.array(fc.boolean(), { maxLength: 12 }), (a, b, list) => {
        const input = `{"a":${a},"b":${b},"difference":${a},"list":${JSON.stringify(list)}}`
        const [ours, opas] = answers.map((answer) => answer(input))
        expect(ours).toBe(opas)
      }),
      { numRuns: 3_000 },
    )
  }, 60_000)

  test('is right for whole numbers', () => {
    fc.assert(
      fc.property(fc.oneof(whole, fc.constantFrom(...edges)), fc.oneof(whole, fc.constantFrom(...edges)), (a, b) => {
        const [left, right] = [BigInt(a), BigInt(b)]
        const answer = answers[0]!(
          `{"a":${a},"b":${b},"sum":${left + right},"difference":${left - right},"product":${left * right},"list":[]}`,
        )
        expect(answer).toContain(`"sum": {${left + right}}`)
        expect(answer).toContain(`"difference": {${left - right}}`)
        expect(answer).toContain(`"product": {${left * right}}`)
        for (const name of ['sum', 'difference', 'product']) expect(answer).toContain(`"${name} as text"`)
      }),
      { numRuns: 2_000, examples: [['999999999', '999999999']] },
    )
  }, 60_000)

  test.each(['null', 'true', '"7"', '[7]', '{"7":7}'])('with %s is undefined', (value) => {
    expect(answers[0]!(`{"a":${value},"b":1,"list":[]}`)).toContain('"sum": set()')
    expect(answers[0]!(`{"a":1,"b":${value},"list":[]}`)).toContain('"difference": set()')
  })

  test('stays as it is where numbers are made otherwise', () => {
    const { wasm } = build({ 't.rego': source }, ['t'])
    const renamed = Buffer.from(wasm)
    renamed.write('opa_number_xyz', renamed.lastIndexOf('opa_number_int'))
    const more = (bytes: Uint8Array) => meterModule(bytes).length - bytes.length
    expect(more(wasm)).toBeGreaterThan(more(renamed))
    expect(compile(renamed)).toBeDefined()
  })
})
