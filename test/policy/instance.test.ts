/** One instance of a policy: whatever goes wrong in an evaluation denies that one, and is gone before the next. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { createBuiltins } from '../../src/policy/opa-wasm/builtins/registry.ts'
import { compile } from '../../src/policy/opa-wasm/bundle.ts'
import { createPolicy } from '../../src/policy/opa-wasm/index.ts'
import type { WasmInstance } from '../../src/policy/opa-wasm/instance.ts'
import { nestedArray, poisonBuilt, poisonEntrypoints, poisonInstance } from './support/poison.ts'

const million = 1_000_000

describe('an instance', () => {
  let instance: WasmInstance
  beforeAll(() => {
    instance = poisonInstance({ limits: { timeMsMax: 200, memoryPagesMax: 64 } })
  })
  const sound = () => expect(instance.evaluate('p/allow', '{"blocked": false}')).toBe('{{"result": true}}')
  const code = (entrypoint: string, input: string) => {
    try {
      return instance.evaluate(entrypoint, input)
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  test('ends an evaluation that takes too long, by a loop or by calls alone, and decides the next', () => {
    expect(code('p/long', `{"n": ${million}}`)).toBe('policy.limit')
    sound()
    expect(code('p/doubled', '{"n": 1}')).toBe('policy.limit')
    sound()
  })

  test('ends an evaluation that needs too much memory, and decides the next', () => {
    expect(code('p/large', '{"n": 20000}')).toBe('policy.limit')
    sound()
    expect(instance.memoryBytes).toBeLessThanOrEqual(64 * 65_536)
  })

  test('ends an evaluation whose rules conflict, and decides the next', () => {
    expect(code('p/conflict', '{"a": 1, "b": 1}')).toBe('policy.failed')
    expect(code('p/items', '{"key": "x"}')).toBe('policy.failed')
    sound()
  })

  test('denies where a built-in of the host fails, without losing the instance', () => {
    const before = instance.replaced
    expect(code('p/decoded', '{"text": "zz"}')).toBe('builtin.failed')
    expect(code('p/decoded', '{"text": "414243"}')).toBe('{{"result": "ABC"}}')
    expect(instance.replaced).toBe(before)
  })

  test('denies where a built-in of the host is missing, in each evaluation that gets there', () => {
    const builtins = createBuiltins({ withhold: ['hex.decode'] })
    const without = poisonInstance({ builtins, builtinErrors: 'undefined' })
    expect(() => without.evaluate('p/decoded', '{"text": "41"}')).toThrow(
      expect.objectContaining({ code: 'builtin.missing' }),
    )
    expect(without.evaluate('p/total', '{}')).toBe('{{"result": 3}}')
  })

  test('takes no input that WASM cannot read for no input', () => {
    for (const input of ['', '{', '[1,2', "{'blocked': true}", '{"blocked": true', 'NaN', nestedArray(60_000)])
      expect(code('p/allow', input)).toMatch(/^policy\.(input_invalid|limit)$/)
    sound()
  })

  test('refuses an input or a result beyond its limits', () => {
    const small = poisonInstance({ limits: { inputBytesMax: 1_000, resultBytesMax: 1_000 } })
    expect(() => small.evaluate('p/allow', `"${'x'.repeat(1_000)}"`)).toThrow(
      expect.objectContaining({ code: 'policy.limit' }),
    )
    const items = Array.from({ length: 400 }, (_, index) => index)
    expect(() => small.evaluate('p/seen', JSON.stringify(items.map(String)))).toThrow(
      expect.objectContaining({ code: 'policy.limit' }),
    )
    expect(small.evaluate('p/allow', '{}')).toBe('{{"result": true}}')
  })

  test('survives any number of failures: 100,000 in a row, each denied', () => {
    const poison: readonly (readonly [entrypoint: string, input: string, code: string])[] = [
      ['p/conflict', '{"a": 1, "b": 1}', 'policy.failed'],
      ['p/items', '{"key": "x"}', 'policy.failed'],
      ['p/allow', nestedArray(60_000), 'policy.limit'],
      ...Array.from({ length: 300 }, () => ['p/allow', '{"blocked": ', 'policy.input_invalid'] as const),
      ...Array.from({ length: 300 }, () => ['p/decoded', '{"text": "zz"}', 'builtin.failed'] as const),
    ]
    const unexpected = new Set<string>()
    for (let index = 0; index < 100_000; index++) {
      const [entrypoint, input, expected] = poison[index % poison.length]!
      if (code(entrypoint, input) !== expected) unexpected.add(`${entrypoint} ${expected}`)
    }
    expect([...unexpected]).toEqual([])
    sound()
  }, 300_000)

  // each exception leaks some of the stack of the module that it is thrown through: 511 such conflicts kill one for good
  test('survives more failures of one kind than a module can', () => {
    for (let index = 0; index < 1_100; index++) expect(code('p/conflict', '{"a": 1, "b": 1}')).toBe('policy.failed')
    sound()
  }, 120_000)

  test('cannot be entered again from within an evaluation', () => {
    const entered = poisonInstance({
      builtins: new Map([...createBuiltins(), ['hex.decode', () => entered.evaluate('p/total', '{}')]]),
    })
    expect(() => entered.evaluate('p/decoded', '{"text": "41"}')).toThrow(
      expect.objectContaining({ code: 'builtin.failed' }),
    )
    expect(entered.evaluate('p/total', '{}')).toBe('{{"result": 3}}')
  })

  test('uses no more memory the longer it runs', () => {
    const steady = poisonInstance()
    const prepared = steady.prepare('p/seen', '{"a": [1, 2, 3], "b": {"c": "d"}}')
    const run = (count: number) => {
      for (let index = 0; index < count; index++) {
        steady.evaluate('p/all', `{"k${index % 100}": [${index}], "text": "${'x'.repeat(index % 300)}"}`)
        prepared.evaluate({ record: `{"n": ${index}, "text": "${'y'.repeat(index % 500)}"}` })
      }
    }
    run(2_000)
    const bytes = steady.memoryBytes
    run(100_000)
    expect(steady.memoryBytes).toBe(bytes)
    expect(steady.replaced).toBe(0)
  }, 120_000)
})

describe('evaluations', () => {
  const input = fc.json({ maxDepth: 3 })
  const call = fc.record({
    entrypoint: fc.constantFrom(...poisonEntrypoints.filter((name) => !/long|doubled|large/.test(name))),
    input,
  })

  test('answer as in an instance of their own, whatever went before in the same one', () => {
    const shared = poisonInstance()
    const bytes = compile(poisonBuilt().wasm)
    const outcome = (instance: WasmInstance, entrypoint: string, text: string) => {
      try {
        return instance.evaluate(entrypoint, text)
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 6 }), (calls) => {
        for (const { entrypoint, input: text } of calls)
          expect(outcome(shared, entrypoint, text)).toBe(outcome(poisonInstance({ wasm: bytes }), entrypoint, text))
      }),
      { numRuns: 60 },
    )
  })

  test('with a prepared input answer as with the whole', () => {
    const shared = poisonInstance()
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })),
        fc.array(fc.array(fc.json({ maxDepth: 2 }), { maxLength: 3 })),
        (base, rounds) => {
          const known = Object.fromEntries(Object.entries(base).filter(([key]) => !key.startsWith('m')))
          const prepared = shared.prepare('p/seen', JSON.stringify(known))
          for (const values of rounds) {
            const members = Object.fromEntries(values.map((text, index) => [`m${index}`, text]))
            const whole = JSON.stringify({
              ...known,
              ...Object.fromEntries(values.map((text, index) => [`m${index}`, JSON.parse(text) as unknown])),
            })
            if (!whole.isWellFormed()) continue
            const alone = poisonInstance().evaluate('p/seen', whole)
            expect(
              shared.evaluate(
                'p/seen',
                prepared
                  .evaluate(members)
                  .replace(/^\{\{"result": \{"input": /, '')
                  .slice(0, -3),
              ),
            ).toBe(shared.evaluate('p/seen', alone.replace(/^\{\{"result": \{"input": /, '').slice(0, -3)))
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('a policy by itself', () => {
  const policy = () => createPolicy({ wasm: poisonBuilt().wasm, data: { known: { list: [1] } } })

  test('takes false, 0, null and the empty text for inputs, and undefined for none', () => {
    for (const input of [false, 0, null, '']) expect(policy().evaluate(input, 'p/seen')).toEqual({ input })
    expect(policy().evaluate(undefined, 'p/seen')).toBeUndefined()
    expect(policy().evaluate(undefined, 'p/allow')).toBe(true)
  })

  test('refuses bytes that are not strict JSON', () => {
    const malformed = [
      '',
      ' ',
      '{',
      '{"a":1',
      '[1,2',
      '[1,]',
      '{"a":1,}',
      "{'a':1}",
      '{a:1}',
      'NaN',
      'Infinity',
      '01',
      '1.',
      '.5',
      '+1',
      '-',
      '1e',
      '{"a":1}x',
      '{"a":1} {}',
      '{1,2,3}',
      'set()',
      '{"a":1,"a":2}',
      '{"a":1,"\\u0061":2}',
      '"\u0001"',
      '"\\x"',
      '"\\ud800"',
      '\ufeff{}',
      'tru',
      'nulls',
      '"',
      '"\\',
    ]
    for (const text of malformed)
      expect(() => policy().evaluate(Buffer.from(text), 'p/allow'), text).toThrow(
        expect.objectContaining({ code: 'policy.input_invalid' }),
      )
    for (const bytes of [[0xff], [0x22, 0xc0, 0xaf, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22]])
      expect(() => policy().evaluate(Uint8Array.from(bytes), 'p/allow')).toThrow(
        expect.objectContaining({ code: 'policy.input_invalid' }),
      )
  })

  test('says where bytes are wrong and what with, without quoting them', () => {
    const says = (text: string) => {
      try {
        policy().evaluate(Buffer.from(text), 'p/allow')
      } catch (error) {
        return (error as Error).message
      }
      return undefined
    }
    expect(says('{"a":1,"a":2}')).toMatch(/a key twice, at byte 10\.$/)
    expect(says('[1,]')).toMatch(/not strict JSON, at byte 3\.$/)
    expect(says(nestedArray(1_500))).toContain('nested deeper than the 1000 levels')
  })

  test('refuses values that JSON does not have', () => {
    for (const value of [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      new Map(),
      new Date(0),
      () => 1,
      Symbol('x'),
      [undefined],
      { a: 1n, b: new Set() },
    ])
      expect(() => policy().evaluate(value, 'p/allow')).toThrow(
        expect.objectContaining({ code: 'policy.input_invalid' }),
      )
    expect(() => policy().evaluate(JSON.parse(nestedArray(1_500)), 'p/allow')).toThrow(
      expect.objectContaining({ code: 'policy.limit' }),
    )
  })

  test('gives back every value as it went in', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as unknown
        if (/\d{16}/.test(JSON.stringify(plain))) return
        if (!JSON.stringify(plain).isWellFormed() || /\\ud[89a-f]/.test(JSON.stringify(plain))) return
        expect(policy1.evaluate(plain, 'p/seen')).toEqual({ input: plain })
        expect(policy1.evaluate(Buffer.from(JSON.stringify(plain)), 'p/seen')).toEqual({ input: plain })
      }),
      { numRuns: 100 },
    )
  })
  const policy1 = policy()

  test('keeps whole numbers exact beyond 2^53, and every digit in text', () => {
    expect(policy1.evaluate(Buffer.from('[9007199254740993]'), 'p/seen')).toEqual({ input: [9_007_199_254_740_993n] })
    expect(policy1.evaluateToText(Buffer.from('0.12345678901234567890'), 'p/seen')).toBe(
      '{"input":0.12345678901234567890}',
    )
  })

  test('answers with the data it was last given', () => {
    const own = policy()
    expect(own.evaluate({}, 'p/total')).toBe(1)
    own.setData({ known: { list: [1, 2] } })
    expect(own.evaluate({}, 'p/total')).toBe(2)
    expect(own.evaluate(7, 'p/replaced')).toBe(1)
    expect(own.evaluate({}, 'p/total')).toBe(2)
  })
})
