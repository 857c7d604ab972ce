/** Fills `${NAME}` and `${NAME:-default}` in the strings of the configuration file. */
import { formatPointer, parsePointer } from '../domain/json-pointer.ts'

export type Filled = {
  /** A copy. */
  readonly document: unknown
  /** JSON pointer of each string that was filled → the variables in it. */
  readonly names: ReadonlyMap<string, readonly string[]>
  /** Pointers of strings with a variable that is not set and has no default. */
  readonly unset: ReadonlySet<string>
  readonly problems: readonly string[]
}

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/gu

export function fillFromEnvironment(
  document: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): Filled {
  const names = new Map<string, readonly string[]>()
  const unset = new Set<string>()
  const problems: string[] = []

  function fill(value: unknown, segments: readonly string[]): unknown {
    if (typeof value === 'string') return fillText(value, formatPointer(segments))
    if (Array.isArray(value)) return value.map((item, index) => fill(item, [...segments, String(index)]))
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, [...segments, key])]))
    return value
  }

  function fillText(text: string, at: string): string {
    const found: string[] = []
    const filled = text.replaceAll(reference, (_, name: string, fallback: string | undefined) => {
      found.push(name)
      const value = environment[name]
      if (value !== undefined && value !== '') return value
      if (fallback === undefined) {
        unset.add(at)
        problems.push(`${at || '/'}: the environment variable ${name} is not set`)
      }
      return fallback ?? ''
    })
    if (found.length > 0) names.set(at, found)
    return filled
  }

  return { document: fill(document, []), names, unset, problems }
}

/** What a variable's text says where the schema wants a number or a boolean; undefined where it says none. */
export function typedValue(text: string, type: string): number | boolean | undefined {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined
  return (type === 'number' || type === 'integer') && /^-?[0-9]+(?:\.[0-9]+)?$/u.test(text) ? Number(text) : undefined
}

/** Of a document that is the caller's own. */
export function valueAt(document: unknown, pointer: string): unknown {
  return parsePointer(pointer).reduce<unknown>(
    (value, segment) => (value as Readonly<Record<string, unknown>> | undefined)?.[segment],
    document,
  )
}

export function setValueAt(document: unknown, pointer: string, value: unknown): void {
  const segments = parsePointer(pointer)
  const parent = valueAt(document, formatPointer(segments.slice(0, -1)))
  Object.assign(parent as object, { [segments.at(-1)!]: value })
}
