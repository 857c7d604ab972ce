/** Finds where rows end: a line feed outside quotes. Whether quotes stand where they may is found out when the row is read. */
import type { FindEnd } from '../record-stream/record-frames.ts'

export function createFindRowEnd(): FindEnd {
  let quoted = false
  return (chunk, from) => {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at]
      if (byte === 0x22) quoted = !quoted
      else if (byte === 0x0a && !quoted) return at + 1
    }
    return -1
  }
}
