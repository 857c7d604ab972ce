/** Finds the bytes beyond ASCII in a buffer, a word at a time: text without any needs no UTF-8 check. */

export type HighBytes = {
  open(bytes: Uint8Array): void
  /** The first position at or after `position` that holds a byte of 0x80 or more; the buffer's length where there is none. */
  from(position: number): number
}

const highBits = 0x80808080

export function createHighBytes(): HighBytes {
  let bytes = new Uint8Array(0)
  let words = new Uint32Array(0)
  /** Position of the first word, and of the first byte behind the last. */
  let wordsStart = 0
  let wordsEnd = 0

  return {
    open(next) {
      bytes = next as Uint8Array<ArrayBuffer>
      const lead = Math.min((4 - (next.byteOffset & 3)) & 3, next.length)
      const count = (next.length - lead) >>> 2
      words = new Uint32Array(next.buffer as ArrayBuffer, count === 0 ? 0 : next.byteOffset + lead, count)
      wordsStart = lead
      wordsEnd = lead + count * 4
    },
    from(position) {
      let at = position
      while (at < bytes.length && (at < wordsStart || ((at - wordsStart) & 3) !== 0)) {
        if (bytes[at]! >= 0x80) return at
        at++
      }
      if (at < wordsEnd) {
        let word = (at - wordsStart) >>> 2
        const { length } = words
        while (
          word + 4 <= length &&
          ((words[word]! | words[word + 1]! | words[word + 2]! | words[word + 3]!) & highBits) === 0
        )
          word += 4
        while (word < length && (words[word]! & highBits) === 0) word++
        at = wordsStart + word * 4
      }
      while (at < bytes.length && bytes[at]! < 0x80) at++
      return at
    },
  }
}
