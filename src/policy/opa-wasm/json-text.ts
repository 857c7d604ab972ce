/** JSON text that may go into WASM: printed from values, or bytes that a strict check accepted. WASM's own parser takes malformed text for "no input". */
import { isUtf8 } from 'node:buffer'
import { PortcullisError } from '../../domain/errors.ts'

/** Levels of nesting of an input. WASM overflows its stack far above. */
export const inputDepthMax = 1_000

/**
 * Prints any plain value: null, booleans, finite numbers, bigints, strings, arrays, plain objects (members that are undefined are left out).
 * A lone surrogate becomes U+FFFD, as OPA itself reads it. @throws policy.input_invalid for anything else; policy.limit when nested too deep
 */
export function printJson(value: unknown, depth = 0): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.toWellFormed())
    case 'number':
      return Number.isFinite(value) ? String(value) : invalid('a number that is not finite')
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'object':
      if (depth >= inputDepthMax) throw new PortcullisError('policy.limit')
      if (value === null) return 'null'
      if (Array.isArray(value)) return printList(value, depth + 1)
      return printObject(value, depth + 1)
    default:
      return invalid(`a ${typeof value}`)
  }
}

function printList(list: readonly unknown[], depth: number): string {
  const items: string[] = []
  for (const item of list) items.push(printJson(item, depth))
  return `[${items.join(',')}]`
}

function printObject(object: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype !== Object.prototype && prototype !== null) return invalid('an object that is not plain')
  const members: string[] = []
  const names = new Set<string>()
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue
    const name = key.toWellFormed()
    if (names.has(name)) return invalid('a key twice')
    names.add(name)
    members.push(`${JSON.stringify(name)}:${printJson(value, depth)}`)
  }
  return `{${members.join(',')}}`
}

/** One JSON document in UTF-8, no key twice in an object, no lone surrogate, no byte order mark. @throws policy.input_invalid, policy.limit */
export function checkJsonBytes(bytes: Uint8Array): void {
  if (!isUtf8(bytes)) invalid('bytes that are not UTF-8')
  createCheck(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).document()
}

const quote = 0x22
const backslash = 0x5c

function createCheck(bytes: Buffer): { document(): void } {
  let at = 0

  function document(): void {
    value(0)
    space()
    if (at !== bytes.length) malformed()
  }

  function value(depth: number): void {
    if (depth > inputDepthMax) throw new PortcullisError('policy.limit')
    space()
    switch (bytes[at]) {
      case quote:
        string()
        return
      case 0x7b:
        object(depth + 1)
        return
      case 0x5b:
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
    if (step(0x7d)) return
    const names = new Set<string>()
    do {
      space()
      const name = string()
      if (names.has(name)) malformed()
      names.add(name)
      if (!step(0x3a)) malformed()
      value(depth)
    } while (step(0x2c))
    if (!step(0x7d)) malformed()
  }

  function array(depth: number): void {
    at++
    if (step(0x5d)) return
    do value(depth)
    while (step(0x2c))
    if (!step(0x5d)) malformed()
  }

  /** Its bytes as text; decoded only where it has escapes. */
  function string(): string {
    if (bytes[at] !== quote) malformed()
    const start = ++at
    let escaped = false
    for (;;) {
      const byte = bytes[at]
      if (byte === undefined || byte < 0x20) return malformed()
      if (byte === quote) break
      if (byte === backslash) {
        escaped = true
        at++
      }
      at++
    }
    const text = bytes.toString('utf8', start, at++)
    return escaped ? unescaped(text) : text
  }

  function unescaped(text: string): string {
    let decoded: unknown
    try {
      decoded = JSON.parse(`"${text}"`)
    } catch {
      return malformed()
    }
    return typeof decoded === 'string' && decoded.isWellFormed() ? decoded : malformed()
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
    const start = at
    while (bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++
    if (at === start) malformed()
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

  return { document }
}

function malformed(): never {
  return invalid('bytes that are not strict JSON')
}

function invalid(what: string): never {
  throw new PortcullisError('policy.input_invalid', { message: `The input of the policy is not valid JSON: ${what}.` })
}
