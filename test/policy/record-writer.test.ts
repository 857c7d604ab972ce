/** Records written into a policy's memory by our own module lie there as OPA's parser would have left them, or are left to it. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkJsonBytes } from '../../src/policy/opa-wasm/json-check.ts'
import { recordWriterModule } from '../../tools/record-writer.ts'
import { hrCore, written } from './support/record-writer.ts'

const core = hrCore()
const fate = (json: string | Uint8Array) => written(core, Buffer.from(json))
const quoted = (units: string) => JSON.stringify(units)

const strictNumerals = ['0', '-0', '7', '-7', '999999999', '-999999999', '1000000000', '-1000000000', '2147483648']
const longNumerals = [
  '9007199254740993',
  '12345678901234567890',
  '1.0',
  '-0.0',
  '0.1',
  '1e5',
  '1E+5',
  '1e-5',
  '1.5e300',
]

describe('a record written into memory', () => {
  test('lies there as OPA parses it, whatever it holds', () => {
    const { document } = fc.letrec<{ document: string }>((tie) => ({
      document: fc.oneof(
        { depthSize: 'medium' },
        fc.constantFrom(...strictNumerals, ...longNumerals, 'null', 'true', 'false', '[ ]', '{ }'),
        fc.string({ unit: 'grapheme' }).map(quoted),
        fc.string({ unit: 'binary' }).map((text) => quoted(text.toWellFormed())),
        fc.array(tie('document'), { maxLength: 30 }).map((items) => `[${items.join(' , ')}]`),
        fc
          .uniqueArray(fc.tuple(fc.string({ unit: 'binary', maxLength: 4 }), tie('document')), {
            maxLength: 30,
            selector: ([name]) => name.toWellFormed(),
          })
          .map((all) => `{${all.map(([name, value]) => `\n${quoted(name.toWellFormed())} : ${value}`).join(',')}}`),
      ),
    }))
    const seen = { large: 0 }
    fc.assert(
      fc.property(document, (json) => {
        expect(fate(json)).toBe('as parsed')
        if (json.length > 200) seen.large++
      }),
      { numRuns: 3_000, seed: 20_261_125 },
    )
    expect(seen.large).toBeGreaterThan(200)
  }, 120_000)

  test('is strict JSON: what is spoilt in one byte is written only where the strict check takes it', () => {
    const sample = Buffer.from(
      '{"a":[1,-2.5e3,true,false,null,"té\\n\\u00e9"],"b":{"":{}, "c":[[],[0]]},"longer key":"x"}',
    )
    const isStrict = (json: Uint8Array) => {
      try {
        checkJsonBytes(json)
        return true
      } catch {
        return false
      }
    }
    const seen = { strict: 0, other: 0 }
    const spoil = (json: Buffer) => {
      const strict = isStrict(json)
      expect([strict, fate(json)], json.toString('latin1')).toEqual([
        strict,
        strict ? 'as parsed' : 'left to the parser',
      ])
      seen[strict ? 'strict' : 'other']++
    }
    for (let at = 0; at < sample.length; at++) {
      for (let byte = 0; byte < 256; byte++) {
        const json = Buffer.from(sample)
        json[at] = byte
        spoil(json)
      }
      spoil(Buffer.concat([sample.subarray(0, at), sample.subarray(at + 1)]))
      spoil(sample.subarray(0, at))
    }
    expect(Math.min(seen.strict, seen.other)).toBeGreaterThan(1_000)
  }, 120_000)

  test.each([
    ['nothing', ''],
    ['a key twice', '{"a":1,"b":2,"a":3}'],
    ['a key twice, once with an escape', '{"a":1,"\\u0061":3}'],
    ['a lone surrogate', '{"a":"\\ud800"}'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['a byte order mark', '\ufeff{}'],
    ['more than one value', '{} {}'],
    ['a set', '{1,2}'],
    ['257 levels', `${'['.repeat(257)}${']'.repeat(257)}`],
  ])('is left to the parser where it is %s', (_what, json) => {
    expect(fate(json)).toBe('left to the parser')
  })

  test('of keys that were chosen to share a bucket is left to the parser, whose time is limited', () => {
    const hashOf = (key: string) =>
      Buffer.from(key).reduce((sum, byte) => Math.imul(sum, 0x01000193) ^ byte, 0x811c9dc5 | 0) & 0xff
    const colliding: string[] = []
    for (let number = 0; colliding.length < 60; number++) if (hashOf(`k${number}`) === 7) colliding.push(`k${number}`)
    const json = (keys: readonly string[]) => `{${keys.map((key) => `"${key}":1`).join(',')}}`
    expect(fate(json(colliding.slice(0, 20)))).toBe('as parsed')
    expect(fate(json(colliding))).toBe('left to the parser')
  })

  test('may need more memory than there is, and then there is more, up to the limit', () => {
    const small = hrCore(800)
    const items = (count: number) =>
      Buffer.from(JSON.stringify({ list: Array.from({ length: count }, () => ['x', 1]) }))
    const before = small.memoryBytes()
    expect(written(small, items(20_000))).toBe('as parsed')
    expect(small.memoryBytes()).toBeGreaterThan(before)
    expect(() => written(small, items(400_000))).toThrow('opa_malloc: failed')
  })

  test('is written by a module that is compiled from its source', async () => {
    const kept = readFileSync(new URL('../../src/policy/opa-wasm/record-writer-module.ts', import.meta.url), 'utf8')
    expect(await recordWriterModule()).toBe(kept)
  }, 60_000)
})
