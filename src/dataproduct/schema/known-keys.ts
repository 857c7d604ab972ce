/** Which keys a schema knows at a place of a document, over all its branches: for "did you mean". */
import { createRequire } from 'node:module'
import type { Path } from '../document.ts'
import type { SchemaName } from './schemas.ts'

type Node = { readonly [keyword: string]: unknown }

const require = createRequire(import.meta.url)

/** For one document: a slip that a thousand items share is looked up once. The schema is read only when something is wrong. */
export function createKnownKeys(name: SchemaName): (path: Path) => readonly string[] {
  const known = new Map<string, readonly string[]>()
  return (path) => {
    const place = JSON.stringify(path.map((segment) => (typeof segment === 'number' ? 0 : segment)))
    const keys = known.get(place) ?? keysAt(name, path)
    known.set(place, keys)
    return keys
  }
}

function keysAt(name: SchemaName, path: Path): readonly string[] {
  const root = require(`../../../schemas/dataproduct/${name}.json`) as Node
  let nodes = branches(root, [root])
  for (const segment of path)
    nodes = branches(
      root,
      nodes.flatMap((node) => below(node, segment)),
    )
  return [...new Set(nodes.flatMap((node) => Object.keys((node['properties'] as Node | undefined) ?? {})))]
}

function below(node: Node, segment: string | number): readonly Node[] {
  if (typeof segment === 'number') return node['items'] === undefined ? [] : [node['items'] as Node]
  const child = (node['properties'] as Node | undefined)?.[segment]
  return child === undefined ? [] : [child as Node]
}

function branches(root: Node, nodes: readonly Node[]): readonly Node[] {
  const found = new Set<Node>()
  const queue = [...nodes]
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    if (found.has(node)) continue
    found.add(node)
    if (typeof node['$ref'] === 'string') queue.push(definition(root, node['$ref']))
    for (const keyword of ['allOf', 'anyOf', 'oneOf'])
      queue.push(...((node[keyword] as readonly Node[] | undefined) ?? []))
    for (const keyword of ['then', 'else']) if (node[keyword] !== undefined) queue.push(node[keyword] as Node)
  }
  return [...found]
}

function definition(root: Node, reference: string): Node {
  return reference
    .slice('#/'.length)
    .split('/')
    .reduce((node, step) => node[step] as Node, root)
}
