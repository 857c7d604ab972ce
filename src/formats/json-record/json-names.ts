/** Whether a name comes twice in one object. Few names are compared by hash; many in a set of texts, whose own hashes nobody can foresee. */
import { jsonDepthMax } from '../record-stream/limits.ts'
import { type JsonTape, kinds, nodeSize, textOf } from './json-tape.ts'

/** Names of one object up to which they are compared by hash. */
const hashedMax = 32

/** Names of the objects that are open, by their depth. */
export type JsonNames = {
  readonly hashes: Int32Array
  readonly names: Int32Array
  readonly counts: Int32Array
  /** Of objects whose names are compared as texts. */
  readonly texts: (Set<string> | undefined)[]
}

export function createJsonNames(): JsonNames {
  return {
    hashes: new Int32Array((jsonDepthMax + 1) * hashedMax),
    names: new Int32Array((jsonDepthMax + 1) * hashedMax),
    counts: new Int32Array(jsonDepthMax + 1),
    texts: [],
  }
}

/** A new object begins at this depth. */
export function beginNames({ counts, texts }: JsonNames, depth: number): void {
  counts[depth] = 0
  texts[depth] = undefined
}

/** False when the object has this name already. */
export function addName(known: JsonNames, tape: JsonTape, depth: number, name: number): boolean {
  let texts = known.texts[depth]
  if (texts === undefined) {
    const escaped = tape.nodes[name * nodeSize] === kinds.escapedName
    if (!escaped && known.counts[depth]! < hashedMax) return addHash(known, tape, depth, name)
    known.texts[depth] = texts = textsAt(known, tape, depth)
  }
  const text = textOf(tape, name)
  if (texts.has(text)) return false
  texts.add(text)
  return true
}

function addHash({ hashes, names, counts }: JsonNames, { bytes, nodes }: JsonTape, depth: number, name: number) {
  const from = nodes[name * nodeSize + 1]! + 1
  const to = nodes[name * nodeSize + 2]! - 1
  const hash = hashOf(bytes, from, to)
  const first = depth * hashedMax
  const end = first + counts[depth]!
  for (let index = first; index < end; index++) {
    if (hashes[index] !== hash) continue
    const other = names[index]! * nodeSize
    const start = nodes[other + 1]! + 1
    if (nodes[other + 2]! - 1 - start === to - from && isSame(bytes, start, from, to)) return false
  }
  hashes[end] = hash
  names[end] = name
  counts[depth]!++
  return true
}

function textsAt({ names, counts }: JsonNames, tape: JsonTape, depth: number): Set<string> {
  const first = depth * hashedMax
  return new Set(Array.from(names.subarray(first, first + counts[depth]!), (name) => textOf(tape, name)))
}

/** Tells names of one object apart in most cases; equal for equal names. Length, and four of the bytes. */
function hashOf(bytes: Buffer, from: number, to: number): number {
  const length = to - from
  if (length === 0) return 0
  const ends = bytes[from]! | (bytes[to - 1]! << 8)
  return ends | (bytes[from + (length >> 1)]! << 16) | ((length + bytes[from + (length >> 2)]!) << 24)
}

/** Of two as long. */
function isSame(bytes: Buffer, other: number, from: number, to: number): boolean {
  for (let index = from; index < to; index++) if (bytes[other + index - from] !== bytes[index]) return false
  return true
}
