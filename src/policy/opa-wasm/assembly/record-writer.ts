/**
 * AssemblyScript, compiled by `make record-writer`: writes a JSON text's value into a policy's memory in one pass, as OPA's own parser would have left it there but
 * without copying texts, and on the way follows the paths of facts. All strings and numbers of the value lie in the text itself, which therefore has to stay.
 * Whatever is unusual (a key twice, nesting too deep, anything that is not strict JSON) it gives up on, with 0, and leaves to the parser.
 *
 * The text lies in memory with at least eight zeros behind it, so that no loop needs to look for its end, and has been checked to be UTF-8.
 */

import { arrayOf, integer, member, objectOf, position } from './collections.ts'
import {
  backslash,
  closeArray,
  closeObject,
  colon,
  comma,
  dot,
  isExponent,
  minus,
  openArray,
  openObject,
  pastDigits,
  plus,
  quote,
  space,
  zero,
} from './json-bytes.ts'
import { allocate, begin, blockMedium, blockSmall, blockTiny, free, reserve } from './memory.ts'
import { below, belowItem, endsOf, follow, withDeeper } from './steps.ts'

export { follow, free }

/** A string with escapes, quotes included, decoded to `to`: its bytes, or -1. */
declare function decode(from: u32, until: u32, to: u32): i32
/** Steps of facts have reached the value that lies there in the text. */
declare function found(steps: u32, from: u32, until: u32): void

const typeNull: u32 = 1
const typeFalse: u32 = 2
const typeTrue: u32 = 0x102
const typeNumeral: u32 = 0x203
const typeString: u32 = 4

/** Levels of nesting: as deep as facts may look. */
const depthMax: u32 = 256
/** Digits of a whole number up to which it is written as its value, not as its text. */
const integerDigitsMax: u32 = 9
const hashStart: u32 = 0x811c9dc5
const hashFactor: u32 = 0x01000193

/** Where the pass is in the text. */
let at: u32 = 0
/** Of the key that was read last. */
let hash: u32 = 0

/** Where the value lies, 0 for giving up. `free` is the first free byte, `limit` the end of memory, `steps` are those that lead on from the value. */
export function write(text: u32, length: u32, free: u32, limit: u32, steps: u32): u32 {
  at = text
  begin(free, limit)
  passSpace()
  const address = value(steps, 0)
  if (address === 0) return 0
  passSpace()
  return at === text + length ? address : 0
}

function passSpace(): void {
  let next = at
  for (;;) {
    const byte: u32 = load<u8>(next)
    if (byte > space || (byte !== space && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break
    next++
  }
  at = next
}

function value(steps: u32, depth: u32): u32 {
  if (steps === 0) return anyValue(0, depth)
  const from = at
  const all = withDeeper(steps)
  const ends = endsOf(all)
  const address = anyValue(all & ~ends, depth)
  if (address !== 0 && ends !== 0) found(ends, from, at)
  return address
}

function anyValue(steps: u32, depth: u32): u32 {
  switch (u32(load<u8>(at))) {
    case quote:
      return string()
    case openObject:
      return depth >= depthMax ? 0 : object(steps, depth + 1)
    case openArray:
      return depth >= depthMax ? 0 : array(steps, depth + 1)
    case 0x74:
      return word(0x65757274, 4, typeTrue)
    case 0x66:
      return load<u8>(at + 4) === 0x65 ? word(0x736c6166, 5, typeFalse) : 0
    case 0x6e:
      return word(0x6c6c756e, 4, typeNull)
    default:
      return number()
  }
}

/** `spelling` is its first four bytes. */
function word(spelling: u32, length: u32, content: u32): u32 {
  if (load<u32>(at) !== spelling) return 0
  at += length
  const address = allocate(4, blockTiny)
  store<u32>(address, content)
  return address
}

function textValue(bytes: u32, length: u32): u32 {
  const address = allocate(12, blockSmall)
  store<u32>(address, typeString)
  store<u32>(address, length, 4)
  store<u32>(address, bytes, 8)
  return address
}

function string(): u32 {
  const from = at + 1
  let next = from
  for (;;) {
    const byte: u32 = load<u8>(next)
    if (byte === quote) break
    if (byte === backslash) return escaped()
    if (byte < space) return 0
    next++
  }
  at = next + 1
  return textValue(from, next - from)
}

/** A string, of which `hash` is known afterwards. */
function key(): u32 {
  if (load<u8>(at) !== quote) return 0
  const from = at + 1
  let next = from
  let sum = hashStart
  for (;;) {
    const byte: u32 = load<u8>(next)
    if (byte === quote) break
    if (byte === backslash) return escaped()
    if (byte < space) return 0
    sum = (sum * hashFactor) ^ byte
    next++
  }
  at = next + 1
  hash = sum
  return textValue(from, next - from)
}

/** A string of which an escape is a part. */
function escaped(): u32 {
  const from = at
  let next = at + 1
  for (;;) {
    const byte: u32 = load<u8>(next)
    if (byte === quote) break
    if (byte < space) return 0
    next += byte === backslash ? 2 : 1
  }
  at = next + 1
  // decoded, a string is never longer
  const bytes = reserve(at - from)
  const length = decode(from, at, bytes)
  if (length < 0) return 0
  let sum = hashStart
  for (let index: u32 = 0; index < u32(length); index++) sum = (sum * hashFactor) ^ u32(load<u8>(bytes + index))
  hash = sum
  return textValue(bytes, length)
}

function number(): u32 {
  const from = at
  const negative = load<u8>(from) === minus
  const digitsFrom = negative ? from + 1 : from
  let next = digitsFrom
  let whole: i32 = 0
  for (;;) {
    const digit = u32(load<u8>(next)) - zero
    if (digit > 9) break
    whole = 10 * whole + digit
    next++
  }
  const digits = next - digitsFrom
  if (digits === 0 || (digits > 1 && load<u8>(digitsFrom) === zero)) return 0
  const isWhole = load<u8>(next) !== dot && !isExponent(next)
  // a negative zero is another text than zero
  if (isWhole && digits <= integerDigitsMax && !(negative && whole === 0)) {
    at = next
    return integer(negative ? -whole : whole)
  }
  if (load<u8>(next) === dot) {
    next = pastDigits(next + 1)
    if (next === 0) return 0
  }
  if (isExponent(next)) {
    next++
    const sign: u32 = load<u8>(next)
    next = pastDigits(sign === minus || sign === plus ? next + 1 : next)
    if (next === 0) return 0
  }
  at = next
  return numeral(from, next - from)
}

function numeral(text: u32, length: u32): u32 {
  const address = allocate(24, blockMedium)
  store<u32>(address, typeNumeral)
  store<u32>(address, text, 8)
  store<u32>(address, length, 12)
  store<u32>(address, 0, 16)
  return address
}

function object(steps: u32, depth: u32): u32 {
  let count: u32 = 0
  let last: u32 = 0
  at++
  passSpace()
  if (load<u8>(at) === closeObject) at++
  else
    for (;;) {
      const name = key()
      if (name === 0) return 0
      const nameHash = hash
      const next = steps === 0 ? 0 : below(steps, name)
      passSpace()
      if (load<u8>(at) !== colon) return 0
      at++
      passSpace()
      const content = value(next, depth)
      if (content === 0) return 0
      last = member(name, content, nameHash, last)
      count++
      passSpace()
      const byte: u32 = load<u8>(at++)
      if (byte === closeObject) break
      if (byte !== comma) return 0
      passSpace()
    }
  return objectOf(last, count)
}

function array(steps: u32, depth: u32): u32 {
  let count: u32 = 0
  let last: u32 = 0
  at++
  passSpace()
  if (load<u8>(at) === closeArray) at++
  else
    for (;;) {
      const content = value(steps === 0 ? 0 : belowItem(steps, count), depth)
      if (content === 0) return 0
      last = position(count, content, last)
      count++
      passSpace()
      const byte: u32 = load<u8>(at++)
      if (byte === closeArray) break
      if (byte !== comma) return 0
      passSpace()
    }
  return arrayOf(last, count)
}
