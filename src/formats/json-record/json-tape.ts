/** Where each value of one scanned record lies: nodes in the order of the text, a member's name just before its value. */

/** The kind of an escaped text or name is one more than that without escapes. */
export const kinds = {
  null: 0,
  false: 1,
  true: 2,
  number: 3,
  text: 4,
  escapedText: 5,
  name: 6,
  escapedName: 7,
  list: 8,
  object: 9,
} as const

/** Numbers per node in `nodes`: kind, first byte, byte after the last, and the node that follows it and all below it. */
export const nodeSize = 4

export type JsonTape = {
  bytes: Buffer
  nodes: Int32Array
  /** Nodes in use. Node 0 is the record. */
  count: number
}

export function createJsonTape(): JsonTape {
  return { bytes: Buffer.alloc(0), nodes: new Int32Array(nodeSize * 256), count: 0 }
}

export const kindOf = (tape: JsonTape, node: number): number => tape.nodes[node * nodeSize]!
export const startOf = (tape: JsonTape, node: number): number => tape.nodes[node * nodeSize + 1]!
export const endOf = (tape: JsonTape, node: number): number => tape.nodes[node * nodeSize + 2]!
export const nextOf = (tape: JsonTape, node: number): number => tape.nodes[node * nodeSize + 3]!

export function isName(tape: JsonTape, node: number): boolean {
  const kind = kindOf(tape, node)
  return kind === kinds.name || kind === kinds.escapedName
}

/** Of a text or a name, without quotes and escapes. */
export function textOf(tape: JsonTape, node: number): string {
  const kind = kindOf(tape, node)
  const [start, end] = [startOf(tape, node), endOf(tape, node)]
  if (kind === kinds.text || kind === kinds.name) return tape.bytes.toString('utf8', start + 1, end - 1)
  return JSON.parse(tape.bytes.toString('utf8', start, end)) as string
}

/** A name to look for, in both forms. */
export type Name = { readonly text: string; readonly bytes: Buffer }

export function nameOf(text: string): Name {
  return { text, bytes: Buffer.from(text) }
}

/** Whether a text or a name on the tape is this one. */
export function isText(tape: JsonTape, node: number, name: Name): boolean {
  const kind = kindOf(tape, node)
  if (kind === kinds.escapedText || kind === kinds.escapedName) return textOf(tape, node) === name.text
  if (kind !== kinds.text && kind !== kinds.name) return false
  const { bytes } = name
  const start = startOf(tape, node) + 1
  if (endOf(tape, node) - 1 - start !== bytes.length) return false
  for (let index = bytes.length - 1; index >= 0; index--) if (tape.bytes[start + index] !== bytes[index]) return false
  return true
}

/** The value of an object's member; −1 where there is none. */
export function memberOf(tape: JsonTape, object: number, name: Name): number {
  const end = nextOf(tape, object)
  for (let at = object + 1; at < end; at = nextOf(tape, at + 1)) if (isText(tape, at, name)) return at + 1
  return -1
}
