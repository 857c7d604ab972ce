/** Finds the bytes beyond ASCII in a buffer, a word at a time: text without any needs no UTF-8 check. */

/** A state for `nextHighByte`, and no closures: V8 runs what many of them close over more slowly. */
export type HighBytes = {
  bytes: Uint8Array
  words: Uint32Array
  /** Position of the first word, and of the first byte behind the last. */
  wordsStart: number
  wordsEnd: number
}

const highBits = 0x80808080

export function createHighBytes(): HighBytes {
  return { bytes: new Uint8Array(0), words: new Uint32Array(0), wordsStart: 0, wordsEnd: 0 }
}

export function openHighBytes(state: HighBytes, bytes: Uint8Array): void {
  const lead = Math.min((4 - (bytes.byteOffset & 3)) & 3, bytes.length)
  const count = (bytes.length - lead) >>> 2
  state.bytes = bytes
  state.words = new Uint32Array(bytes.buffer, count === 0 ? 0 : bytes.byteOffset + lead, count)
  state.wordsStart = lead
  state.wordsEnd = lead + count * 4
}

/** The first position at or after `position` that holds a byte of 0x80 or more; the buffer's length where there is none. */
export function nextHighByte({ bytes, words, wordsStart, wordsEnd }: HighBytes, position: number): number {
  const { length } = bytes
  let at = position
  while (at < length && (at < wordsStart || ((at - wordsStart) & 3) !== 0)) {
    if (bytes[at]! >= 0x80) return at
    at++
  }
  if (at < wordsEnd) {
    let word = (at - wordsStart) >>> 2
    const last = words.length
    while (
      word + 4 <= last &&
      ((words[word]! | words[word + 1]! | words[word + 2]! | words[word + 3]!) & highBits) === 0
    )
      word += 4
    while (word < last && (words[word]! & highBits) === 0) word++
    at = wordsStart + word * 4
  }
  while (at < length && bytes[at]! < 0x80) at++
  return at
}
