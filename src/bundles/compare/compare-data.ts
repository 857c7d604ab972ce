/** Where two JSON documents differ: the deepest paths, with the values printed short. */

/** A value is printed as JSON, cut; undefined: it is not there. */
export type DataChange = {
  readonly path: readonly string[]
  readonly before: string | undefined
  readonly after: string | undefined
}

/** Printed values are at most this long, in characters. */
const printedCharsMax = 200

/** Objects are followed by key; arrays of scalars as sets, whose order is no change; all else as a whole. */
export function compareData(before: unknown, after: unknown, path: readonly string[] = []): readonly DataChange[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
    return keys.flatMap((key) => compareData(before[key], after[key], [...path, key]))
  }
  if (same(before, after)) return []
  return [{ path, before: printed(before), after: printed(after) }]
}

function same(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) && Array.isArray(right)) return canonical(left) === canonical(right)
  return JSON.stringify(left) === JSON.stringify(right)
}

function canonical(items: readonly unknown[]): string {
  const texts = items.map((item) => JSON.stringify(sortedKeys(item)))
  return JSON.stringify(items.every((item) => typeof item !== 'object') ? texts.sort() : texts)
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortedKeys(value[key])]),
  )
}

function printed(value: unknown): string | undefined {
  const text = JSON.stringify(value)
  return text !== undefined && text.length > printedCharsMax ? `${text.slice(0, printedCharsMax)}…` : text
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
