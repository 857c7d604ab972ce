/**
 * A strict scanner for one JSON value in UTF-8 (RFC 8259): numbers by grammar, no name twice in an object, no lone surrogate, no byte order mark, limited in depth.
 * It builds no values: it notes where each lies, so that what nobody asks for costs no more than its check.
 */
import { isUtf8 } from 'node:buffer'
import { beyondLimit, corrupt } from '../record-stream/format-errors.ts'
import { jsonDepthMax } from '../record-stream/limits.ts'
import { createJsonNames } from './json-names.ts'
import { createJsonTape, type JsonTape, kinds, nodeSize } from './json-tape.ts'

export type JsonScanner = {
  /** Of the value scanned last. */
  readonly tape: JsonTape
  /**
   * `offset` is where `start` lies in the whole, for errors. False where there is nothing but white space.
   * @throws format.corrupt, format.limit
   */
  scan(bytes: Buffer, start: number, end: number, offset: number): boolean
}

/** 1: stands for itself in a text, and is ASCII. */
const plain = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(byte >= 0x20 && byte < 0x80 && byte !== 0x22 && byte !== 0x5c),
)

export function createJsonScanner(): JsonScanner {
  const tape = createJsonTape()
  const names = createJsonNames(tape)
  let bytes: Buffer = tape.bytes
  let nodes = tape.nodes
  let count = 0
  let end = 0
  let base = 0
  let isAscii = true

  function fail(at: number, what = 'malformed JSON'): never {
    throw corrupt(base + Math.min(at, end), what)
  }

  function open(kind: number, at: number): number {
    const place = count * nodeSize
    if (place + nodeSize > nodes.length) grow()
    nodes[place] = kind
    nodes[place + 1] = at
    return count++
  }

  function grow(): void {
    const larger = new Int32Array(nodes.length * 2)
    larger.set(nodes)
    nodes = larger
    tape.nodes = larger
  }

  function close(node: number, at: number): number {
    const place = node * nodeSize
    nodes[place + 2] = at
    nodes[place + 3] = count
    return at
  }

  /** All functions below take where they begin, and give where what they read has ended. */
  function space(from: number): number {
    const source = bytes
    let at = from
    while (at < end) {
      const byte = source[at]!
      // most bytes are above all white space
      if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break
      at++
    }
    return at
  }

  function value(at: number, depth: number): number {
    if (at >= end) fail(at)
    switch (bytes[at]) {
      case 0x22:
        return text(at, kinds.text)
      case 0x7b:
        return object(at, depth + 1)
      case 0x5b:
        return list(at, depth + 1)
      case 0x74:
        return word(at, 'true', kinds.true)
      case 0x66:
        return word(at, 'false', kinds.false)
      case 0x6e:
        return word(at, 'null', kinds.null)
      default:
        return number(at)
    }
  }

  function word(from: number, spelling: string, kind: number): number {
    const until = from + spelling.length
    if (until > end) fail(end)
    for (let index = 1; index < spelling.length; index++)
      if (bytes[from + index] !== spelling.charCodeAt(index)) fail(from + index)
    return close(open(kind, from), until)
  }

  function object(from: number, depth: number): number {
    if (depth > jsonDepthMax) throw beyondLimit(base + from, 'JSON that is nested too deep')
    const node = open(kinds.object, from)
    let at = space(from + 1)
    if (at < end && bytes[at] === 0x7d) return close(node, at + 1)
    names.begin(depth)
    for (;;) {
      if (at >= end || bytes[at] !== 0x22) fail(at)
      const name = count
      at = text(at, kinds.name)
      if (!names.add(depth, name)) fail(at, 'a name twice')
      at = space(at)
      if (at >= end || bytes[at] !== 0x3a) fail(at)
      at = space(value(space(at + 1), depth))
      const byte = at < end ? bytes[at] : 0
      if (byte === 0x7d) return close(node, at + 1)
      if (byte !== 0x2c) fail(at)
      at = space(at + 1)
    }
  }

  function list(from: number, depth: number): number {
    if (depth > jsonDepthMax) throw beyondLimit(base + from, 'JSON that is nested too deep')
    const node = open(kinds.list, from)
    let at = space(from + 1)
    if (at < end && bytes[at] === 0x5d) return close(node, at + 1)
    for (;;) {
      at = space(value(at, depth))
      const byte = at < end ? bytes[at] : 0
      if (byte === 0x5d) return close(node, at + 1)
      if (byte !== 0x2c) fail(at)
      at = space(at + 1)
    }
  }

  /** From quote to quote. `kind` is that of one without escapes. */
  function text(from: number, kind: typeof kinds.text | typeof kinds.name): number {
    const source = bytes
    const node = open(kind, from)
    let index = from + 1
    for (;;) {
      while (plain[source[index]!] === 1) index++
      const byte = source[index]!
      if (byte === 0x22) break
      if (byte > 0x7f) {
        isAscii = false
        index++
      } else if (byte === 0x5c) {
        nodes[node * nodeSize] = kind + 1
        index = afterEscape(index + 1)
        // a control character, or past the last byte
      } else fail(index)
    }
    return close(node, index + 1)
  }

  /** `index` is that of the escape's letter. */
  function afterEscape(index: number): number {
    switch (bytes[index]) {
      case 0x22:
      case 0x5c:
      case 0x2f:
      case 0x62:
      case 0x66:
      case 0x6e:
      case 0x72:
      case 0x74:
        return index + 1
      case 0x75: {
        const unit = hex(index + 1)
        if (unit < 0xd800 || unit > 0xdfff) return index + 5
        if (unit > 0xdbff || bytes[index + 5] !== 0x5c || bytes[index + 6] !== 0x75) fail(index, 'a lone surrogate')
        const low = hex(index + 7)
        if (low < 0xdc00 || low > 0xdfff) fail(index, 'a lone surrogate')
        return index + 11
      }
      default:
        return fail(index)
    }
  }

  function hex(from: number): number {
    let unit = 0
    for (let index = from; index < from + 4; index++) {
      const byte = bytes[index]!
      const lower = byte | 0x20
      if (byte >= 0x30 && byte <= 0x39) unit = unit * 16 + byte - 0x30
      else if (lower >= 0x61 && lower <= 0x66) unit = unit * 16 + lower - 0x57
      else fail(index)
    }
    return unit
  }

  function number(from: number): number {
    let at = byteAt(from) === 0x2d ? from + 1 : from
    at = byteAt(at) === 0x30 ? at + 1 : digits(at)
    if (byteAt(at) === 0x2e) at = digits(at + 1)
    if ((byteAt(at) | 0x20) === 0x65) {
      at++
      if (byteAt(at) === 0x2b || byteAt(at) === 0x2d) at++
      at = digits(at)
    }
    return close(open(kinds.number, from), at)
  }

  function digits(from: number): number {
    const source = bytes
    let at = from
    while (at < end && source[at]! >= 0x30 && source[at]! <= 0x39) at++
    return at > from ? at : fail(at)
  }

  /** 0 past the end, which is none of JSON's. */
  function byteAt(at: number): number {
    return at < end ? bytes[at]! : 0
  }

  return {
    tape,
    scan(source, from, to, offset) {
      bytes = source
      tape.bytes = source
      end = to
      base = offset - from
      count = 0
      isAscii = true
      const start = space(from)
      if (start === end) return false
      const at = space(value(start, 0))
      if (at !== end) fail(at)
      tape.count = count
      if (!isAscii && !isUtf8(source.subarray(from, to))) throw corrupt(offset, 'a record that is not UTF-8')
      return true
    },
  }
}
