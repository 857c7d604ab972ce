/** Numbers of two bytes: one bit of sign, five of exponent, ten of fraction. */

export function float16Of(data: Buffer, start: number): number {
  const bits = data.readUInt16LE(start)
  const sign = bits >>> 15 === 1 ? -1 : 1
  const exponent = (bits >>> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The nearest, ties to even; undefined beyond the largest. */
export function float16Bytes(value: number): Buffer | undefined {
  const size = Math.abs(value)
  const exponent = size < 2 ** -14 ? -14 : Math.floor(Math.log2(size))
  const scaled = size * 2 ** (10 - exponent)
  const below = Math.floor(scaled)
  const rest = scaled - below
  const units = below + (rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? 1 : 0)
  // a carry out of the fraction is one of the exponent
  const bits = units + (size < 2 ** -14 ? 0 : (exponent + 14) * 1024)
  if (bits >= 0x7c00) return undefined
  const out = Buffer.alloc(2)
  out.writeUInt16LE(bits | (value < 0 || Object.is(value, -0) ? 0x8000 : 0))
  return out
}
