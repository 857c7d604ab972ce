/** Strings in double quotes as Go's strconv writes them, and whole values as OPA prints them in messages and by sprintf. */
import { isArray, type Value } from '../value.ts'

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u
const ascii = /^[\x20-\x7e]$/

const escapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
}

export function isPrintable(character: string): boolean {
  return printable.test(character)
}

export function goQuote(text: string, options: { readonly quote?: string; readonly asciiOnly?: boolean } = {}): string {
  const quote = options.quote ?? '"'
  const plain = options.asciiOnly === true ? ascii : printable
  let out = quote
  for (const character of text) {
    if (character === quote) out += `\\${quote}`
    else out += escapes[character] ?? (plain.test(character) ? character : codePointEscape(character))
  }
  return out + quote
}

function codePointEscape(character: string): string {
  const code = character.codePointAt(0)!
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`
  return `\\U${code.toString(16).padStart(8, '0')}`
}

/** As `String()` of OPA's values: what sprintf and template strings show of a composite. */
export function goText(value: Value): string {
  switch (typeof value) {
    case 'string':
      return goQuote(value)
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      if (value === null) return 'null'
      if (isArray(value)) return `[${value.map(goText).join(', ')}]`
      if (value.kind === 'decimal') return value.text
      if (value.kind === 'set') return value.items.length === 0 ? 'set()' : `{${value.items.map(goText).join(', ')}}`
      return `{${value.entries.map(([key, item]) => `${goText(key)}: ${goText(item)}`).join(', ')}}`
  }
}
