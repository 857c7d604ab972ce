/**
 * A strict scanner for one JSON value in UTF-8 (RFC 8259): numbers by grammar, no name twice in an object, no lone surrogate, no byte order mark, limited in depth.
 * It builds no values: it notes where each lies, so that what nobody asks for costs no more than its check.
 */
import { isUtf8 } from 'node:buffer'
import { beyondLimit, corrupt } from '../record-stream/format-errors.ts'
import { jsonDepthMax } from '../record-stream/limits.ts'
import { addName, beginNames, createJsonNames, type JsonNames } from './json-names.ts'
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

/** One state that is passed along, and no closures: many are made, one a read, and V8 runs what each of them closes over at half the speed. */
type Scan = JsonTape & {
  readonly names: JsonNames
  end: number
  /** What is added to a place in `bytes` for its place in the whole. */
  base: number
  isAscii: boolean
}

export function createJsonScanner(): JsonScanner {
  const { bytes, nodes, count } = createJsonTape()
  const scan: Scan = { bytes, nodes, count, names: createJsonNames(), end: 0, base: 0, isAscii: true }
  return {
    tape: scan,
    scan(source, from, to, offset) {
      scan.bytes = source
      scan.end = to
      scan.base = offset - from
      scan.count = 0
      scan.isAscii = true
      const start = space(scan, from)
      if (start === to) return false
      const at = space(scan, value(scan, start, 0))
      if (at !== to) fail(scan, at)
      if (!scan.isAscii && !isUtf8(source.subarray(from, to))) throw corrupt(offset, 'a record that is not UTF-8')
      return true
    },
  }
}

function fail(scan: Scan, at: number, what = 'malformed JSON'): never {
  throw corrupt(scan.base + Math.min(at, scan.end), what)
}

function open(scan: Scan, kind: number, at: number): number {
  const place = scan.count * nodeSize
  if (place + nodeSize > scan.nodes.length) grow(scan)
  const { nodes } = scan
  nodes[place] = kind
  nodes[place + 1] = at
  return scan.count++
}

function grow(scan: Scan): void {
  const larger = new Int32Array(scan.nodes.length * 2)
  larger.set(scan.nodes)
  scan.nodes = larger
}

function close(scan: Scan, node: number, at: number): number {
  const { nodes, count } = scan
  const place = node * nodeSize
  nodes[place + 2] = at
  nodes[place + 3] = count
  return at
}

/** One with nothing below it. */
function leaf(scan: Scan, kind: number, from: number, until: number): number {
  const place = scan.count * nodeSize
  if (place + nodeSize > scan.nodes.length) grow(scan)
  const { nodes } = scan
  nodes[place] = kind
  nodes[place + 1] = from
  nodes[place + 2] = until
  nodes[place + 3] = ++scan.count
  return until
}

/** All functions below take where they begin, and give where what they read has ended. */
function space(scan: Scan, from: number): number {
  // most bytes are above all white space
  return from < scan.end && scan.bytes[from]! <= 0x20 ? beyondSpace(scan, from) : from
}

function beyondSpace(scan: Scan, from: number): number {
  const { bytes, end } = scan
  let at = from
  while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09)) at++
  return at
}

function value(scan: Scan, at: number, depth: number): number {
  if (at >= scan.end) fail(scan, at)
  switch (scan.bytes[at]) {
    case 0x22:
      return text(scan, at, kinds.text)
    case 0x7b:
      return object(scan, at, depth + 1)
    case 0x5b:
      return list(scan, at, depth + 1)
    case 0x74:
      return word(scan, at, 'true', kinds.true)
    case 0x66:
      return word(scan, at, 'false', kinds.false)
    case 0x6e:
      return word(scan, at, 'null', kinds.null)
    default:
      return number(scan, at)
  }
}

function word(scan: Scan, from: number, spelling: string, kind: number): number {
  const until = from + spelling.length
  if (until > scan.end) fail(scan, scan.end)
  for (let index = 1; index < spelling.length; index++)
    if (scan.bytes[from + index] !== spelling.charCodeAt(index)) fail(scan, from + index)
  return leaf(scan, kind, from, until)
}

function object(scan: Scan, from: number, depth: number): number {
  if (depth > jsonDepthMax) throw beyondLimit(scan.base + from, 'JSON that is nested too deep')
  const { bytes, end, names } = scan
  const node = open(scan, kinds.object, from)
  let at = space(scan, from + 1)
  if (at < end && bytes[at] === 0x7d) return close(scan, node, at + 1)
  beginNames(names, depth)
  for (;;) {
    if (at >= end || bytes[at] !== 0x22) fail(scan, at)
    at = text(scan, at, kinds.name)
    if (!addName(names, scan, depth, scan.count - 1)) fail(scan, at, 'a name twice')
    at = space(scan, at)
    if (at >= end || bytes[at] !== 0x3a) fail(scan, at)
    at = space(scan, value(scan, space(scan, at + 1), depth))
    const byte = at < end ? bytes[at] : 0
    if (byte === 0x7d) return close(scan, node, at + 1)
    if (byte !== 0x2c) fail(scan, at)
    at = space(scan, at + 1)
  }
}

function list(scan: Scan, from: number, depth: number): number {
  if (depth > jsonDepthMax) throw beyondLimit(scan.base + from, 'JSON that is nested too deep')
  const { bytes, end } = scan
  const node = open(scan, kinds.list, from)
  let at = space(scan, from + 1)
  if (at < end && bytes[at] === 0x5d) return close(scan, node, at + 1)
  for (;;) {
    at = space(scan, value(scan, at, depth))
    const byte = at < end ? bytes[at] : 0
    if (byte === 0x5d) return close(scan, node, at + 1)
    if (byte !== 0x2c) fail(scan, at)
    at = space(scan, at + 1)
  }
}

/** From quote to quote. `kind` is that of one without escapes. */
function text(scan: Scan, from: number, kind: typeof kinds.text | typeof kinds.name): number {
  const { bytes } = scan
  let found: number = kind
  let index = from + 1
  for (;;) {
    while (plain[bytes[index]!] === 1) index++
    const byte = bytes[index]!
    if (byte === 0x22) break
    if (byte > 0x7f) {
      scan.isAscii = false
      index++
    } else if (byte === 0x5c) {
      found = kind + 1
      index = afterEscape(scan, index + 1)
      // a control character, or past the last byte
    } else fail(scan, index)
  }
  return leaf(scan, found, from, index + 1)
}

/** `index` is that of the escape's letter. */
function afterEscape(scan: Scan, index: number): number {
  switch (scan.bytes[index]) {
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
      const unit = hex(scan, index + 1)
      if (unit < 0xd800 || unit > 0xdfff) return index + 5
      if (unit > 0xdbff || scan.bytes[index + 5] !== 0x5c || scan.bytes[index + 6] !== 0x75)
        fail(scan, index, 'a lone surrogate')
      const low = hex(scan, index + 7)
      if (low < 0xdc00 || low > 0xdfff) fail(scan, index, 'a lone surrogate')
      return index + 11
    }
    default:
      return fail(scan, index)
  }
}

function hex(scan: Scan, from: number): number {
  let unit = 0
  for (let index = from; index < from + 4; index++) {
    const byte = scan.bytes[index]!
    const lower = byte | 0x20
    if (byte >= 0x30 && byte <= 0x39) unit = unit * 16 + byte - 0x30
    else if (lower >= 0x61 && lower <= 0x66) unit = unit * 16 + lower - 0x57
    else fail(scan, index)
  }
  return unit
}

function number(scan: Scan, from: number): number {
  let at = byteAt(scan, from) === 0x2d ? from + 1 : from
  at = byteAt(scan, at) === 0x30 ? at + 1 : digits(scan, at)
  if (byteAt(scan, at) === 0x2e) at = digits(scan, at + 1)
  if ((byteAt(scan, at) | 0x20) === 0x65) {
    at++
    if (byteAt(scan, at) === 0x2b || byteAt(scan, at) === 0x2d) at++
    at = digits(scan, at)
  }
  return leaf(scan, kinds.number, from, at)
}

function digits(scan: Scan, from: number): number {
  const { bytes, end } = scan
  let at = from
  while (at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++
  return at > from ? at : fail(scan, at)
}

/** 0 past the end, which is none of JSON's. */
function byteAt(scan: Scan, at: number): number {
  return at < scan.end ? scan.bytes[at]! : 0
}
