/** Reads a time by one of Go's layouts, field by field as Go's time.Parse does. */
import { BuiltinError } from './builtin.ts'
import { unixSeconds } from './go-time.ts'
import { dayNames, type LayoutPart, monthNames, parseLayout } from './go-time-layout.ts'

type Fields = {
  year: number
  month: number | undefined
  day: number | undefined
  yearDay: number | undefined
  hour: number
  minute: number
  second: number
  nanosecond: number
  half: 'am' | 'pm' | undefined
  /** Seconds east of Greenwich; the name of a zone alone counts as 0, except GMT+n. */
  offset: number | undefined
  zoneName: string
}

/** Nanoseconds since the epoch. @throws BuiltinError */
export function parseTime(layout: string, text: string): bigint {
  const failed = (why: string): never => {
    throw new BuiltinError(`parsing time "${text}" as "${layout}": ${why}`)
  }
  const fields = readFields(layout, text, failed)
  return toNanoseconds(fields, failed)
}

function readFields(layout: string, text: string, failed: (why: string) => never): Fields {
  const fields: Fields = {
    year: 0,
    month: undefined,
    day: undefined,
    yearDay: undefined,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
    half: undefined,
    offset: undefined,
    zoneName: '',
  }
  let rest = text

  /** Takes what matches at the beginning of the rest. */
  function take(pattern: RegExp): string {
    const found = pattern.exec(rest)
    if (found === null || found.index !== 0) return failed('cannot parse')
    rest = rest.slice(found[0].length)
    return found[0]
  }

  function number(pattern: RegExp, min: number, max: number, name: string): number {
    const value = Number(take(pattern))
    return value < min || value > max ? failed(`${name} out of range`) : value
  }

  function name(names: readonly string[], length?: number): number {
    const found = names.findIndex((name) => {
      const wanted = name.slice(0, length)
      return rest.slice(0, wanted.length).toLowerCase() === wanted.toLowerCase()
    })
    if (found < 0) return failed('cannot parse')
    rest = rest.slice(names[found]!.slice(0, length).length)
    return found
  }

  const parts = parseLayout(layout)
  for (const [index, part] of parts.entries()) {
    const oneOrTwo = /^[0-9]{1,2}/
    const two = /^[0-9]{2}/
    switch (part.field) {
      case 'text':
        rest = skipText(rest, part.text) ?? failed('cannot parse')
        break
      case 'year': {
        const year = Number(take(/^(?:[0-9]{2}|[+-][0-9])/))
        fields.year = year >= 69 ? year + 1900 : year + 2000
        break
      }
      case 'long-year':
        fields.year = Number(take(/^[0-9]{4}/))
        break
      case 'month':
        fields.month = name(monthNames, 3) + 1
        break
      case 'long-month':
        fields.month = name(monthNames) + 1
        break
      case 'number-month':
      case 'zero-month':
        fields.month = number(part.field === 'zero-month' ? two : oneOrTwo, 1, 12, 'month')
        break
      case 'weekday':
        name(dayNames, 3)
        break
      case 'long-weekday':
        name(dayNames)
        break
      case 'under-day':
        fields.day = Number(take(/^ ?[0-9]{1,2}/))
        break
      case 'day':
      case 'zero-day':
        fields.day = Number(take(part.field === 'zero-day' ? two : oneOrTwo))
        break
      case 'under-year-day':
        fields.yearDay = Number(take(/^ {0,2}[0-9]{1,3}/))
        break
      case 'zero-year-day':
        fields.yearDay = Number(take(/^[0-9]{3}/))
        break
      case 'hour':
        fields.hour = number(oneOrTwo, 0, 23, 'hour')
        break
      case 'hour-12':
      case 'zero-hour-12':
        fields.hour = number(part.field === 'zero-hour-12' ? two : oneOrTwo, 0, 12, 'hour')
        break
      case 'minute':
      case 'zero-minute':
        fields.minute = number(part.field === 'zero-minute' ? two : oneOrTwo, 0, 59, 'minute')
        break
      case 'second':
      case 'zero-second':
        fields.second = number(part.field === 'zero-second' ? two : oneOrTwo, 0, 59, 'second')
        // A fraction may follow that the layout doesn't mention.
        if (/^[.,][0-9]/.test(rest) && parts[index + 1]?.field !== 'fraction') {
          fields.nanosecond = nanoseconds(take(/^[.,][0-9]+/))
        }
        break
      case 'PM':
        fields.half = take(/^[AP]M/) === 'PM' ? 'pm' : 'am'
        break
      case 'pm':
        fields.half = take(/^[ap]m/) === 'pm' ? 'pm' : 'am'
        break
      case 'zone-name':
        readZoneName(fields)
        break
      case 'zone':
        fields.offset = readOffset(part)
        break
      case 'fraction':
        if (!part.nines) fields.nanosecond = nanoseconds(take(new RegExp(`^[.,][0-9]{${part.digits}}`)))
        else if (/^[.,][0-9]/.test(rest)) fields.nanosecond = nanoseconds(take(/^[.,][0-9]+/))
        break
    }
  }
  if (rest !== '') failed('extra text')
  return fields

  function readZoneName(fields: Fields): void {
    if (rest.startsWith('UTC')) {
      take(/^UTC/)
      fields.offset = 0
      return
    }
    const signed = '[+-](?:2[0-3]|[01]?[0-9])(?![0-9])'
    fields.zoneName = take(
      new RegExp(
        `^(?:ChST|MeST|GMT(?:${signed})?|${signed}|[A-Z]{4}T(?![A-Z])|(?:[A-Z]{3}T|WITA)(?![A-Z])|[A-Z]{3}(?![A-Z]))`,
      ),
    )
  }

  function readOffset(part: LayoutPart & { readonly field: 'zone' }): number {
    if (part.iso && rest.startsWith('Z')) {
      take(/^Z/)
      return 0
    }
    const two = '([0-9]{2})'
    const pattern = new RegExp(
      `^[+-]${Array(part.parts)
        .fill(two)
        .join(part.colons ? ':' : '')}`,
    )
    const found = take(pattern)
    const [hour = 0, minute = 0, second = 0] = found.slice(1).replaceAll(':', '').match(/../g)!.map(Number)
    if (hour > 24) failed('time zone offset hour out of range')
    if (minute > 60) failed('time zone offset minute out of range')
    if (second > 60) failed('time zone offset second out of range')
    return (found.startsWith('-') ? -1 : 1) * ((hour * 60 + minute) * 60 + second)
  }
}

/** A run of spaces matches any run of spaces. */
function skipText(text: string, prefix: string): string | undefined {
  let rest = text
  let wanted = prefix
  while (wanted !== '') {
    if (wanted.startsWith(' ')) {
      if (rest !== '' && !rest.startsWith(' ')) return undefined
      wanted = wanted.replace(/^ +/, '')
      rest = rest.replace(/^ +/, '')
    } else if (rest[0] === wanted[0]) {
      wanted = wanted.slice(1)
      rest = rest.slice(1)
    } else return undefined
  }
  return rest
}

function nanoseconds(fraction: string): number {
  return Number(fraction.slice(1, 10).padEnd(9, '0'))
}

function toNanoseconds(fields: Fields, failed: (why: string) => never): bigint {
  let { hour } = fields
  if (fields.half === 'pm' && hour < 12) hour += 12
  else if (fields.half === 'am' && hour === 12) hour = 0
  const { month, day } = monthAndDay(fields, failed)
  if (day < 1 || day > daysIn(fields.year, month)) failed('day out of range')
  const seconds = unixSeconds(fields.year, month, day, hour, fields.minute, fields.second)!
  const offset = fields.offset ?? nameOffset(fields.zoneName)
  return BigInt(seconds - offset) * 1_000_000_000n + BigInt(fields.nanosecond)
}

function nameOffset(name: string): number {
  return name.startsWith('GMT') && name.length > 3 ? Number(name.slice(3)) * 3600 : 0
}

function monthAndDay(fields: Fields, failed: (why: string) => never): { readonly month: number; readonly day: number } {
  if (fields.yearDay === undefined) return { month: fields.month ?? 1, day: fields.day ?? 1 }
  if (fields.yearDay < 1 || fields.yearDay > (daysIn(fields.year, 2) === 29 ? 366 : 365)) {
    failed('day-of-year out of range')
  }
  const date = new Date(unixSeconds(fields.year, 1, fields.yearDay)! * 1000)
  const [month, day] = [date.getUTCMonth() + 1, date.getUTCDate()]
  if (fields.month !== undefined && fields.month !== month) failed('day-of-year does not match month')
  if (fields.day !== undefined && fields.day !== day) failed('day-of-year does not match day')
  return { month, day }
}

function daysIn(year: number, month: number): number {
  return new Date(unixSeconds(year, month + 1, 0)! * 1000).getUTCDate()
}
