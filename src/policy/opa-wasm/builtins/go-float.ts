/** Doubles as text the way Go's strconv.FormatFloat writes them: exact digits, ties to even. */

/** 0.d1d2d3… × 10^point; no leading or trailing zeros, empty for zero. */
type Digits = { readonly digits: string; readonly point: number }

/** `precision` -1: as few digits as give the number back. */
export function formatFloat(value: number, verb: string, precision: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  return sign + formatPositive(Math.abs(value), verb, precision)
}

function formatPositive(value: number, verb: string, precision: number): string {
  switch (verb) {
    case 'b':
      return binary(value)
    case 'e':
    case 'E':
      return scientific(rounded(value, precision < 0 ? undefined : precision + 1), precision, verb)
    case 'f':
    case 'F':
      return fixed(precision < 0 ? shortest(value) : roundedAt(exact(value), precision), precision)
    case 'x':
    case 'X':
      return hexadecimal(value, precision, verb)
    default:
      return general(value, precision, verb)
  }
}

function general(value: number, precision: number, verb: string): string {
  const wanted = precision === 0 ? 1 : precision
  const number = rounded(value, precision < 0 ? undefined : wanted)
  let limit = wanted > number.digits.length && number.digits.length >= number.point ? number.digits.length : wanted
  if (precision < 0) limit = 6
  const exponent = number.point - 1
  if (number.digits !== '' && (exponent < -4 || exponent >= limit)) {
    return scientific(number, number.digits.length - 1, verb === 'G' ? 'E' : 'e')
  }
  return fixed(number, Math.max(number.digits.length - number.point, 0))
}

function scientific({ digits, point }: Digits, precision: number, letter: string): string {
  const shown = precision < 0 ? Math.max(digits.length - 1, 0) : precision
  const fraction = digits.slice(1).padEnd(shown, '0')
  const exponent = digits === '' ? 0 : point - 1
  const power = String(Math.abs(exponent)).padStart(2, '0')
  return `${digits[0] ?? '0'}${shown > 0 ? `.${fraction}` : ''}${letter}${exponent < 0 ? '-' : '+'}${power}`
}

function fixed({ digits, point }: Digits, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  const fraction = point > 0 ? digits.slice(point) : digits === '' ? '' : '0'.repeat(-point) + digits
  const shown = precision < 0 ? fraction : fraction.padEnd(precision, '0').slice(0, precision)
  return shown === '' ? whole : `${whole}.${shown}`
}

function rounded(value: number, digitsMax: number | undefined): Digits {
  if (digitsMax === undefined) return shortest(value)
  const number = exact(value)
  return roundedAt(number, digitsMax - number.point)
}

function shortest(value: number): Digits {
  if (value === 0) return { digits: '', point: 0 }
  const [mantissa, exponent] = value.toExponential().split('e')
  return { digits: mantissa!.replace('.', ''), point: Number(exponent) + 1 }
}

/** All decimal digits of a double: it is an integer times a power of two. */
function exact(value: number): Digits {
  if (value === 0) return { digits: '', point: 0 }
  const { mantissa, exponent } = parts(value)
  if (exponent >= 0) {
    const digits = String(mantissa << BigInt(exponent))
    return { digits: digits.replace(/0+$/, ''), point: digits.length }
  }
  const digits = String(mantissa * 5n ** BigInt(-exponent))
  return { digits: digits.replace(/0+$/, ''), point: digits.length + exponent }
}

/** Rounds to so many digits after the point, ties to even. */
function roundedAt({ digits, point }: Digits, fraction: number): Digits {
  const keep = point + fraction
  if (keep >= digits.length) return { digits, point }
  if (keep < 0) return { digits: '', point: 0 }
  const kept = digits.slice(0, keep)
  const next = digits.charCodeAt(keep) - 48
  const tie = next === 5 && keep + 1 === digits.length
  const up = tie ? keep > 0 && (digits.charCodeAt(keep - 1) - 48) % 2 === 1 : next >= 5
  if (!up) return trimmed(kept, point)
  const raised = String(BigInt(kept === '' ? '0' : kept) + 1n).padStart(keep, '0')
  return trimmed(raised, point + raised.length - keep)
}

function trimmed(digits: string, point: number): Digits {
  const stripped = digits.replace(/0+$/, '')
  return { digits: stripped, point: stripped === '' ? 0 : point }
}

/** value = mantissa × 2^exponent */
function parts(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, value)
  const raw = bits.getBigUint64(0)
  const fraction = raw & ((1n << 52n) - 1n)
  const biased = Number((raw >> 52n) & 0x7ffn)
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 }
}

function binary(value: number): string {
  const { mantissa, exponent } = parts(value)
  return `${mantissa}p${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`
}

function hexadecimal(value: number, precision: number, verb: string): string {
  let { mantissa, exponent } = parts(value)
  if (mantissa === 0n) exponent = 0
  else {
    while (mantissa < 1n << 60n) {
      mantissa <<= 1n
      exponent--
    }
    exponent += 60
  }
  if (precision >= 0 && precision < 15) {
    const shift = BigInt(60 - precision * 4)
    const extra = (mantissa << (60n - shift)) & ((1n << 60n) - 1n)
    mantissa >>= shift
    const half = 1n << 59n
    if (extra > half || (extra === half && (mantissa & 1n) === 1n)) mantissa++
    mantissa <<= shift
    if (mantissa >= 1n << 61n) {
      mantissa >>= 1n
      exponent++
    }
  }
  const fraction = (mantissa & ((1n << 60n) - 1n)).toString(16).padStart(15, '0')
  const shown = precision < 0 ? fraction.replace(/0+$/, '') : fraction.padEnd(precision, '0').slice(0, precision)
  const power = String(Math.abs(exponent)).padStart(2, '0')
  const text = `0x${mantissa >> 60n}${shown === '' ? '' : `.${shown}`}p${exponent < 0 ? '-' : '+'}${power}`
  return verb === 'X' ? text.toUpperCase() : text
}
