/**
 * Facts of records found while something else goes through their bytes: the steps of all paths as bits, of which those that lead on from a value are a set, so
 * that one pass finds all facts, `**` or not. What it finds is what `factsOfRecord` finds in the parsed record.
 */
import { PortcullisError } from '../../domain/errors.ts'
import { evaluateFactOf } from '../../domain/facts.ts'
import type { Json } from '../../domain/json.ts'
import { isIndex, parsePointer } from '../../domain/json-pointer.ts'
import type { FactSelector, FactValue } from '../../domain/record-policy.ts'
import { jsonOf } from './plain-json.ts'
import { numberOfText } from './value-number.ts'

/** Steps that fit the bits of a number, with the end of each path. */
const stepsMax = 31
/** Characters of a number up to which a double has all its digits. */
const doubleDigitsMax = 15

const nameBytes = 12
/** More than there can be. */
const noItem = 0xffff_ffff

const [quote, backslash, openObject, openArray] = [0x22, 0x5c, 0x7b, 0x5b] as const

/** Of paths that lead into a record. Sets of steps are bits; what begins at `from` and ends before `to` lies in the bytes that it began with. */
export type FactSteps = {
  /** Those that lead on from the record itself. */
  readonly first: number
  /** Those that are `*`, that are `**`, and the ends of paths. */
  readonly any: number
  readonly deep: number
  readonly ends: number
  /** For each other step, its name, as assembly/record-writer.ts reads it. */
  readonly names: Uint8Array
  begin(recordJson: Uint8Array): void
  /** Paths with these ends led to this value. */
  found(ends: number, from: number, to: number): void
  /** In the order of the facts, of what was found since `begin`. */
  values(): readonly FactValue[]
}

type Reader = { begin(): void; found(from: number, to: number): void; value(): FactValue }

const container: Json = {}

/** Undefined where the facts have too many steps for it. */
export function createFactSteps(facts: readonly FactSelector[]): FactSteps | undefined {
  const paths = facts.map(({ path }) => parsePointer(path))
  if (paths.reduce((steps, path) => steps + path.length + 1, 0) > stepsMax) return undefined
  let bytes: Buffer = Buffer.alloc(0)
  let [first, any, deep, ends] = [0, 0, 0, 0]
  /** By their bit; `*`, `**` and the ends have none. */
  const names: string[] = []
  /** By the bit of their path's end. */
  const readers: (Reader | undefined)[] = []
  for (const [index, path] of paths.entries()) {
    first |= 1 << names.length
    for (const text of path) {
      if (text === '*') any |= 1 << names.length
      if (text === '**') deep |= 1 << names.length
      names.push(text)
    }
    ends |= 1 << names.length
    readers[names.length] = readerOf(facts[index]!)
    names.push('')
  }

  function readerOf(fact: FactSelector): Reader {
    if (fact.op === 'any' && typeof fact.operand === 'string')
      return textReader(Buffer.from(fact.operand), fact.operand)
    const values: Json[] = []
    return {
      begin: () => {
        values.length = 0
      },
      found: (from, to) => values.push(valueAt(from, to)),
      value: () => evaluateFactOf(fact, values),
    }
  }

  /** Whether any of the values is this text: the most common fact, found without making a value. */
  function textReader(expected: Buffer, wanted: string): Reader {
    let isFound = false
    return {
      begin: () => {
        isFound = false
      },
      found(from, to) {
        if (!isFound && isText(from, to, expected, wanted)) isFound = true
      },
      value: () => isFound,
    }
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

  /** Scalars; for a list or an object something that is equal to nothing. */
  function valueAt(from: number, to: number): Json {
    const byte = bytes[from]
    if (byte === openObject || byte === openArray) return container
    if (to - from <= doubleDigitsMax || byte === quote) return decoded(from, to)
    return jsonOf(numberOfText(bytes.toString('latin1', from, to)))
  }

  function decoded(from: number, to: number): Json {
    try {
      return JSON.parse(bytes.toString('utf8', from, to)) as Json
    } catch {
      throw new PortcullisError('policy.input_invalid')
    }
  }

  return {
    first,
    any,
    deep,
    ends,
    names: tableOf(names),
    begin(recordJson) {
      bytes = Buffer.from(recordJson.buffer, recordJson.byteOffset, recordJson.byteLength)
      for (const reader of readers) reader?.begin()
    },
    found(reached, from, to) {
      for (let left = reached; left !== 0; left &= left - 1) readers[31 - Math.clz32(left & -left)]!.found(from, to)
    },
    values() {
      const values: FactValue[] = []
      for (const reader of readers) if (reader !== undefined) values.push(reader.value())
      return values
    },
  }
}

/** For each name three words: where its bytes begin, counted from the table, how many they are, and which item of a list it is; then all the bytes. */
function tableOf(names: readonly string[]): Buffer {
  const texts = names.map((name) => Buffer.from(name))
  const words = Buffer.alloc(nameBytes * names.length)
  let at = words.length
  for (const [index, text] of texts.entries()) {
    words.writeUInt32LE(at, nameBytes * index)
    words.writeUInt32LE(text.length, nameBytes * index + 4)
    words.writeUInt32LE(isIndex(names[index]!) ? Number(names[index]) : noItem, nameBytes * index + 8)
    at += text.length
  }
  return Buffer.concat([words, ...texts])
}
