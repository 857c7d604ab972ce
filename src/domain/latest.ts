/** A memory with room for so many entries: those not asked for longest go first. */

export type Latest<Value> = {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
}

export function createLatest<Value extends object>(entriesMax: number): Latest<Value> {
  /** In the order in which they were asked for. */
  const entries = new Map<string, Value>()

  function set(key: string, value: Value): void {
    entries.delete(key)
    entries.set(key, value)
    if (entries.size > entriesMax) entries.delete(entries.keys().next().value!)
  }

  return {
    get(key) {
      const value = entries.get(key)
      if (value !== undefined) set(key, value)
      return value
    },
    set,
  }
}
