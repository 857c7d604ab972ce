/** A moment in a zone, as Go's time.Time: its calendar, and its text in Go's layouts. */
import { dayNames, type LayoutPart, monthNames, parseLayout } from './go-time-layout.ts'
import { utc, type Zone, type ZoneOffset } from './time-zones.ts'

export type Moment = { readonly ns: bigint; readonly zone: Zone }

export type Calendar = {
  readonly year: number
  /** 1 … 12 */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  /** 0 is Sunday. */
  readonly weekday: number
  readonly yearDay: number
  readonly offset: ZoneOffset
}

const nsPerSecond = 1_000_000_000n
const daySeconds = 86_400

export function calendarOf({ ns, zone }: Moment): Calendar {
  const nanosecond = ((ns % nsPerSecond) + nsPerSecond) % nsPerSecond
  const seconds = Number((ns - nanosecond) / nsPerSecond)
  const offset = zone.at(seconds)
  const date = new Date((seconds + offset.seconds) * 1000)
  const year = date.getUTCFullYear()
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanosecond: Number(nanosecond),
    weekday: date.getUTCDay(),
    yearDay: Math.round((Math.floor(date.getTime() / 86_400_000) * 86_400_000 - utcMs(year, 1, 1)) / 86_400_000) + 1,
    offset,
  }
}

/** Seconds since the epoch; months and days beyond their range carry over; undefined beyond what a date can be. */
export function unixSeconds(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  second = 0,
): number | undefined {
  const days = utcMs(year, month, day) / 86_400_000
  return Number.isNaN(days) ? undefined : days * daySeconds + hour * 3600 + minute * 60 + second
}

/** Date.UTC takes years below 100 for the twentieth century. */
function utcMs(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day)
}

/** The moment at which clocks in the zone show this; Go's own way to guess across changes of the clocks. */
export function zonedSeconds(localSeconds: number, zone: Zone): number {
  if (zone === utc) return localSeconds
  const guess = localSeconds - zone.at(localSeconds).seconds
  const offset = zone.at(guess).seconds
  const second = localSeconds - offset
  return zone.at(second).seconds === offset ? second : localSeconds - zone.at(second).seconds
}

export function formatTime(moment: Moment, layout: string): string {
  const calendar = calendarOf(moment)
  return parseLayout(layout)
    .map((part) => formatPart(part, calendar))
    .join('')
}

function padded(value: number, width: number, fill = '0'): string {
  return value < 0 ? `-${String(-value).padStart(width, fill)}` : String(value).padStart(width, fill)
}

function formatPart(part: LayoutPart, calendar: Calendar): string {
  switch (part.field) {
    case 'text':
      return part.text
    case 'year':
      return padded(Math.abs(calendar.year) % 100, 2)
    case 'long-year':
      return padded(calendar.year, 4)
    case 'month':
      return monthNames[calendar.month - 1]!.slice(0, 3)
    case 'long-month':
      return monthNames[calendar.month - 1]!
    case 'number-month':
      return String(calendar.month)
    case 'zero-month':
      return padded(calendar.month, 2)
    case 'weekday':
      return dayNames[calendar.weekday]!.slice(0, 3)
    case 'long-weekday':
      return dayNames[calendar.weekday]!
    case 'day':
      return String(calendar.day)
    case 'under-day':
      return padded(calendar.day, 2, ' ')
    case 'zero-day':
      return padded(calendar.day, 2)
    case 'under-year-day':
      return padded(calendar.yearDay, 3, ' ')
    case 'zero-year-day':
      return padded(calendar.yearDay, 3)
    case 'hour':
      return padded(calendar.hour, 2)
    case 'hour-12':
      return String(calendar.hour % 12 || 12)
    case 'zero-hour-12':
      return padded(calendar.hour % 12 || 12, 2)
    case 'minute':
      return String(calendar.minute)
    case 'zero-minute':
      return padded(calendar.minute, 2)
    case 'second':
      return String(calendar.second)
    case 'zero-second':
      return padded(calendar.second, 2)
    case 'PM':
      return calendar.hour >= 12 ? 'PM' : 'AM'
    case 'pm':
      return calendar.hour >= 12 ? 'pm' : 'am'
    case 'zone-name':
      return calendar.offset.abbreviation
    case 'zone':
      return formatOffset(calendar.offset.seconds, part)
    case 'fraction':
      return formatFraction(calendar.nanosecond, part)
  }
}

function formatOffset(seconds: number, part: LayoutPart & { readonly field: 'zone' }): string {
  if (part.iso && seconds === 0) return 'Z'
  const minutes = Math.abs(Math.trunc(seconds / 60))
  const numbers = [Math.floor(minutes / 60), minutes % 60, Math.abs(seconds) % 60].slice(0, part.parts)
  const sign = Math.trunc(seconds / 60) < 0 ? '-' : '+'
  return sign + numbers.map((number) => padded(number, 2)).join(part.colons ? ':' : '')
}

function formatFraction(nanosecond: number, part: LayoutPart & { readonly field: 'fraction' }): string {
  const digits = padded(nanosecond, 9).slice(0, part.digits).padEnd(part.digits, '0')
  const shown = part.nines ? digits.replace(/0+$/, '') : digits
  return part.nines && shown === '' ? '' : part.separator + shown
}
