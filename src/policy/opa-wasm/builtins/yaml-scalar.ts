/** What a plain YAML scalar is, as the library that OPA uses resolves it. */
import type { Value } from '../value.ts'
import { integer, numberOfText } from '../value-number.ts'

export type YamlScalar = { readonly type: 'null' | 'bool' | 'int' | 'float' | 'merge'; readonly value: Value }

const words: ReadonlyMap<string, YamlScalar> = new Map<string, YamlScalar>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, { type: 'null', value: null }] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, { type: 'bool', value: true }] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, { type: 'bool', value: false }] as const),
  ['<<', { type: 'merge', value: '<<' }],
])

const int64Max = 2n ** 63n - 1n
const uint64Max = 2n ** 64n - 1n

/** Not JSON, so reading one fails. */
export const nonFiniteYaml = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/

/** Undefined: a string, which dates are too. */
export function resolveYamlScalar(source: string): YamlScalar | undefined {
  const word = words.get(source)
  if (word !== undefined) return word
  if (/^[.]/.test(source)) return floatOf(source.replaceAll('_', ''), source)
  if (!/^[-+0-9]/.test(source)) return undefined
  const plain = source.replaceAll('_', '')
  const whole = integerOf(plain)
  if (whole !== undefined && whole <= uint64Max && whole >= -int64Max - 1n)
    return { type: 'int', value: integer(whole) }
  return floatOf(plain, plain)
}

function integerOf(text: string): bigint | undefined {
  const parts = /^([-+]?)(?:0([xX])([0-9a-fA-F]+)|0([bB])([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/.exec(text)
  if (parts === null) return undefined
  const [, sign, hexMark, hex, binaryMark, binary, octal, decimal] = parts
  const magnitude =
    hexMark !== undefined
      ? BigInt(`0x${hex}`)
      : binaryMark !== undefined
        ? BigInt(`0b${binary}`)
        : octal !== undefined
          ? BigInt(`0o${octal}`)
          : BigInt(decimal!)
  return sign === '-' ? -magnitude : magnitude
}

function floatOf(plain: string, source: string): YamlScalar | undefined {
  if (source !== plain || !/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(plain)) return undefined
  const double = Number(plain)
  return Number.isFinite(double) ? { type: 'float', value: numberOfText(jsonFloat(double)) } : undefined
}

/** As Go's encoding/json writes a double, which is how it comes back from YAML. */
export function jsonFloat(double: number): string {
  const magnitude = Math.abs(double)
  if (magnitude !== 0 && (magnitude < 1e-6 || magnitude >= 1e21))
    return double.toExponential().replace(/e([-+])0?/, 'e$1')
  return Object.is(double, -0) ? '-0' : String(double)
}
