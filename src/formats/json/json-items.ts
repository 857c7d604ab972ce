/** Finds where the items of a list end, without looking closer: whether an item is JSON is found out when it is read. */
import type { FindEnd } from '../record-stream/record-frames.ts'

export type JsonItems = {
  /** From after the opening bracket; an item includes the comma or bracket after it. Nothing comes after the bracket that closes the list. */
  readonly findEnd: FindEnd
  /** Whether the list was closed. */
  closed(): boolean
  /** Whether no text, object or list within is open. */
  isWhole(): boolean
}

/** What ends a text, or the byte before one that stands for itself. */
const stops = Uint8Array.from({ length: 256 }, (_, byte) => Number(byte === 0x22 || byte === 0x5c))

export function createJsonItems(): JsonItems {
  let depth = 0
  let inText = false
  let escaped = false
  let closed = false

  /** The index after the closing quote; the chunk's length where the text goes on. */
  function textEnd(chunk: Buffer, from: number): number {
    let at = from
    while (at < chunk.length) {
      if (escaped) {
        escaped = false
        at++
      }
      while (at < chunk.length && stops[chunk[at]!] === 0) at++
      if (at >= chunk.length) break
      if (chunk[at++] === 0x22) {
        inText = false
        return at
      }
      escaped = true
    }
    return chunk.length
  }

  function findEnd(chunk: Buffer, from: number): number {
    if (closed) return -1
    let at = from
    while (at < chunk.length) {
      if (inText) {
        at = textEnd(chunk, at)
        continue
      }
      const byte = chunk[at++]
      if (byte === 0x22) inText = true
      else if (byte === 0x2c) {
        if (depth === 0) return at
      } else if (byte === 0x7b || byte === 0x5b) depth++
      else if ((byte === 0x7d || byte === 0x5d) && depth-- === 0) {
        closed = true
        return at
      }
    }
    return -1
  }

  return { findEnd, closed: () => closed, isWhole: () => depth === 0 && !inText }
}

export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
