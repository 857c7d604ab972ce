/** Remembers what was made of a text, up to a number of entries, dropping the one made longest ago. */

export function createSmallCache<Made>(entriesMax: number, make: (key: string) => Made): (key: string) => Made {
  const entries = new Map<string, Made>()
  return (key) => {
    const known = entries.get(key)
    if (known !== undefined) return known
    const made = make(key)
    if (entries.size >= entriesMax) entries.delete(entries.keys().next().value!)
    entries.set(key, made)
    return made
  }
}
