/** time.*: the clock of the evaluation, Go's layouts, calendars and durations. */
import { isArray, isNumber, type Value } from '../value.ts'
import { integer, integerOf } from '../value-number.ts'
import { type Builtin, BuiltinError } from './builtin.ts'
import { parseDuration } from './go-duration.ts'
import { type Calendar, calendarOf, formatTime, type Moment, unixSeconds, zonedSeconds } from './go-time.ts'
import { dayNames, namedLayouts } from './go-time-layout.ts'
import { parseTime } from './go-time-parse.ts'
import { intOperand, numberOperand, operand, operandTypeError, stringOperand } from './operands.ts'
import { findZone, utc } from './time-zones.ts'

export const timeBuiltins: Readonly<Record<string, Builtin>> = {
  'time.now_ns': (_, context) => integer(context.now),
  'time.parse_ns': (args) => {
    const layout = stringOperand(args, 1)
    return nanoseconds(parseTime(namedLayouts[layout] ?? layout, stringOperand(args, 2)))
  },
  'time.parse_rfc3339_ns': (args) => nanoseconds(parseTime(namedLayouts.RFC3339!, stringOperand(args, 1))),
  'time.parse_duration_ns': (args) => integer(parseDuration(stringOperand(args, 1))),
  'time.format': (args) => {
    const { moment, layout } = timeOperand(args, 1)
    return formatTime(moment, layout === '' ? namedLayouts.RFC3339Nano! : (namedLayouts[layout] ?? layout))
  },
  'time.date': (args) => {
    const { year, month, day } = calendarOf(timeOperand(args, 1).moment)
    return [year, month, day]
  },
  'time.clock': (args) => {
    const { hour, minute, second } = calendarOf(timeOperand(args, 1).moment)
    return [hour, minute, second]
  },
  'time.weekday': (args) => dayNames[calendarOf(timeOperand(args, 1).moment).weekday]!,
  'time.add_date': (args) =>
    addDate(timeOperand(args, 1).moment, intOperand(args, 2), intOperand(args, 3), intOperand(args, 4)),
  'time.diff': (args) => difference(timeOperand(args, 1).moment, timeOperand(args, 2).moment),
}

const nsMax = 2n ** 63n - 1n

/** From 1677 to 2262. */
function nanoseconds(ns: bigint): Value {
  if (ns > nsMax || ns < -nsMax - 1n) throw new BuiltinError('time outside of valid range')
  return integer(ns)
}

/** A number of nanoseconds, or that with a zone and a layout. */
function timeOperand(args: readonly Value[], position: number): { readonly moment: Moment; readonly layout: string } {
  const value = operand(args, position)
  if (isNumber(value)) return { moment: { ns: nsOperand(args, position), zone: utc }, layout: '' }
  if (!isArray(value) || value.length === 0) {
    throw operandTypeError(1, value, 'either number (ns) or [number (ns), string (tz)]')
  }
  numberOperand(value, 1)
  const zone = value.length > 1 ? findZone(stringOperand(value, 2)) : utc
  const layout = value.length > 2 ? stringOperand(value, 3) : ''
  return { moment: { ns: nsOperand(value, 1), zone }, layout }
}

function nsOperand(args: readonly Value[], position: number): bigint {
  const ns = integerOf(numberOperand(args, position))
  if (ns === undefined || ns > nsMax || ns < -nsMax - 1n) throw new BuiltinError('timestamp too big')
  return ns
}

function addDate(moment: Moment, years: bigint, months: bigint, days: bigint): Value {
  const { year, month, day, hour, minute, second, nanosecond } = calendarOf(moment)
  const local = unixSeconds(year + Number(years), month + Number(months), day + Number(days), hour, minute, second)
  if (local === undefined) throw new BuiltinError('time outside of valid range')
  return nanoseconds(BigInt(zonedSeconds(local, moment.zone)) * 1_000_000_000n + BigInt(nanosecond))
}

/** Years, months, days, hours, minutes and seconds between the two, in the zone of the first. */
function difference(first: Moment, second: Moment): Value {
  const other = { ns: second.ns, zone: first.zone }
  const [early, late] = first.ns > other.ns ? [other, first] : [first, other]
  const [from, to] = [calendarOf(early), calendarOf(late)]
  const seconds = borrow(to.second - from.second, 60)
  const minute = borrow(to.minute - from.minute - seconds.borrowed, 60)
  const hour = borrow(to.hour - from.hour - minute.borrowed, 24)
  const day = borrow(to.day - from.day - hour.borrowed, daysIn(from))
  const month = borrow(to.month - from.month - day.borrowed, 12)
  return [to.year - from.year - month.borrowed, month.value, day.value, hour.value, minute.value, seconds.value]
}

function borrow(value: number, base: number): { readonly value: number; readonly borrowed: 0 | 1 } {
  return value < 0 ? { value: value + base, borrowed: 1 } : { value, borrowed: 0 }
}

function daysIn({ year, month }: Calendar): number {
  return new Date(unixSeconds(year, month + 1, 0)! * 1000).getUTCDate()
}
