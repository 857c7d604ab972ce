/** Rego's values as plain JavaScript values. */
import type { Json } from '../../domain/json.ts'
import { isArray, isObject, isSet, type Value } from './value.ts'
import { valueToJson } from './value-text.ts'

/** Sets as arrays in OPA's order; keys that are no text as their JSON; numbers that JavaScript can't hold exactly as the nearest double. */
export function jsonOf(value: Value): Json {
  if (value === null || typeof value !== 'object') return value
  if (isArray(value)) return value.map(jsonOf)
  if (isSet(value)) return value.items.map(jsonOf)
  if (!isObject(value)) return Number(value.text)
  const members: Record<string, Json> = {}
  for (const [key, item] of value.entries) {
    const name = typeof key === 'string' ? key : valueToJson(key)
    if (name === '__proto__')
      Object.defineProperty(members, name, {
        value: jsonOf(item),
        enumerable: true,
        configurable: true,
        writable: true,
      })
    else members[name] = jsonOf(item)
  }
  return members
}
