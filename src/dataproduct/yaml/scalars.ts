/** What a plain YAML scalar means: the core schema of YAML 1.2, and what tools for YAML 1.1 make of the same text. */

export type Scalar = null | boolean | number | string

const decimal = /^[-+]?[0-9]+$/
const octal = /^0o[0-7]+$/
const hexadecimal = /^0x[0-9a-fA-F]+$/
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const notFinite = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/

const WORDS: ReadonlyMap<string, null | boolean> = new Map([
  ...['', '~', 'null', 'Null', 'NULL'].map((word): [string, null] => [word, null]),
  ...['true', 'True', 'TRUE'].map((word): [string, boolean] => [word, true]),
  ...['false', 'False', 'FALSE'].map((word): [string, boolean] => [word, false]),
])

/** Infinite and not-a-number come back as such. */
export function coreScalar(source: string): Scalar {
  const word = WORDS.get(source)
  if (word !== undefined) return word
  if (!looksNumeric(source)) return source
  if (decimal.test(source) || float.test(source)) return Number(source)
  if (octal.test(source)) return Number.parseInt(source.slice(2), 8)
  if (hexadecimal.test(source)) return Number.parseInt(source.slice(2), 16)
  if (!notFinite.test(source)) return source
  if (source.toLowerCase() === '.nan') return Number.NaN
  return source.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

/** Cheap: nothing else can be a number. */
function looksNumeric(source: string): boolean {
  const first = source.charCodeAt(0)
  return (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46
}

const olderReadings: readonly { readonly pattern: RegExp; readonly reading: string }[] = [
  { pattern: /^(?:y|yes|on|Y|Yes|YES|On|ON)$/, reading: '`true`' },
  { pattern: /^(?:n|no|off|N|No|NO|Off|OFF)$/, reading: '`false`' },
  { pattern: /^[-+]?0[0-7]+$/, reading: 'an octal number' },
  { pattern: /^0[0-9]+$/, reading: 'text or another number' },
  { pattern: /^0o[0-7]+$/, reading: 'text or another number' },
  { pattern: /^[-+]?0b[01_]+$/, reading: 'a binary number' },
  { pattern: /^[-+]?[0-9][0-9_]*:[0-5]?[0-9](?::[0-5]?[0-9])*(?:\.[0-9_]*)?$/, reading: 'a number to the base of 60' },
  {
    pattern: /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9:.]+(?:[ \t]*(?:Z|[-+][0-9:]+))?)?$/,
    reading: 'a date',
  },
  { pattern: /^[-+]?(?:0x[0-9a-fA-F]*_[0-9a-fA-F_]*|[0-9]+_[0-9_]*(?:\.[0-9_]*)?)$/, reading: 'a number' },
  { pattern: /^[-+]?[0-9]+[eE][0-9]+$|^[-+]?[0-9.]+[eE][0-9]+$/, reading: 'text or another number' },
]

const olderWordLengthMax = 3

/** What YAML 1.1 tools read instead; undefined where they agree. */
export function olderReading(source: string): string | undefined {
  if (!looksNumeric(source) && source.length > olderWordLengthMax) return undefined
  return olderReadings.find(({ pattern }) => pattern.test(source))?.reading
}
