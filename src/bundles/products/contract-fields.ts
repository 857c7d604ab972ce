/** The fields of a contract (ODCS) with their classification, as pointers into a record. */

import type { Path } from '../../dataproduct/document.ts'
import { childOf, valueAt } from '../../dataproduct/named-path.ts'
import type { Json } from '../../domain/json.ts'
import { formatPointer } from '../../domain/json-pointer.ts'

/** By pointer. Empty: none is given, which counts as the highest; a container without one is what its parts are. */
export type ContractFields = Readonly<Record<string, string>>

/** Deeper ones are refused by the check of products, too. */
export const fieldDepthMax = 16

export type FieldsResult =
  | { readonly ok: true; readonly fields: ContractFields }
  | { readonly ok: false; readonly path: Path; readonly message: string }

/** Of the schema object of this name, or of the only one. */
export function contractFields(contract: Json, object: string | undefined): FieldsResult {
  const given = childOf(contract, 'schema')
  const objects: readonly Json[] = Array.isArray(given) ? given : []
  const names = objects.map((one) => childOf(one, 'name'))
  const index = object === undefined ? (objects.length === 1 ? 0 : -1) : names.indexOf(object)
  if (index < 0) {
    const message =
      object !== undefined
        ? `has no schema object ${object}`
        : objects.length === 0
          ? 'has no schema'
          : `has ${objects.length} schema objects: say which as {id, object}`
    return { ok: false, path: ['schema'], message }
  }
  const fields: Record<string, string> = {}
  let wrong: { readonly path: Path; readonly message: string } | undefined
  properties(['schema', index], [], 1)
  if (wrong === undefined && Object.keys(fields).length === 0)
    wrong = { path: ['schema', index], message: 'has a schema object without fields' }
  return wrong === undefined ? { ok: true, fields } : { ok: false, ...(wrong as NonNullable<typeof wrong>) }

  /** Whether there are any. */
  function properties(path: Path, above: readonly string[], depth: number): boolean {
    const list = valueAt(contract, [...path, 'properties'])
    if (!Array.isArray(list) || list.length === 0) return false
    for (const at of list.keys()) {
      const place = [...path, 'properties', at]
      const property = valueAt(contract, place)
      const name = textOf(property, 'physicalName') ?? textOf(property, 'name')
      if (name === undefined) wrong ??= { path: place, message: 'has a field without a name' }
      else field(place, [...above, name], depth)
    }
    return true
  }

  function field(path: Path, segments: readonly string[], depth: number): void {
    const pointer = formatPointer(segments)
    if (depth > fieldDepthMax) {
      wrong ??= { path, message: `has fields nested deeper than ${fieldDepthMax}` }
      return
    }
    if (Object.hasOwn(fields, pointer)) wrong ??= { path, message: `has the field ${pointer} twice` }
    const value = valueAt(contract, path)
    const own = textOf(value, 'classification')
    if (isObject(childOf(value, 'map'))) {
      fields[pointer] = levelOfMap(path, depth)
      return
    }
    const hasParts = properties(path, segments, depth + 1)
    const items = childOf(value, 'items')
    const hasItems = isObject(items)
    if (hasItems) field([...path, 'items'], [...segments, '*'], depth + 1)
    if (own !== undefined || !(hasParts || hasItems)) fields[pointer] = own ?? ''
  }

  /** A map is one field: what it holds has no names that a record could be compared with. */
  function levelOfMap(path: Path, depth: number): string {
    const levels = [...new Set(levelsIn(path, undefined, depth))]
    if (levels.length > 1) {
      const said = levels.map((level) => level || 'none').join(', ')
      wrong ??= {
        path,
        message: `has a map with several classifications (${said}): give the map and all within the strictest of them`,
      }
    }
    return levels.length === 1 ? levels[0]! : ''
  }

  /** Of a field and all within; what says nothing is what it is in. */
  function levelsIn(path: Path, above: string | undefined, depth: number): readonly string[] {
    if (depth > fieldDepthMax) {
      wrong ??= { path, message: `has fields nested deeper than ${fieldDepthMax}` }
      return []
    }
    const value = valueAt(contract, path)
    const own = textOf(value, 'classification') ?? above
    const list = childOf(value, 'properties')
    const parts = [
      ...(Array.isArray(list) ? [...list.keys()].map((at): Path => ['properties', at]) : []),
      ...[['items'], ['map', 'key'], ['map', 'value']].filter((steps) => isObject(valueAt(value ?? null, steps))),
    ]
    const within = parts.flatMap((steps) => levelsIn([...path, ...steps], own, depth + 1))
    if (parts.length === 0) return [own ?? '']
    return own === undefined ? within : [own, ...within]
  }
}

function isObject(value: Json | undefined): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: Json | undefined, key: string): string | undefined {
  const text = childOf(value, key)
  return typeof text === 'string' && text !== '' ? text : undefined
}
