/** Paths in which items of lists are called by their own names, so that they still lead there when the order changes. */
import type { Json } from '../domain/json.ts'
import type { Path } from './document.ts'

/** What names an item, the strongest first. */
const nameKeys = ['id', 'name', 'property', 'username', 'address'] as const

/** Items without a name of their own, or with one that a sibling has too, keep their index. */
export function namedPath(path: Path, document: Json | undefined): Path {
  let value: Json | undefined = document
  return path.map((segment) => {
    const list = Array.isArray(value) ? (value as readonly Json[]) : undefined
    const named = list !== undefined && typeof segment === 'number' ? nameIn(list, segment) : segment
    value = childOf(value, segment)
    return named
  })
}

export function childOf(value: Json | undefined, segment: string | number): Json | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return typeof segment === 'number' ? (value as readonly Json[])[segment] : undefined
  const key = String(segment)
  return Object.hasOwn(value, key) ? (value as { readonly [key: string]: Json })[key] : undefined
}

/** The value at the end of a path; undefined where it leads to nothing. */
export function valueAt(document: Json | undefined, path: Path): Json | undefined {
  return path.reduce<Json | undefined>(childOf, document)
}

function nameIn(list: readonly Json[], index: number): string | number {
  for (const key of nameKeys) {
    const name = childOf(list[index], key)
    if (typeof name !== 'string' || name === '') continue
    if (list.filter((item) => childOf(item, key) === name).length === 1) return `${key}=${name}`
  }
  return index
}
