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

export function createJsonScanner(): JsonScanner {
  const tape = createJsonTape()
  const names = createJsonNames(tape)
  let bytes: Buffer = tape.bytes
  let nodes = tape.nodes
  let count = 0
  let at = 0
  let end = 0
  let base = 0
  /** All bytes of texts, or-ed: tells whether any is beyond ASCII. */
  let seen = 0

  function fail(what = 'malformed JSON'): never {
    throw corrupt(base + Math.min(at, end), what)
  }

  function open(kind: number): number {
    if ((count + 1) * nodeSize > nodes.length) {
      const larger = new Int32Array(nodes.length * 2)
      larger.set(nodes)
      nodes = larger
      tape.nodes = larger
    }
    const place = count * nodeSize
    nodes[place] = kind
    nodes[place + 1] = at
    return count++
  }

  function close(node: number): void {
    const place = node * nodeSize
    nodes[place + 2] = at
    nodes[place + 3] = count
  }

  function space(): void {
    while (at < end) {
      const byte = bytes[at]!
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return
      at++
    }
  }

  function value(depth: number): void {
    if (at >= end) fail()
    switch (bytes[at]) {
      case 0x22:
        textValue()
        break
      case 0x7b:
        object(depth + 1)
        break
      case 0x5b:
        list(depth + 1)
        break
      case 0x74:
        word(0x72, 0x75, 0x65, kinds.true)
        break
      case 0x66:
        if (bytes[at + 4] !== 0x65) fail()
        word(0x61, 0x6c, 0x73, kinds.false)
        break
      case 0x6e:
        word(0x75, 0x6c, 0x6c, kinds.null)
        break
      default:
        numberValue()
    }
  }

  function textValue(): void {
    const node = open(kinds.text)
    if (text()) nodes[node * nodeSize] = kinds.escapedText
    close(node)
  }

  function numberValue(): void {
    const node = open(kinds.number)
    number()
    close(node)
  }

  function word(second: number, third: number, fourth: number, kind: number): void {
    if (bytes[at + 1] !== second || bytes[at + 2] !== third || bytes[at + 3] !== fourth) fail()
    const node = open(kind)
    at += kind === kinds.false ? 5 : 4
    if (at > end) fail()
    close(node)
  }

  function object(depth: number): void {
    if (depth > jsonDepthMax) throw beyondLimit(base + at, 'JSON that is nested too deep')
    const node = open(kinds.object)
    at++
    space()
    if (here() === 0x7d) at++
    else members(depth)
    close(node)
  }

  function members(depth: number): void {
    names.begin(depth)
    for (;;) {
      if (here() !== 0x22) fail()
      const name = open(kinds.name)
      if (text()) nodes[name * nodeSize] = kinds.escapedName
      close(name)
      if (!names.add(depth, name)) fail('a name twice')
      space()
      if (here() !== 0x3a) fail()
      at++
      space()
      value(depth)
      space()
      const byte = here()
      if (byte !== 0x7d && byte !== 0x2c) fail()
      at++
      if (byte === 0x7d) return
      space()
    }
  }

  function list(depth: number): void {
    if (depth > jsonDepthMax) throw beyondLimit(base + at, 'JSON that is nested too deep')
    const node = open(kinds.list)
    at++
    space()
    if (here() === 0x5d) {
      at++
      close(node)
      return
    }
    for (;;) {
      value(depth)
      space()
      const byte = here()
      if (byte !== 0x5d && byte !== 0x2c) fail()
      at++
      if (byte === 0x5d) break
      space()
    }
    close(node)
  }

  /** From quote to quote. Whether it has escapes. */
  function text(): boolean {
    const source = bytes
    let index = at + 1
    let all = 0
    let escaped = false
    for (;;) {
      const byte = source[index]!
      if (byte === 0x22) break
      // past the last byte there is none, which is not ≥ 0x20 either
      if (!(byte >= 0x20)) {
        at = index
        fail()
      }
      all |= byte
      if (byte === 0x5c) {
        escaped = true
        index = afterEscape(index + 1)
      } else index++
    }
    seen |= all
    at = index + 1
    if (at > end) fail()
    return escaped
  }

  /** The index after the escape whose letter is at `index`. */
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
        at = index
        if (unit > 0xdbff || bytes[index + 5] !== 0x5c || bytes[index + 6] !== 0x75) fail('a lone surrogate')
        const low = hex(index + 7)
        if (low < 0xdc00 || low > 0xdfff) fail('a lone surrogate')
        return index + 11
      }
      default:
        at = index
        return fail()
    }
  }

  function hex(from: number): number {
    let unit = 0
    for (let index = from; index < from + 4; index++) {
      const byte = bytes[index]!
      const lower = byte | 0x20
      if (byte >= 0x30 && byte <= 0x39) unit = unit * 16 + byte - 0x30
      else if (lower >= 0x61 && lower <= 0x66) unit = unit * 16 + lower - 0x57
      else {
        at = index
        fail()
      }
    }
    return unit
  }

  function number(): void {
    if (here() === 0x2d) at++
    if (here() === 0x30) at++
    else digits()
    if (here() === 0x2e) {
      at++
      digits()
    }
    if ((here() | 0x20) === 0x65) {
      at++
      if (here() === 0x2b || here() === 0x2d) at++
      digits()
    }
  }

  function digits(): void {
    const from = at
    while (at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++
    if (at === from) fail()
  }

  /** The byte at hand; 0 past the end, which is none of JSON's. */
  function here(): number {
    return at < end ? bytes[at]! : 0
  }

  return {
    tape,
    scan(source, from, to, offset) {
      bytes = source
      tape.bytes = source
      at = from
      end = to
      base = offset - from
      count = 0
      seen = 0
      space()
      if (at === end) return false
      value(0)
      space()
      if (at !== end) fail()
      tape.count = count
      if (seen > 0x7f && !isUtf8(source.subarray(from, to))) throw corrupt(offset, 'a record that is not UTF-8')
      return true
    },
  }
}
