/** A list or mapping while it is being read. */
import type { Json } from '../../domain/json.ts'
import type { Path } from '../document.ts'
import { type Entry, type SyntaxNode, setKey } from '../syntax.ts'

export type Place = { readonly start: number; readonly end: number }

export type Key = Place & { readonly text: string; readonly merges: boolean }

type Opened = { readonly start: number; readonly flow: boolean; readonly anchor: string | undefined }

export type ListFrame = Opened & { readonly kind: 'list'; readonly list: Json[]; readonly items: SyntaxNode[] }

export type MappingFrame = Opened & {
  readonly kind: 'mapping'
  readonly object: { [key: string]: Json }
  readonly entries: Entry[]
  /** What stands behind merge keys. */
  merged?: SyntaxNode[]
  /** The key whose value comes next; null where the key was refused, undefined where a key comes next. */
  key: Key | null | undefined
}

export type Frame = ListFrame | MappingFrame

/** Written out: spreading here costs a fifth of the time of a large file. */
export function openFrame(kind: Frame['kind'], start: number, flow: boolean, anchor: string | undefined): Frame {
  return kind === 'list'
    ? { kind, start, flow, anchor, list: [], items: [] }
    : { kind, start, flow, anchor, object: {}, entries: [], key: undefined }
}

/** Where the next node goes. */
export function pathOf(frames: readonly Frame[]): Path {
  return frames.flatMap((frame): Path => {
    if (frame.kind === 'list') return [frame.items.length]
    return frame.key ? [frame.key.text] : []
  })
}

/** The next item of a list, or the value of the key that was read. */
export function addTo(frame: Frame, node: SyntaxNode): void {
  if (frame.kind === 'list') {
    frame.items.push(node)
    frame.list.push(node.value)
    return
  }
  const { key } = frame
  frame.key = undefined
  if (key?.merges) (frame.merged ??= []).push(node)
  else if (key) addEntry(frame, key.text, key, node)
}

export function entryOf(frame: MappingFrame, key: string): Entry | undefined {
  return Object.hasOwn(frame.object, key) ? frame.entries.find((entry) => entry.key === key) : undefined
}

/** What is merged stands where the reference stands, and gives way to what the mapping says itself; false: it is no mapping. */
export function merge(frame: MappingFrame, from: SyntaxNode): boolean {
  const source = from.target ?? from
  if (source.items !== undefined) return source.items.map((item) => merge(frame, item)).every((merged) => merged)
  if (source.entries === undefined) return false
  const { start, end } = from
  for (const { key, node } of source.entries) {
    if (Object.hasOwn(frame.object, key)) continue
    addEntry(frame, key, from, { value: node.value, start, end, target: node.target ?? node })
  }
  return true
}

function addEntry({ entries, object }: MappingFrame, key: string, { start, end }: Place, node: SyntaxNode): void {
  entries.push({ key, keyStart: start, keyEnd: end, node })
  setKey(object, key, node.value)
}

export function closedNode(frame: Frame, end: number): SyntaxNode {
  const { start } = frame
  return frame.kind === 'list'
    ? { value: frame.list, start, end, items: frame.items }
    : { value: frame.object, start, end, entries: frame.entries }
}
