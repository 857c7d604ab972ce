/** Dates and times of Avro as ISO 8601 text, to the digit they are stored with. */

const dayMs = 86_400_000
/** The last millisecond that a date can have, either side of 1970. */
const dateMsMax = 8_640_000_000_000_000
/** Digits behind the second. */
const digitsOf: Readonly<Record<string, number>> = { millis: 3, micros: 6, nanos: 9 }

/** Undefined where there is no such text: an unknown type, or a time beyond the calendar. */
export function logicalText(logical: string, value: number | bigint): string | undefined {
  if (logical === 'date') return isoOf(BigInt(value) * BigInt(dayMs))?.slice(0, -'T00:00:00.000Z'.length)
  const digits = digitsOf[logical.slice(logical.lastIndexOf('-') + 1)]
  if (digits === undefined) return undefined
  const perSecond = 10n ** BigInt(digits)
  const total = BigInt(value)
  const fraction = ((total % perSecond) + perSecond) % perSecond
  const seconds = (total - fraction) / perSecond
  const iso = isoOf(seconds * 1000n)?.slice(0, -'.000Z'.length)
  if (iso === undefined) return undefined
  const text = `${iso}.${fraction.toString().padStart(digits, '0')}`
  if (logical.startsWith('time-'))
    return seconds >= 0n && seconds < 86_400n ? text.slice(text.indexOf('T') + 1) : undefined
  return logical.startsWith('local-') ? text : `${text}Z`
}

function isoOf(milliseconds: bigint): string | undefined {
  if (milliseconds > dateMsMax || milliseconds < -dateMsMax) return undefined
  return new Date(Number(milliseconds)).toISOString()
}
