/** One value for all that are equal: users, resources and reasons come again and again, and each event has its own copy of them. */

/** Different ones that are remembered; then it begins anew. */
const rememberedMax = 20_000

export type Shared = <Value extends string | object>(value: Value | undefined) => Value | undefined

export function createShared(): Shared {
  let texts = new Map<string, string>()
  let objects = new Map<string, object>()
  return ((value: string | object | undefined) => {
    if (value === undefined) return undefined
    if (typeof value === 'string') {
      if (texts.size >= rememberedMax) texts = new Map()
      return remembered(texts, value, value)
    }
    if (objects.size >= rememberedMax) objects = new Map()
    return remembered(objects, JSON.stringify(value), value)
  }) as Shared
}

function remembered<Value>(known: Map<string, Value>, key: string, value: Value): Value {
  const found = known.get(key)
  if (found !== undefined) return found
  known.set(key, value)
  return value
}
