/** JSON text exactly as Go's encoding/json writes it: HTML characters escaped, keys in order, optionally indented. */
import { compareStrings, isArray, type Value } from '../value.ts'
import { valueToJson } from '../value-text.ts'

export type Indent = { readonly prefix: string; readonly indent: string }

export function goJson(value: Value, layout?: Indent): string {
  return write(value, layout, 0)
}

function write(value: Value, layout: Indent | undefined, depth: number): string {
  if (typeof value === 'string') return jsonString(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (isArray(value)) return list(value, layout, depth)
  if (value.kind === 'decimal') return value.text
  if (value.kind === 'set') return list(value.items, layout, depth)
  const members = value.entries
    .map(([key, item]) => [typeof key === 'string' ? key : valueToJson(key), item] as const)
    .sort(([a], [b]) => compareStrings(a, b))
  const colon = layout === undefined ? ':' : ': '
  const parts = members.map(([key, item]) => jsonString(key) + colon + write(item, layout, depth + 1))
  return enclosed('{', parts, '}', layout, depth)
}

function list(items: readonly Value[], layout: Indent | undefined, depth: number): string {
  const parts = items.map((item) => write(item, layout, depth + 1))
  return enclosed('[', parts, ']', layout, depth)
}

function enclosed(open: string, parts: readonly string[], close: string, layout: Indent | undefined, depth: number) {
  if (layout === undefined || parts.length === 0) return open + parts.join(',') + close
  const line = (level: number) => `\n${layout.prefix}${layout.indent.repeat(level)}`
  return open + parts.map((part) => line(depth + 1) + part).join(',') + line(depth) + close
}

function jsonString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(/[<>&\u2028\u2029\u007f]/g, (character) =>
    character === '\u007f' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
