/** Moments counted since 1970 as ISO 8601 and back, to the last digit; and those of twelve bytes, counted in Julian days. */
import type { TimeUnit } from './logical.ts'

export type MomentUnit = TimeUnit | 'seconds'

export const secondsPerDay = 86_400n
export const perSecond: Readonly<Record<MomentUnit, bigint>> = {
  seconds: 1n,
  millis: 1_000n,
  micros: 1_000_000n,
  nanos: 1_000_000_000n,
}
const fractionDigits: Readonly<Record<MomentUnit, number>> = { seconds: 0, millis: 3, micros: 6, nanos: 9 }
const nanosPerDay = secondsPerDay * perSecond.nanos
/** The Julian day on which 1970 began. */
export const julianDayOf1970 = 2_440_588n

/** Undefined beyond the years that a calendar of JavaScript has. */
export function momentText(value: bigint, unit: MomentUnit, utc: boolean): string | undefined {
  const rest = ((value % perSecond[unit]) + perSecond[unit]) % perSecond[unit]
  const date = new Date(Number((value - rest) / perSecond[unit]) * 1_000)
  if (Number.isNaN(date.getTime())) return undefined
  const digits = fractionDigits[unit]
  const fraction = digits === 0 ? '' : `.${rest.toString().padStart(digits, '0')}`
  return `${date.toISOString().slice(0, -'.000Z'.length)}${fraction}${utc ? 'Z' : ''}`
}

const isoText =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?:T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?Z?)?$/

/** Undefined where the text is no such moment, or has more digits than the unit. */
export function momentOf(text: string, unit: MomentUnit): bigint | undefined {
  const [, day, time = '00:00:00', fraction = ''] = isoText.exec(text) ?? []
  if (day === undefined) return undefined
  const date = new Date(`${day}T${time}Z`)
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(day)) return undefined
  const digits = fractionDigits[unit]
  if (/[1-9]/.test(fraction.slice(digits))) return undefined
  return BigInt(date.getTime() / 1_000) * perSecond[unit] + BigInt(fraction.slice(0, digits).padEnd(digits, '0') || '0')
}

const firstDay = '1970-01-01T'

/** A time of day, counted since midnight. Undefined beyond the day. */
export function timeText(value: bigint, unit: TimeUnit): string | undefined {
  if (value < 0n || value >= secondsPerDay * perSecond[unit]) return undefined
  return momentText(value, unit, false)?.slice(firstDay.length)
}

/** Undefined where the text is no such time, or has more digits than the unit. */
export function timeOf(text: string, unit: TimeUnit): bigint | undefined {
  return momentOf(`${firstDay}${text}`, unit)
}

/** In nanoseconds since 1970. */
export function int96Moment(data: Buffer, start: number): bigint {
  return (BigInt(data.readInt32LE(start + 8)) - julianDayOf1970) * nanosPerDay + data.readBigInt64LE(start)
}

export function int96Bytes(text: string): Buffer | undefined {
  const moment = momentOf(text, 'nanos')
  if (moment === undefined) return undefined
  const nanos = ((moment % nanosPerDay) + nanosPerDay) % nanosPerDay
  const out = Buffer.alloc(12)
  out.writeBigInt64LE(nanos, 0)
  out.writeInt32LE(Number((moment - nanos) / nanosPerDay + julianDayOf1970), 8)
  return out
}
