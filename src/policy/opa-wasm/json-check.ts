/** A strict check of JSON bytes, since WASM's own parser is lenient: it takes what is malformed for "no input", and accepts trailing text, `01`, and keys given twice. */
import { isUtf8 } from 'node:buffer'
import { inputDepthMax, invalid, tooDeep } from './json-text.ts'

/** Keys of one object up to which each is compared with those before it. */
const keysComparedMax = 24

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a] as const
const [openObject, closeObject, openArray, closeArray] = [0x7b, 0x7d, 0x5b, 0x5d] as const
const hashStart = 0x811c9dc5
const hashFactor = 0x01000193

/** One JSON document in UTF-8, no key twice in an object, no lone surrogate, no byte order mark. @throws policy.input_invalid, policy.limit */
export function checkJsonBytes(bytes: Uint8Array): void {
  if (!isUtf8(bytes)) invalid('bytes that are not UTF-8')
  const check = createCheck(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  check.document()
}

function createCheck(bytes: Buffer): { document(): void } {
  let at = 0
  // of the string that was read last
  let start = 0
  let end = 0
  let hash = 0
  let escaped = false
  /** Hash, start and end of the keys of the objects that are open. */
  const keys: number[] = []

  function document(): void {
    value(0)
    space()
    if (at !== bytes.length) malformed()
  }

  function value(depth: number): void {
    if (depth > inputDepthMax) tooDeep()
    space()
    switch (bytes[at]) {
      case quote:
        string()
        return
      case openObject:
        object(depth + 1)
        return
      case openArray:
        array(depth + 1)
        return
      case 0x74:
        word('true')
        return
      case 0x66:
        word('false')
        return
      case 0x6e:
        word('null')
        return
      default:
        number()
    }
  }

  function object(depth: number): void {
    at++
    if (step(closeObject)) return
    const base = keys.length
    let names: Set<string> | undefined
    do {
      space()
      string()
      if (names === undefined && (escaped || keys.length - base > 3 * keysComparedMax)) names = namesSince(base)
      if (names === undefined) compare(base)
      else if (names.size === names.add(nameOf(start, end)).size) malformed('a key twice')
      keys.push(hash, start, end)
      if (!step(colon)) malformed()
      value(depth)
    } while (step(comma))
    if (!step(closeObject)) malformed()
    keys.length = base
  }

  /** The key that was read last with those of its object before it. */
  function compare(base: number): void {
    for (let index = base; index < keys.length; index += 3)
      if (keys[index] === hash && bytes.compare(bytes, start, end, keys[index + 1], keys[index + 2]) === 0)
        malformed('a key twice')
  }

  function namesSince(base: number): Set<string> {
    const names = new Set<string>()
    for (let index = base; index < keys.length; index += 3) names.add(nameOf(keys[index + 1]!, keys[index + 2]!))
    return names
  }

  function nameOf(from: number, to: number): string {
    return JSON.parse(`"${bytes.toString('utf8', from, to)}"`) as string
  }

  function array(depth: number): void {
    at++
    if (step(closeArray)) return
    do value(depth)
    while (step(comma))
    if (!step(closeArray)) malformed()
  }

  function string(): void {
    if (bytes[at] !== quote) malformed()
    let index = at + 1
    start = index
    let sum = hashStart
    escaped = false
    for (;;) {
      const byte = bytes[index]
      if (byte === undefined || byte < 0x20) malformed()
      if (byte === quote) break
      sum = Math.imul(sum ^ byte, hashFactor)
      if (byte === backslash) {
        escaped = true
        index++
      }
      index++
    }
    end = index
    hash = sum
    at = index + 1
    if (escaped) checkEscapes()
  }

  function checkEscapes(): void {
    let decoded: string
    try {
      decoded = nameOf(start, end)
    } catch {
      malformed()
    }
    if (!decoded.isWellFormed()) malformed('half a surrogate pair')
  }

  function number(): void {
    if (bytes[at] === 0x2d) at++
    if (bytes[at] === 0x30) at++
    else digits()
    if (bytes[at] === 0x2e) {
      at++
      digits()
    }
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      at++
      if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++
      digits()
    }
  }

  function digits(): void {
    const from = at
    while (bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++
    if (at === from) malformed()
  }

  function word(spelling: string): void {
    for (let index = 0; index < spelling.length; index++)
      if (bytes[at + index] !== spelling.charCodeAt(index)) malformed()
    at += spelling.length
  }

  function step(byte: number): boolean {
    space()
    if (bytes[at] !== byte) return false
    at++
    return true
  }

  function space(): void {
    for (;;) {
      const byte = bytes[at]
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return
      at++
    }
  }

  function malformed(what = 'bytes that are not strict JSON'): never {
    return invalid(`${what}, at byte ${at}`)
  }

  return { document }
}
