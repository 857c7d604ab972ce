/** JSON text as it can come: odd white space, escapes, surrogates, huge numbers. */
import fc from 'fast-check'

const space = fc.array(fc.constantFrom(' ', '\t', '\r'), { maxLength: 2 }).map((list) => list.join(''))
const number = fc.constantFrom(
  '0',
  '-0',
  '1',
  '-1',
  '1.5',
  '0.1',
  '1e2',
  '1E-7',
  '9007199254740993',
  '-9007199254740993',
  '1e400',
  '123456789012345678901234567890',
  '0.30000000000000004',
  '1.10',
  '100000000000000000000e-20',
  '4.9e-324',
)

/** A text in quotes; some characters escaped though they need not be. */
export const quoted = fc.tuple(fc.string({ unit: 'binary', maxLength: 6 }), fc.nat(3)).map(([text, choice]) =>
  choice === 0
    ? `"${Array.from(text, (character) =>
        [...character]
          .flatMap(unitsOf)
          .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
          .join(''),
      ).join('')}"`
    : JSON.stringify(text),
)
const unitsOf = (text: string) => Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))

export const memberNames = ['a', 'b', 'c', '0', '1', '__proto__', 'naïve', 'x/y'] as const
const name = fc.tuple(fc.constantFrom(...memberNames), fc.nat(4)).map(([text, choice]) => ({
  text,
  json:
    choice === 0 ? `"\\u${text.charCodeAt(0).toString(16).padStart(4, '0')}${text.slice(1)}"` : JSON.stringify(text),
}))

type Texts = { readonly value: string; readonly object: string }

const { value, object } = fc.letrec<Texts>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom('null', 'true', 'false'),
    number,
    quoted,
    tie('object'),
    list(tie('value')),
  ),
  object: fc
    .tuple(
      fc.uniqueArray(fc.tuple(name, space, space, tie('value'), space), {
        maxLength: 5,
        selector: ([{ text }]) => text,
      }),
      space,
    )
    .map(
      ([members, inside]) =>
        `{${inside}${members.map(([{ json }, a, b, text, c]) => `${json}${a}:${b}${text}${c}`).join(`,${inside}`)}}`,
    ),
}))

function list(item: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(fc.tuple(space, item, space), { maxLength: 4 }), space)
    .map(([items, inside]) =>
      items.length === 0 ? `[${inside}]` : `[${items.map((parts) => parts.join('')).join(',')}]`,
    )
}

export const jsonValue: fc.Arbitrary<string> = value
/** A record. */
export const jsonObject: fc.Arbitrary<string> = object
export const around = space
