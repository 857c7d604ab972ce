/** Finds where rows end: a line feed outside quotes. Whether quotes stand where they may is found out when the row is read. */
import type { FindEnd } from '../record-stream/record-frames.ts'

export function createFindRowEnd(): FindEnd {
  let quoted = false
  return (chunk, from) => {
    let at = from
    while (at < chunk.length) {
      while (at < chunk.length && stops[chunk[at]!] === 0) at++
      if (chunk[at] === 0x22) quoted = !quoted
      else if (chunk[at] === 0x0a && !quoted) return at + 1
      at++
    }
    return -1
  }
}

const stops = Uint8Array.from({ length: 256 }, (_, byte) => Number(byte === 0x22 || byte === 0x0a))
