/** JSON with the line of every member and item, and without the member that a later one of the same name would hide. */

export type PositionedJson =
  | { readonly ok: true; readonly value: unknown; lineAt(path: readonly (string | number)[]): number }
  | { readonly ok: false; readonly line: number; readonly message: string }

export function parsePositioned(text: string): PositionedJson {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { ok: false, line: lineOfError(text, error), message: 'This is not JSON.' }
  }
  const scanned = scan(text)
  if (typeof scanned === 'number') return { ok: false, line: scanned, message: 'A member is there twice.' }
  return { ok: true, value, lineAt: (path) => scanned.get(keyOf(path)) ?? 1 }
}

function lineOfError(text: string, error: unknown): number {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
  return position === undefined ? 1 : text.slice(0, Number(position)).split('\n').length
}

function keyOf(path: readonly (string | number)[]): string {
  return JSON.stringify(path)
}

type Level = { readonly isObject: boolean; key: string | number; readonly seen: Set<string> }

/** The text is known to be JSON. Gives the lines, or the line of a member that is there twice. */
function scan(text: string): ReadonlyMap<string, number> | number {
  const lines = new Map<string, number>([[keyOf([]), 1]])
  const levels: Level[] = []
  let line = 1
  let expectsKey = false
  const path = () => levels.map(({ key }) => key)
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:\n]|[^\s{}[\],:"]+/g)) {
    const level = levels.at(-1)
    if (token === '\n') line += 1
    else if (token === '}' || token === ']') {
      levels.pop()
      expectsKey = false
    } else if (token === ',') {
      expectsKey = level!.isObject
      if (!level!.isObject) level!.key = (level!.key as number) + 1
    } else if (token !== ':') {
      if (expectsKey) {
        const key = JSON.parse(token) as string
        if (level!.seen.has(key)) return line
        level!.seen.add(key)
        level!.key = key
        expectsKey = false
      }
      if (!lines.has(keyOf(path()))) lines.set(keyOf(path()), line)
      if (token === '{' || token === '[') {
        levels.push({ isObject: token === '{', key: token === '{' ? '' : 0, seen: new Set() })
        expectsKey = token === '{'
      }
    }
  }
  return lines
}
