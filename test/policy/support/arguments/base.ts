/** Generated values, and arguments made of them. */

import fc, { type Arbitrary } from 'fast-check'
import { objectOf, type Value } from '../../../../src/policy/opa-wasm/value.ts'
import { numberOfText } from '../../../../src/policy/opa-wasm/value-number.ts'

export type Arguments = Arbitrary<readonly Value[]>

export const pick = <Item>(...items: readonly Item[]) => fc.constantFrom(...items)
export const joined = (parts: Arbitrary<string>, minLength: number, maxLength: number, separator = '') =>
  fc.array(parts, { minLength, maxLength }).map((list) => list.join(separator))

export const character = fc.oneof(
  { weight: 6, arbitrary: pick(...'abcxyzABZ019 _-./:,;!?@#$%&*+=~|') },
  pick('"', "'", '\\', '<', '>', '(', ')', '[', ']', '{', '}', '\n', '\t', '\r', '\0', '\u007f'),
  pick('é', 'ß', 'Ω', '中', '😀', '\u00a0', '\u2028', '\ufeff', '\u0301', '\ufffd', '\u0085'),
)
export const text = joined(character, 0, 12)
export const shortText = joined(pick(...'abA1 é😀'), 0, 4)

export const numberText = fc.oneof(
  fc.integer({ min: -20, max: 20 }).map(String),
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  pick(
    '0.0',
    '-0',
    '1.0',
    '1.50',
    '1e2',
    '1E-2',
    '2.5e3',
    '0.1',
    '123.456',
    '1e21',
    '1e-7',
    '9007199254740993',
    '1e300',
  ),
  fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 })
    .map((value) => String(value).replace('e+', 'e')),
)
export const number: Arbitrary<Value> = numberText.map(numberOfText)
export const smallInteger: Arbitrary<Value> = fc.integer({ min: -5, max: 12 })
export const scalar: Arbitrary<Value> = fc.oneof(text, number, fc.boolean(), fc.constant(null))

export const object = (value: Arbitrary<Value>, keys: Arbitrary<string> = shortText) =>
  fc.array(fc.tuple(keys, value), { maxLength: 4 }).map((entries): Value => objectOf(entries))

export const { json } = fc.letrec<{ json: Value }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    scalar,
    fc.array(tie('json'), { maxLength: 4 }),
    object(tie('json')),
  ),
}))

/** Now and then an argument of any kind, where the built-in expects another. */
const mostly = (arbitrary: Arbitrary<Value>): Arbitrary<Value> => fc.oneof({ weight: 15, arbitrary }, json)
export const args = (...each: readonly Arbitrary<Value>[]): Arguments => fc.tuple(...each.map(mostly))
export const exactly = (...each: readonly Arbitrary<Value>[]): Arguments => fc.tuple(...each)
