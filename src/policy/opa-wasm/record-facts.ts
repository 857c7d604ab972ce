/** Facts from a record's bytes, by going only where their paths lead and over all the rest. What it finds is what `factsOfRecord` finds in the parsed record. */
import { PortcullisError } from '../../domain/errors.ts'
import { evaluateFactOf, factDepthMax } from '../../domain/facts.ts'
import type { Json } from '../../domain/json.ts'
import { isIndex, parsePointer } from '../../domain/json-pointer.ts'
import type { FactSelector, FactValue } from '../../domain/record-policy.ts'
import { factsOfRecord } from './facts.ts'
import { jsonOf } from './plain-json.ts'
import { numberOfText } from './value-number.ts'

/** Facts of one record up to which each has its own pass over the bytes; for more, parsing the record costs less. */
const passesMax = 5
/** Steps that fit the bits of a number, with one more for the end. */
const stepsMax = 30
/** Characters of a number up to which a double has all its digits. */
const doubleDigitsMax = 15

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a] as const
const [openObject, closeObject, openArray, closeArray] = [0x7b, 0x7d, 0x5b, 0x5d] as const

/** A path's steps as bits: those that lead on from a value are a set of them, so that the bytes are gone through once, `**` or not. */
type Path = {
  /** By their index: `undefined` for `*` and `**`. */
  readonly names: readonly (Name | undefined)[]
  /** The steps that are `*`, and the one that is `**`. */
  readonly any: number
  readonly deep: number
  /** Beyond the last step. */
  readonly end: number
}
type Name = { readonly bytes: Buffer; readonly text: string; readonly index: number }

/** Of what a path led to: where it begins in the bytes and where it ends. */
type Found = (from: number, to: number) => void

/**
 * Values in the order of the facts, of records in JSON that was made by us or checked strictly.
 * @throws policy.input_invalid where it is not JSON and that is noticed; fact.unavailable where it is nested too deep
 */
export function createRecordFacts(facts: readonly FactSelector[]): (recordJson: Uint8Array) => readonly FactValue[] {
  const paths = facts.map(({ path }) => parsePointer(path))
  if (facts.length > passesMax || paths.some(({ length }) => length > stepsMax))
    return (recordJson) => factsOfRecord(facts, recordJson)
  const scan = createPathScan()
  const readers = facts.map((fact, index) => readerOf(fact, pathOf(paths[index]!), scan))
  return (recordJson) => {
    scan.begin(recordJson)
    return readers.map((read) => read())
  }
}

function readerOf(fact: FactSelector, path: Path, scan: PathScan): () => FactValue {
  if (fact.op === 'any' && typeof fact.operand === 'string') return textReader(path, fact.operand, scan)
  const values: Json[] = []
  const keep: Found = (from, to) => values.push(scan.value(from, to))
  return () => {
    values.length = 0
    scan.visit(path, keep)
    return evaluateFactOf(fact, values)
  }
}

/** Whether any of the values is this text: the most common fact, found without making a value. */
function textReader(path: Path, text: string, scan: PathScan): () => FactValue {
  const bytes = Buffer.from(text)
  let isFound = false
  const compare: Found = (from, to) => {
    if (!isFound && scan.isText(from, to, bytes, text)) isFound = true
  }
  return () => {
    isFound = false
    scan.visit(path, compare)
    return isFound
  }
}

function pathOf(segments: readonly string[]): Path {
  const bits = (wanted: string) => segments.reduce((all, each, index) => all | (each === wanted ? 1 << index : 0), 0)
  return {
    names: segments.map((text) => {
      if (text === '*' || text === '**') return undefined
      return { bytes: Buffer.from(text), text, index: isIndex(text) ? Number(text) : -1 }
    }),
    any: bits('*'),
    deep: bits('**'),
    end: 1 << segments.length,
  }
}

type PathScan = {
  begin(recordJson: Uint8Array): void
  visit(path: Path, found: Found): void
  /** Scalars; for a list or an object something that is equal to nothing. */
  value(from: number, to: number): Json
  isText(from: number, to: number, expected: Buffer, text: string): boolean
}

const container: Json = {}

function createPathScan(): PathScan {
  let bytes: Buffer = Buffer.alloc(0)
  let path: Path = pathOf([])
  let found: Found = () => undefined

  /** All functions below take where they begin, and give where what they read has ended. */
  function space(from: number): number {
    let at = from
    for (;;) {
      const byte = bytes[at]!
      if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return at
      at++
    }
  }

  function text(from: number): number {
    const source = bytes
    const { length } = source
    for (let at = from + 1; at < length; at++) {
      const byte = source[at]!
      if (byte === quote) return at + 1
      if (byte === backslash) at++
    }
    return malformed()
  }

  /** Over a value and all that it holds. */
  function skip(from: number): number {
    const source = bytes
    const { length } = source
    let open = 0
    for (let at = from; at < length; at++)
      switch (source[at]!) {
        case quote:
          at = text(at) - 1
          if (open === 0) return at + 1
          break
        case openObject:
        case openArray:
          open++
          break
        case closeObject:
        case closeArray:
          if (open <= 1) return open === 0 ? at : at + 1
          open--
          break
        case comma:
        case 0x20:
        case 0x0a:
        case 0x0d:
        case 0x09:
          if (open === 0) return at
          break
        default:
      }
    return open === 0 ? length : malformed()
  }

  /** `steps` are those that lead on from here. */
  function visit(from: number, steps: number, depth: number): number {
    if (depth > factDepthMax) throw new PortcullisError('fact.unavailable')
    // what `**` is followed by leads on from here, too
    const all = steps | ((steps & path.deep) << 1)
    const on = all & ~path.end
    const end = on === 0 ? skip(from) : within(from, on, depth)
    if (all !== on) found(from, end)
    return end
  }

  function within(from: number, steps: number, depth: number): number {
    switch (bytes[from]) {
      case openObject:
        return object(from, steps, depth)
      case openArray:
        return list(from, steps, depth)
      default:
        return skip(from)
    }
  }

  function object(from: number, steps: number, depth: number): number {
    const always = (steps & path.deep) | ((steps & path.any) << 1)
    const named = steps & ~(path.deep | path.any)
    let at = space(from + 1)
    if (bytes[at] === closeObject) return at + 1
    for (;;) {
      if (bytes[at] !== quote) malformed()
      const nameEnd = text(at)
      const next = named === 0 ? always : always | byName(at, nameEnd, named)
      at = space(nameEnd)
      if (bytes[at] !== colon) malformed()
      at = space(at + 1)
      at = space(next === 0 ? skip(at) : visit(at, next, depth + 1))
      if (bytes[at] === closeObject) return at + 1
      if (bytes[at] !== comma) malformed()
      at = space(at + 1)
    }
  }

  function byName(from: number, to: number, steps: number): number {
    let next = 0
    for (let left = steps; left !== 0; left &= left - 1) {
      const { bytes: wanted, text: name } = path.names[31 - Math.clz32(left & -left)]!
      if (isText(from, to, wanted, name)) next |= (left & -left) << 1
    }
    return next
  }

  function list(from: number, steps: number, depth: number): number {
    const always = (steps & path.deep) | ((steps & path.any) << 1)
    const named = steps & ~(path.deep | path.any)
    let at = space(from + 1)
    if (bytes[at] === closeArray) return at + 1
    for (let item = 0; ; item++) {
      const next = named === 0 ? always : always | byIndex(item, named)
      at = space(next === 0 ? skip(at) : visit(at, next, depth + 1))
      if (bytes[at] === closeArray) return at + 1
      if (bytes[at] !== comma) malformed()
      at = space(at + 1)
    }
  }

  function byIndex(item: number, steps: number): number {
    let next = 0
    for (let left = steps; left !== 0; left &= left - 1)
      if (path.names[31 - Math.clz32(left & -left)]!.index === item) next |= (left & -left) << 1
    return next
  }

  function isText(from: number, to: number, expected: Buffer, wanted: string): boolean {
    if (bytes[from] !== quote) return false
    const start = from + 1
    const length = to - 1 - start
    const expectedLength = expected.length
    // an escape never makes a text longer than it is written
    if (length < expectedLength) return false
    let same = 0
    while (same < expectedLength && bytes[start + same] === expected[same]) same++
    if (same === expectedLength && length === expectedLength) return true
    for (let at = start; at < to - 1; at++) if (bytes[at] === backslash) return decoded(from, to) === wanted
    return false
  }

  function decoded(from: number, to: number): Json {
    try {
      return JSON.parse(bytes.toString('utf8', from, to)) as Json
    } catch {
      return malformed()
    }
  }

  return {
    begin(recordJson) {
      bytes = Buffer.from(recordJson.buffer, recordJson.byteOffset, recordJson.byteLength)
    },
    visit(given, tell) {
      path = given
      found = tell
      visit(space(0), 1, 0)
    },
    value(from, to) {
      const first = bytes[from]
      if (first === openObject || first === openArray) return container
      if (to - from <= doubleDigitsMax || first === quote) return decoded(from, to)
      return jsonOf(numberOfText(bytes.toString('latin1', from, to)))
    },
    isText,
  }
}

function malformed(): never {
  throw new PortcullisError('policy.input_invalid')
}
