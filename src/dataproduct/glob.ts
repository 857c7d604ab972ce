/** File names with wildcards: `*` is any part of a name, `**` any folders. */

/** Linear in the text for each wildcard: no pattern makes it slow. */
export function matchesGlob(pattern: string, path: string): boolean {
  return matchFolders(pattern.split('/'), path.split('/'))
}

function matchFolders(patterns: readonly string[], names: readonly string[]): boolean {
  return matchSequence(patterns, names, (pattern) => pattern === '**', matchName)
}

function matchName(pattern: string, name: string): boolean {
  return matchSequence(
    [...pattern],
    [...name],
    (char) => char === '*',
    (left, right) => left === right,
  )
}

/** Greedy with one place to come back to, which is enough when wildcards match anything. */
function matchSequence(
  pattern: readonly string[],
  items: readonly string[],
  isWild: (part: string) => boolean,
  matches: (part: string, item: string) => boolean,
): boolean {
  let at = 0
  let wildAt = -1
  let resume = 0
  for (let item = 0; item < items.length; ) {
    const part = pattern[at]
    if (part !== undefined && isWild(part)) {
      wildAt = at
      resume = item
      at += 1
    } else if (part !== undefined && matches(part, items[item]!)) {
      at += 1
      item += 1
    } else if (wildAt !== -1) {
      at = wildAt + 1
      resume += 1
      item = resume
    } else return false
  }
  return pattern.slice(at).every(isWild)
}
