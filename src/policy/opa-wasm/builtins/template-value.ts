/** Values while a Go template runs: those of the data, whose numbers are texts as in Go's json.Number, and the template's own numbers. */
import { isArray, isNumber, isObject, type Value } from '../value.ts'
import { numberText } from '../value-number.ts'
import { BuiltinError } from './builtin.ts'
import { formatFloat } from './go-float.ts'
import type { FormatArg } from './go-format-args.ts'

export type GoNumber =
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
/** Undefined: no value at all, as of a missing key; null in the data is the same as soon as it is looked at. */
export type TemplateValue = Value | GoNumber | undefined

/** How no value is shown. */
export const noValue = '<no value>'

export function goInteger(value: number | bigint): GoNumber {
  return { kind: 'integer', value: BigInt(value) }
}

export function isGoNumber(value: TemplateValue): value is GoNumber {
  if (typeof value !== 'object' || value === null || isArray(value as Value)) return false
  const { kind } = value as { readonly kind: string }
  return kind === 'integer' || kind === 'float'
}

/** A number of the data is a string to Go. */
export function asText(value: TemplateValue): string | undefined {
  if (typeof value === 'string') return value
  return !isGoNumber(value) && value !== undefined && isNumber(value) ? numberText(value) : undefined
}

export function isTrue(value: TemplateValue): boolean {
  if (value === undefined || value === null) return false
  if (typeof value === 'boolean') return value
  if (isGoNumber(value)) return Number(value.value) !== 0
  const text = asText(value)
  if (text !== undefined) return text !== ''
  if (isArray(value)) return value.length > 0
  return isObject(value) && value.entries.length > 0
}

/** As fmt.Print shows it. */
export function show(value: TemplateValue): string {
  if (value === undefined || value === null) return '<nil>'
  if (isGoNumber(value)) return value.kind === 'integer' ? String(value.value) : formatFloat(value.value, 'g', -1)
  if (typeof value === 'boolean') return String(value)
  const text = asText(value)
  if (text !== undefined) return text
  if (isArray(value)) return `[${value.map(show).join(' ')}]`
  if (!isObject(value)) throw new BuiltinError('template: a value that JSON does not have')
  return `map[${value.entries.map(([key, item]) => `${show(key)}:${show(item)}`).join(' ')}]`
}

export function formatArgOf(value: TemplateValue): FormatArg {
  if (typeof value === 'boolean') return { type: 'boolean', value }
  if (typeof value === 'string') return { type: 'string', value }
  if (isGoNumber(value)) {
    return value.kind === 'integer'
      ? { type: 'integer', value: value.value, goType: 'int' }
      : { type: 'float', value: value.value }
  }
  const goType =
    value === undefined || value === null
      ? '<nil>'
      : isArray(value)
        ? '[]interface {}'
        : isNumber(value)
          ? 'json.Number'
          : 'map[string]interface {}'
  return { type: 'string', value: show(value), goType }
}
