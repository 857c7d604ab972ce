/** The fields that a schema has below a path, of all branches of its unions: what a contract is compared with. */
import type { AvroType } from './schema.ts'

/** `*` names the items of a list; undefined: nothing lies there, or nothing with a name. */
export function fieldsAt(root: AvroType, path: readonly string[]): readonly string[] | undefined {
  let types: readonly AvroType[] = branchesOf(root)
  for (const segment of path) types = types.flatMap((type) => insideOf(type, segment).flatMap(branchesOf))
  const names = types.flatMap((type) =>
    type.kind === 'record' ? type.fields.map(({ name }) => name) : type.kind === 'array' ? ['*'] : [],
  )
  return names.length === 0 ? undefined : [...new Set(names)]
}

function branchesOf(type: AvroType): readonly AvroType[] {
  return type.kind === 'union' ? type.branches : [type]
}

function insideOf(type: AvroType, segment: string): readonly AvroType[] {
  if (type.kind === 'array') return segment === '*' ? [type.items] : []
  if (type.kind !== 'record') return []
  return type.fields.flatMap((field) => (field.name === segment ? [field.type] : []))
}
