/** Ways to spoil a document in one place: what is there taken away, emptied, or made another type. */
import type { Path } from '../../../src/dataproduct/document.ts'

export type Spoilt = {
  readonly path: Path
  /** What was done there, as `remove` or the value that stands there now. */
  readonly how: string
  readonly document: unknown
}

const removed = Symbol('removed')
const replacements: readonly unknown[] = [removed, null, 17, '', [], {}, true, [17]]

/** Each member and item of a document, at every depth, in every way. */
export function spoiltEverywhere(document: unknown): readonly Spoilt[] {
  return pathsIn(document).flatMap((path) =>
    replacements.map((value) => ({
      path,
      how: value === removed ? 'remove' : JSON.stringify(value),
      document: withValue(document, path, value),
    })),
  )
}

function pathsIn(value: unknown, at: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => {
    const path: Path = [...at, Array.isArray(value) ? Number(key) : key]
    return [path, ...pathsIn(member, path)]
  })
}

function withValue(whole: unknown, [step, ...rest]: Path, value: unknown): unknown {
  const change = (member: unknown) => (rest.length === 0 ? value : withValue(member, rest, value))
  if (Array.isArray(whole))
    return (whole as readonly unknown[])
      .map((item, index) => (index === step ? change(item) : item))
      .filter((item) => item !== removed)
  const entries = Object.entries(whole as Readonly<Record<string, unknown>>)
  return Object.fromEntries(
    entries
      .map(([key, member]) => [key, key === step ? change(member) : member] as const)
      .filter(([, member]) => member !== removed),
  )
}
