/** Whether a name comes twice in one object. Few names are compared by hash; many in a set of texts, whose own hashes nobody can foresee. */
import { jsonDepthMax } from '../record-stream/limits.ts'
import { type JsonTape, kinds, nodeSize, textOf } from './json-tape.ts'

/** Names of one object up to which they are compared by hash. */
const hashedMax = 32

export type JsonNames = {
  /** A new object begins at this depth. */
  begin(depth: number): void
  /** False when the object has this name already. */
  add(depth: number, name: number): boolean
}

export function createJsonNames(tape: JsonTape): JsonNames {
  const hashes = new Int32Array((jsonDepthMax + 1) * hashedMax)
  const names = new Int32Array((jsonDepthMax + 1) * hashedMax)
  const counts = new Int32Array(jsonDepthMax + 1)
  const texts: (Set<string> | undefined)[] = []

  function addHash(depth: number, name: number): boolean {
    const { bytes, nodes } = tape
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

  function textsAt(depth: number): Set<string> {
    const first = depth * hashedMax
    return new Set(Array.from(names.subarray(first, first + counts[depth]!), (name) => textOf(tape, name)))
  }

  return {
    begin(depth) {
      counts[depth] = 0
      texts[depth] = undefined
    },
    add(depth, name) {
      const escaped = tape.nodes[name * nodeSize] === kinds.escapedName
      let known = texts[depth]
      if (known === undefined) {
        if (!escaped && counts[depth]! < hashedMax) return addHash(depth, name)
        texts[depth] = known = textsAt(depth)
      }
      const text = textOf(tape, name)
      if (known.has(text)) return false
      known.add(text)
      return true
    },
  }
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
