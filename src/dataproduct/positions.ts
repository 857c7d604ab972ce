/** Where in a text a part of a document stands: offsets as lines and columns, paths as ranges. */
import type { Location, Path, Range } from './document.ts'
import type { Entry, SyntaxNode } from './syntax.ts'

const LINE_FEED = 10
const CARRIAGE_RETURN = 13

export type Positions = { range(start: number, end: number): Range }

/** A line ends with LF, CR, or both. */
export function createPositions(text: string): Positions {
  let starts: readonly number[] | undefined

  function lineOf(offset: number): number {
    starts ??= lineStarts(text)
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (starts[middle]! <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  return {
    range(start, end) {
      const line = lineOf(start)
      const endLine = lineOf(end)
      return {
        line: line + 1,
        column: start - starts![line]! + 1,
        endLine: endLine + 1,
        endColumn: end - starts![endLine]! + 1,
      }
    },
  }
}

function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === CARRIAGE_RETURN && text.charCodeAt(index + 1) === LINE_FEED) continue
    if (code === LINE_FEED || code === CARRIAGE_RETURN) starts.push(index + 1)
  }
  return starts
}

type Place = { readonly start: number; readonly end: number }

export type Locator = { locate(path: Path): Location; locateKey(path: Path): Range }

export function createLocator(root: SyntaxNode, positions: Positions): Locator {
  function ranged({ start, end }: Place): Range {
    return positions.range(start, end)
  }

  return {
    locate(path) {
      const { node, use, key, complete } = walk(root, path)
      if (!complete) return { range: ranged(key), exact: false }
      if (use === undefined) return { range: ranged(node), exact: true }
      return { range: ranged(use), exact: true, definition: ranged(node) }
    },
    locateKey(path) {
      return ranged(walk(root, path).key)
    },
  }
}

type Walked = {
  /** The deepest node on the path that is there, references followed. */
  readonly node: SyntaxNode
  /** The first reference on the way. */
  readonly use: Place | undefined
  /** The key of the deepest node; for an item or the root without one, its first key or itself. */
  readonly key: Place
  readonly complete: boolean
}

function walk(root: SyntaxNode, path: Path): Walked {
  let use: Place | undefined = root.target === undefined ? undefined : root
  let node = root.target ?? root
  let key: Place = head(node)
  for (const segment of path) {
    const entry: Entry | undefined = node.entries?.find(({ key }) => key === String(segment))
    const child: SyntaxNode | undefined =
      entry?.node ?? (typeof segment === 'number' ? node.items?.[segment] : undefined)
    if (child === undefined) return { node, use, key, complete: false }
    if (use === undefined) key = entry === undefined ? head(child) : keyPlace(entry)
    if (child.target !== undefined) use ??= child
    node = child.target ?? child
  }
  return { node, use, key, complete: true }
}

function head(node: SyntaxNode): Place {
  const first = node.entries?.[0]
  return first === undefined ? node : keyPlace(first)
}

function keyPlace({ keyStart, keyEnd }: Entry): Place {
  return { start: keyStart, end: keyEnd }
}
