/** The first day or moment of the year or month, for the logical types that count days or time since 1970. */

type Unit = 'year' | 'month'

const msPerDay = 86_400_000

export function firstDay(days: number | bigint, to: Unit): number | undefined {
  const date = new Date(Number(days) * msPerDay)
  if (Number.isNaN(date.getTime())) return undefined
  const first = new Date(0)
  first.setUTCFullYear(date.getUTCFullYear(), to === 'year' ? 0 : date.getUTCMonth(), 1)
  return Number.isNaN(first.getTime()) ? undefined : first.getTime() / msPerDay
}

/** Undefined for a logical type that has no date in it. */
export function firstMoment(logical: string): ((value: number | bigint, to: Unit) => bigint | undefined) | undefined {
  const perDay = /^(?:local-)?timestamp-(millis|micros|nanos)$/.exec(logical)?.[1]
  if (perDay === undefined) return undefined
  const unitsPerDay = BigInt(msPerDay) * (perDay === 'millis' ? 1n : perDay === 'micros' ? 1_000n : 1_000_000n)
  return (value, to) => {
    const moment = BigInt(value)
    const days = (moment - (((moment % unitsPerDay) + unitsPerDay) % unitsPerDay)) / unitsPerDay
    const first = firstDay(days, to)
    return first === undefined ? undefined : BigInt(first) * unitsPerDay
  }
}
