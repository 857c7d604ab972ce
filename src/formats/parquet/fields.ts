/** The fields that a schema has below a path: what a contract is compared with. */
import type { Node, Schema } from './schema.ts'

/** What a path leads to: a field, or an item of what repeats. */
type Place = { readonly node: Node; readonly isItem: boolean }

/** `*` names the items of a list; undefined: nothing lies there, or nothing with a name, as in a map. */
export function fieldsAt({ fields }: Schema, path: readonly string[]): readonly string[] | undefined {
  const [first, ...rest] = path
  if (first === undefined) return fields.map(({ name }) => name)
  let place = fieldOf(fields, first)
  for (const segment of rest) {
    if (place === undefined) return undefined
    const item = itemOf(place)
    if (item !== undefined) place = segment === '*' ? item : undefined
    else place = place.node.shape.kind === 'struct' ? fieldOf(place.node.children, segment) : undefined
  }
  if (place === undefined) return undefined
  if (itemOf(place) !== undefined) return ['*']
  return place.node.shape.kind === 'struct' ? place.node.children.map(({ name }) => name) : undefined
}

function fieldOf(fields: readonly Node[], name: string): Place | undefined {
  const node = fields.find((one) => one.name === name)
  return node === undefined ? undefined : { node, isItem: false }
}

function itemOf({ node, isItem }: Place): Place | undefined {
  if (node.repetition === 'repeated' && !isItem) return { node, isItem: true }
  if (node.shape.kind !== 'list') return undefined
  const { element } = node.shape
  return { node: element, isItem: true }
}
