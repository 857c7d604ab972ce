/** Reads DER, the encoding of certificates and keys: strictly, and without knowing what it means. */
import { BuiltinError } from './builtin.ts'

/** `bytes` is the content, `whole` includes what stands before it. */
export type Der = { readonly tag: number; readonly bytes: Buffer; readonly whole: Buffer }

export const derTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  t61String: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

/** Constructed, context-specific. */
export function explicitTag(number: number): number {
  return 0xa0 | number
}

/** Primitive, context-specific. */
export function implicitTag(number: number): number {
  return 0x80 | number
}

export function malformed(what = 'certificate'): BuiltinError {
  return new BuiltinError(`x509: malformed ${what}`)
}

/** The elements that follow one another in these bytes. */
export function derElements(bytes: Buffer): readonly Der[] {
  const elements: Der[] = []
  for (let at = 0; at < bytes.length; at += elements.at(-1)!.whole.length) elements.push(element(bytes, at))
  return elements
}

/** The one element that these bytes are. */
export function derElement(bytes: Buffer, tag?: number): Der {
  const [first, second] = derElements(bytes)
  if (first === undefined || second !== undefined || (tag !== undefined && first.tag !== tag)) throw malformed()
  return first
}

function element(bytes: Buffer, start: number): Der {
  const tag = bytes[start]!
  // Tags beyond 30 take several bytes; nothing read here has any.
  if ((tag & 0x1f) === 0x1f) throw malformed()
  const first = bytes[start + 1]
  if (first === undefined) throw malformed()
  let at = start + 2
  let length = first
  if (first >= 0x80) {
    const count = first & 0x7f
    if (count === 0 || count > 4 || at + count > bytes.length || bytes[at] === 0) throw malformed()
    length = bytes.readUIntBE(at, count)
    if (length < 0x80) throw malformed()
    at += count
  }
  if (at + length > bytes.length) throw malformed()
  return { tag, bytes: bytes.subarray(at, at + length), whole: bytes.subarray(start, at + length) }
}

/** Takes elements one by one. */
export function derReader(bytes: Buffer) {
  const elements = derElements(bytes)
  let at = 0
  return {
    /** The next element, if it has this tag. */
    optional(tag: number): Der | undefined {
      const next = elements[at]
      if (next?.tag !== tag) return undefined
      at++
      return next
    },
    next(tag?: number): Der {
      const next = elements[at++]
      if (next === undefined || (tag !== undefined && next.tag !== tag)) throw malformed()
      return next
    },
    isAtEnd: () => at === elements.length,
  }
}

export function derInteger({ bytes }: Der): bigint {
  if (bytes.length === 0) throw malformed()
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`))
}

export function derBoolean({ bytes }: Der): boolean {
  if (bytes.length !== 1 || (bytes[0] !== 0 && bytes[0] !== 0xff)) throw malformed()
  return bytes[0] === 0xff
}

export function derBits({ bytes }: Der): { readonly unused: number; readonly bytes: Buffer } {
  const unused = bytes[0]
  if (unused === undefined || unused > 7 || (bytes.length === 1 && unused > 0)) throw malformed()
  return { unused, bytes: bytes.subarray(1) }
}

export function derOid({ bytes }: Der): readonly number[] {
  if (bytes.length === 0 || bytes.at(-1)! >= 0x80) throw malformed()
  const arcs: number[] = []
  let value = 0
  for (const byte of bytes) {
    value = value * 128 + (byte & 0x7f)
    if (value > Number.MAX_SAFE_INTEGER / 128) throw malformed()
    if (byte >= 0x80) continue
    if (arcs.length > 0) arcs.push(value)
    else arcs.push(Math.min(Math.floor(value / 40), 2), value - Math.min(Math.floor(value / 40), 2) * 40)
    value = 0
  }
  return arcs
}

/** Undefined for what is no string. */
export function derString({ tag, bytes }: Der): string | undefined {
  switch (tag) {
    case derTag.utf8String:
      return bytes.toString('utf8')
    case derTag.bmpString:
      return Buffer.from(bytes.length % 2 === 0 ? bytes : bytes.subarray(0, -1))
        .swap16()
        .toString('utf16le')
    case derTag.numericString:
    case derTag.printableString:
    case derTag.ia5String:
      return bytes.toString('latin1')
    case derTag.t61String:
      return bytes.toString('latin1')
    default:
      return undefined
  }
}

/** Seconds since the epoch. */
export function derTime({ tag, bytes }: Der): number {
  const text = bytes.toString('latin1')
  const isLong = tag === derTag.generalizedTime
  const parts = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(text)
  if (parts === null || parts[1]!.length !== (isLong ? 4 : 2)) throw malformed()
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number)
  // Two digits stand for 1950 to 2049.
  const full = isLong ? year! : year! + (year! < 50 ? 2000 : 1900)
  const time = new Date(0)
  time.setUTCFullYear(full, month! - 1, day!)
  time.setUTCHours(hour!, minute!, second!)
  if (Number.isNaN(time.getTime()) || time.getUTCDate() !== day) throw malformed()
  return time.getTime() / 1000
}
