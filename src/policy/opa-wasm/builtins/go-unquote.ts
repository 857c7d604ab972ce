/** Go's quoted strings and characters as the text they stand for. */
import { textOfBytes } from '../value-bytes.ts'
import { BuiltinError } from './builtin.ts'

const single: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
}
const escapeSyntax = /\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([abfnrtv\\'"]))/y

/** With its quotes. @throws BuiltinError */
export function unquoteGo(quoted: string): string {
  const inside = quoted.slice(1, -1)
  const parts: Buffer[] = []
  for (let at = 0; at < inside.length; ) {
    const backslash = inside.indexOf('\\', at)
    const end = backslash < 0 ? inside.length : backslash
    parts.push(Buffer.from(inside.slice(at, end)))
    if (backslash < 0) break
    escapeSyntax.lastIndex = backslash
    const found = escapeSyntax.exec(inside)
    if (found === null) throw new BuiltinError('invalid syntax')
    parts.push(escaped(found))
    at = escapeSyntax.lastIndex
  }
  return textOfBytes(Buffer.concat(parts))
}

function escaped([, hex, octal, short, long, letter]: RegExpExecArray): Buffer {
  if (letter !== undefined) return Buffer.from(single[letter]!)
  const byte = hex === undefined ? octal : `0x${hex}`
  if (byte !== undefined) {
    const value = hex === undefined ? Number.parseInt(byte, 8) : Number(byte)
    if (value > 0xff) throw new BuiltinError('invalid syntax')
    return Buffer.of(value)
  }
  const code = Number.parseInt(short ?? long!, 16)
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw new BuiltinError('invalid syntax')
  return Buffer.from(String.fromCodePoint(code))
}
