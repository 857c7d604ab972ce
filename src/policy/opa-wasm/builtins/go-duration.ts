/** Durations as OPA reads them: Go's ("1h30m"), and with days, weeks and years of 365 days. */
import { BuiltinError } from './builtin.ts'
import { formatFloat } from './go-float.ts'

const nanosecondsIn: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}
const hoursIn: Readonly<Record<string, number>> = { d: 24, w: 7 * 24, y: 365 * 24 }
const durationMax = 2n ** 63n

/** Nanoseconds. @throws BuiltinError */
export function parseDuration(text: string): bigint {
  return /[dwy]/.test(text) ? parseGoDuration(rewritten(text), text) : parseGoDuration(text, text)
}

/** Days, weeks and years become hours. */
function rewritten(text: string): string {
  if (!/^[+-]?(?:[0-9.]+(?:ms|us|\u00b5s|ns|[a-z]))+$/.test(text)) return invalid(text)
  return text.replace(/([0-9.]+)(ms|us|\u00b5s|ns|[a-z])/g, (segment, digits: string, unit: string) => {
    const hours = hoursIn[unit]
    if (hours === undefined) return segment
    if (!/^(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/.test(digits)) return invalid(text)
    return `${formatFloat(Number(digits) * hours, 'f', -1)}h`
  })
}

function parseGoDuration(text: string, shown: string): bigint {
  const unsigned = text.replace(/^[+-]/, '')
  if (unsigned === '0') return 0n
  const segment = /([0-9]*)(?:\.([0-9]*))?([^0-9.]+)/gy
  let total = 0n
  let at = 0
  while (at < unsigned.length) {
    segment.lastIndex = at
    const found = segment.exec(unsigned)
    if (found === null) {
      if (/^(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/.test(unsigned.slice(at))) {
        throw new BuiltinError(`time: missing unit in duration "${shown}"`)
      }
      return invalid(shown)
    }
    total += segmentLength(found, shown)
    if (total > durationMax) return invalid(shown)
    at = segment.lastIndex
  }
  if (at === 0 || (total === durationMax && !text.startsWith('-'))) return invalid(shown)
  return text.startsWith('-') ? -total : total
}

function segmentLength([, whole = '', fraction = '', unit = '']: readonly string[], shown: string): bigint {
  if (whole === '' && fraction === '') return invalid(shown)
  const size = nanosecondsIn[unit]
  if (size === undefined) throw new BuiltinError(`time: unknown unit "${unit}" in duration "${shown}"`)
  // As in Go, through a double; digits beyond what an int64 holds are dropped.
  const kept = fraction.slice(0, 18)
  const part = kept === '' ? 0n : BigInt(Math.trunc(Number(kept) * (Number(size) / 10 ** kept.length)))
  return BigInt(whole || '0') * size + part
}

function invalid(text: string): never {
  throw new BuiltinError(`time: invalid duration "${text}"`)
}
