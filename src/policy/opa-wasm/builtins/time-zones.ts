/** Time zones by their IANA names, from the tables that Node brings along. */
import { BuiltinError } from './builtin.ts'
import { knownAbbreviation } from './time-zone-names.ts'

export type ZoneOffset = { readonly seconds: number; readonly abbreviation: string }
export type Zone = { readonly name: string; at(unixSeconds: number): ZoneOffset }

export const utc: Zone = { name: 'UTC', at: () => ({ seconds: 0, abbreviation: 'UTC' }) }

/** Zones that are just an offset, whatever Intl takes them for. */
const fixed: ReadonlyMap<string, Zone> = new Map(
  [
    ['EST', -5],
    ['MST', -7],
    ['HST', -10],
  ].map(([name, hours]) => {
    const offset = { seconds: Number(hours) * 3600, abbreviation: String(name) }
    return [offset.abbreviation, { name: offset.abbreviation, at: () => offset }] as const
  }),
)

/** Zones kept ready: an Intl formatter takes a millisecond to make. */
const zonesMax = 100
/** Where people write the short names of each other's zones: en-US says EST, en-GB says CET. */
const locales = ['en-US', 'en-GB', 'en-AU', 'en-CA', 'en-IN', 'en-NZ', 'en-ZA']

const ready = new Map<string, Zone>()

export function findZone(name: string): Zone {
  if (name === '' || name === 'UTC') return utc
  const known = fixed.get(name) ?? ready.get(name)
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
    const today = new Map(recent.map((time) => [offset(clock, time), intlName(names, time)]))
    return {
      name,
      at(unixSeconds) {
        const seconds = offset(clock, unixSeconds)
        return { seconds, abbreviation: abbreviation(name, names, today, unixSeconds, seconds) }
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

/** Of times long past Intl often knows no name: the one that the same offset has today is the best guess. */
const recent = ['2025-01-15', '2025-07-15'].map((day) => Date.parse(day) / 1000)

function intlName(names: readonly Intl.DateTimeFormat[], unixSeconds: number): string | undefined {
  for (const format of names) {
    const name = format.formatToParts(unixSeconds * 1000).find(({ type }) => type === 'timeZoneName')?.value
    if (name !== undefined && /^[A-Z]+$/.test(name)) return name
  }
  return undefined
}

/** Zones without letters of their own are called by their offset, as in the tables that Go reads. */
function abbreviation(
  zone: string,
  names: readonly Intl.DateTimeFormat[],
  today: ReadonlyMap<number, string | undefined>,
  unixSeconds: number,
  seconds: number,
): string {
  // Before there were zones, each place had its own time to the second.
  if (seconds % 60 !== 0) return 'LMT'
  const known = knownAbbreviation(zone, seconds)
  if (known === '') return offsetText(seconds)
  return known ?? intlName(names, unixSeconds) ?? today.get(seconds) ?? offsetText(seconds)
}

function offsetText(seconds: number): string {
  const minutes = Math.abs(Math.trunc(seconds / 60))
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0'))
  return `${seconds < 0 ? '-' : '+'}${hour}${minute === '00' ? '' : minute}`
}
