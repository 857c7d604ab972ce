/** How large a value is when references count as what they lead to: a few lines can stand for a billion values. */
import type { SyntaxNode } from '../syntax.ts'

/** `depth`: levels of lists and mappings. */
export type Extent = { readonly nodes: number; readonly depth: number }

const leaf: Extent = { nodes: 1, depth: 0 }

/** Looks at each node once, however often it is referred to. */
export function createExtentOf(): (node: SyntaxNode) => Extent {
  const known = new Map<SyntaxNode, Extent>()

  return function extentOf(node) {
    if (node.target !== undefined) return extentOf(node.target)
    const { items, entries } = node
    if (items === undefined && entries === undefined) return leaf
    const before = known.get(node)
    if (before !== undefined) return before
    let nodes = 1
    let depth = 0
    for (const child of items ?? entries?.map((entry) => entry.node) ?? []) {
      const extent = extentOf(child)
      nodes += extent.nodes
      depth = Math.max(depth, extent.depth)
    }
    const extent = { nodes, depth: depth + 1 }
    known.set(node, extent)
    return extent
  }
}
