/** Time zones by their IANA names, from the tables that Node brings along. */
import { BuiltinError } from './builtin.ts'

export type ZoneOffset = { readonly seconds: number; readonly abbreviation: string }
export type Zone = { readonly name: string; at(unixSeconds: number): ZoneOffset }

export const utc: Zone = { name: 'UTC', at: () => ({ seconds: 0, abbreviation: 'UTC' }) }

/** Zones kept ready: an Intl formatter takes a millisecond to make. */
const zonesMax = 100
/** Where people write the short names of each other's zones: en-US says EST, en-GB says CET. */
const locales = ['en-US', 'en-GB', 'en-AU', 'en-CA', 'en-IN', 'en-NZ', 'en-ZA']

const ready = new Map<string, Zone>()

export function findZone(name: string): Zone {
  if (name === '' || name === 'UTC') return utc
  const known = ready.get(name)
  if (known !== undefined) return known
  const zone = createZone(name)
  if (ready.size >= zonesMax) ready.clear()
  ready.set(name, zone)
  return zone
}

function createZone(name: string): Zone {
  const timeZone = name === 'Local' ? undefined : name
  // Intl would take "+01:00" too, and any letter case; Go takes the names of files.
  if (timeZone !== undefined && !/^[A-Z][A-Za-z0-9_+/-]*$/.test(timeZone)) unknown(name)
  try {
    const clock = new Intl.DateTimeFormat('en-US-u-ca-iso8601-nu-latn', {
      timeZone,
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      hourCycle: 'h23',
    })
    const names = locales.map((locale) => new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'short' }))
    return {
      name,
      at(unixSeconds) {
        const seconds = offset(clock, unixSeconds)
        return { seconds, abbreviation: abbreviation(names, unixSeconds, seconds) }
      },
    }
  } catch (cause) {
    if (cause instanceof BuiltinError) throw cause
    return unknown(name)
  }
}

function unknown(name: string): never {
  throw new BuiltinError(`unknown time zone ${name}`)
}

function offset(clock: Intl.DateTimeFormat, unixSeconds: number): number {
  const shown: Record<string, number> = {}
  for (const { type, value } of clock.formatToParts(unixSeconds * 1000)) shown[type] = Number(value)
  const local = Date.UTC(shown.year!, shown.month! - 1, shown.day!, shown.hour!, shown.minute!, shown.second!)
  return local / 1000 - unixSeconds
}

/** Zones without letters of their own are called by their offset, as in the tables that Go reads. */
function abbreviation(names: readonly Intl.DateTimeFormat[], unixSeconds: number, seconds: number): string {
  for (const format of names) {
    const name = format.formatToParts(unixSeconds * 1000).find(({ type }) => type === 'timeZoneName')?.value
    if (name !== undefined && /^[A-Z]+$/.test(name)) return name
  }
  const minutes = Math.abs(Math.trunc(seconds / 60))
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0'))
  return `${seconds < 0 ? '-' : '+'}${hour}${minute === '00' ? '' : minute}`
}
