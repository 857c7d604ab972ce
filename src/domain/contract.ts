/** What a data product promises of the records below a resource: its fields, each with its classification; and how data differs from that. */
import { formatPointer, parsePointer } from './json-pointer.ts'
import type { RecordSchema } from './record-policy.ts'
import type { Leaf } from './records.ts'

export type Contract = {
  /** `<domain>/<name>` of the product. */
  readonly product: string
  readonly fields: NonNullable<Leaf['fields']>
}

export type FieldTree = Map<string, FieldTree>

/** `*` stands for the items of a list. */
export function treeOfFields(fields: Contract['fields']): FieldTree {
  const root: FieldTree = new Map()
  for (const { path } of fields) {
    let node = root
    for (const segment of parsePointer(path)) {
      const child: FieldTree = node.get(segment) ?? new Map()
      node.set(segment, child)
      node = child
    }
  }
  return root
}

/**
 * The first field that only one of the two has, in words that name it; undefined: none, or a format that does not know its fields beforehand.
 * What the contract says nothing about the inside of, it describes as a whole.
 */
export function firstDifference(fields: FieldTree, schema: RecordSchema): string | undefined {
  const { fieldsAt } = schema
  return fieldsAt === undefined ? undefined : differenceBelow([], fields)

  function differenceBelow(path: readonly string[], promised: FieldTree): string | undefined {
    const found = fieldsAt!(path) ?? []
    const unknown = found.find((name) => !promised.has(name))
    if (unknown !== undefined) return `The data has ${formatPointer([...path, unknown])}, which the contract does not.`
    for (const [name, below] of promised) {
      const place = [...path, name]
      if (!found.includes(name)) return `The contract has ${formatPointer(place)}, which the data does not.`
      const difference = below.size === 0 ? undefined : differenceBelow(place, below)
      if (difference !== undefined) return difference
    }
    return undefined
  }
}
