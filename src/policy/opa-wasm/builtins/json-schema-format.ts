/** The formats that a JSON schema can ask for. Others, and values that are no strings, always fit. */
import type { Value } from '../value.ts'
import { BuiltinError } from './builtin.ts'
import { parseTime } from './go-time-parse.ts'
import { parseIp } from './ip.ts'
import { isPattern } from './regex.ts'
import { parseUrl } from './url.ts'

export function hasFormat(value: Value, format: string): boolean {
  return typeof value !== 'string' || (checks.get(format)?.(value) ?? true)
}

const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const hostname = new RegExp(`^${label}(?:\\.${label})*$`)
const timeLayouts = ['15:04:05Z07:00', '15:04:05']
const dateLayouts = ['2006-01-02']
const dateTimeLayouts = [...timeLayouts, ...dateLayouts, '2006-01-02T15:04:05Z07:00']

const isUri = (text: string) => urlScheme(text) !== undefined && urlScheme(text) !== ''
const isUriReference = (text: string) => urlScheme(text) !== undefined
/** With or without a name before it. */
const isEmail = (text: string) => /^(?:[^<>@]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@,]+@[^\s<>@,]+)$/.test(text.trim())

const checks: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['date', (text) => isTime(text, dateLayouts)],
  ['time', (text) => isTime(text, timeLayouts)],
  ['date-time', (text) => isTime(text, dateTimeLayouts)],
  ['hostname', (text) => hostname.test(text) && text.length < 256],
  ['email', isEmail],
  ['idn-email', isEmail],
  ['ipv4', (text) => parseIp(text) !== undefined && text.includes('.')],
  ['ipv6', (text) => parseIp(text) !== undefined && text.includes(':')],
  ['uri', isUri],
  ['iri', isUri],
  ['uri-reference', isUriReference],
  ['iri-reference', isUriReference],
  ['uri-template', (text) => isUriReference(text) && /^(?:[^{}]|\{[^}]*\})*$/.test(parseUrl(text).path)],
  ['uuid', (text) => /^[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$/i.test(text)],
  ['regex', isPattern],
  ['json-pointer', (text) => /^(?:\/(?:[^~/]|~0|~1)*)*$/.test(text)],
  ['relative-json-pointer', (text) => /^(?:0|[1-9][0-9]*)(?:#|(?:\/(?:[^~/]|~0|~1)*)*)$/.test(text)],
])

function isTime(text: string, layouts: readonly string[]): boolean {
  return layouts.some((layout) => succeeds(() => parseTime(layout, text)) !== undefined)
}

/** Undefined for what is no URL. */
function urlScheme(text: string): string | undefined {
  return text.includes('\\') ? undefined : succeeds(() => parseUrl(text).scheme)
}

function succeeds<Result>(attempt: () => Result): Result | undefined {
  try {
    return attempt()
  } catch (error) {
    if (error instanceof BuiltinError) return undefined
    throw error
  }
}
