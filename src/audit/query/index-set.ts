/** A set of numbers of leaves: a few as they are, many a bit each, as a request may have a million, and nearly all have few. */

export type IndexSet = readonly number[] | IndexBits
type IndexBits = { readonly chunks: Map<number, Uint32Array>; size: number }

export const noIndexes: IndexSet = []

const fewMax = 16
const chunkBits = 2048
const wordBits = 32

/** The set to go on with: a large one is changed in place. */
export function withIndex(set: IndexSet, index: number): IndexSet {
  if ('chunks' in set) {
    addBit(set, index)
    return set
  }
  if (set.includes(index)) return set
  if (set.length < fewMax) return [...set, index]
  const bits: IndexBits = { chunks: new Map(), size: 0 }
  for (const one of [...set, index]) addBit(bits, one)
  return bits
}

export function sizeOf(set: IndexSet): number {
  return 'chunks' in set ? set.size : set.length
}

function addBit(bits: IndexBits, index: number): void {
  const key = Math.floor(index / chunkBits)
  let chunk = bits.chunks.get(key)
  if (chunk === undefined) {
    chunk = new Uint32Array(chunkBits / wordBits)
    bits.chunks.set(key, chunk)
  }
  const at = index % chunkBits
  const word = Math.floor(at / wordBits)
  const bit = 1 << (at % wordBits)
  if ((chunk[word]! & bit) !== 0) return
  chunk[word]! |= bit
  bits.size++
}
