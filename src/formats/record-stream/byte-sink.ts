/** Where guarded bytes are put together before they are given on. */

export type ByteSink = {
  length(): number
  copy(source: Uint8Array, start: number, end: number): void
  text(text: string): void
  /** Gives all bytes away and starts anew. */
  take(): Uint8Array
  /** All bytes, lent until the next write. */
  view(): Uint8Array
  reset(): void
}

/** Bytes that are quicker copied by hand than by a call out of JavaScript. */
const shortMax = 24

export function createByteSink(sizeBytes: number): ByteSink {
  let buffer = Buffer.allocUnsafeSlow(sizeBytes)
  let length = 0

  function reserve(more: number): void {
    if (length + more <= buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, length + more))
    buffer.copy(larger, 0, 0, length)
    buffer = larger
  }

  function writeAscii(text: string): boolean {
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index)
      if (unit > 0x7f) return false
      buffer[length + index] = unit
    }
    length += text.length
    return true
  }

  return {
    length: () => length,
    copy(source, start, end) {
      const size = end - start
      reserve(size)
      if (size <= shortMax) for (let index = start; index < end; index++) buffer[length++] = source[index]!
      else {
        buffer.set(source.subarray(start, end), length)
        length += size
      }
    },
    text(text) {
      reserve(text.length * 3)
      if (text.length > shortMax || !writeAscii(text)) length += buffer.write(text, length)
    },
    take() {
      const taken = buffer.subarray(0, length)
      buffer = Buffer.allocUnsafeSlow(sizeBytes)
      length = 0
      return taken
    },
    view: () => buffer.subarray(0, length),
    reset() {
      length = 0
    },
  }
}
