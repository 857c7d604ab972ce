/** The members of a JSON object as the text they were written in: numbers keep every digit on their way to where they are read exactly. */

/** Of an object in valid JSON; undefined where it is no object, or names a member twice. */
export function jsonMembers(text: string): ReadonlyMap<string, string> | undefined {
  const members = new Map<string, string>()
  let at = skipSpace(text, 0)
  if (text[at] !== '{') return undefined
  at = skipSpace(text, at + 1)
  while (text[at] !== '}') {
    const keyEnd = endOfString(text, at)
    const key = JSON.parse(text.slice(at, keyEnd)) as string
    if (members.has(key)) return undefined
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const end = endOfValue(text, start)
    members.set(key, text.slice(start, end))
    at = skipSpace(text, end)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return members
}

/** Whether no object in valid JSON, at any depth, names a member twice. */
export function namesMembersOnce(text: string): boolean {
  const open: Set<string>[] = []
  for (let at = 0; at < text.length; at++)
    switch (text[at]) {
      case '{':
      case '[':
        open.push(new Set())
        break
      case '}':
      case ']':
        open.pop()
        break
      case '"': {
        const end = endOfString(text, at)
        if (text[skipSpace(text, end)] === ':') {
          const names = open.at(-1)!
          const name = JSON.parse(text.slice(at, end)) as string
          if (names.has(name)) return false
          names.add(name)
        }
        at = end - 1
        break
      }
      default:
    }
  return true
}

/** Whether a JavaScript number is what each number in valid JSON says: 9007199254740993 and 1e400 are none. */
export function keepsNumbers(text: string): boolean {
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*/g))
    if (!token.startsWith('"') && significantDigits(token) !== significantDigits(String(Number(token)))) return false
  return true
}

function significantDigits(number: string): string {
  return number
    .replace(/[eE].*$/, '')
    .replace(/[^0-9]/g, '')
    .replace(/^0+|0+$/g, '')
}

function endOfValue(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const character = text[at]!
    if (character === '"') at = endOfString(text, at) - 1
    else if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') {
      if (depth === 0) return trimmedEnd(text, start, at)
      depth--
    } else if (character === ',' && depth === 0) return trimmedEnd(text, start, at)
  }
  return text.length
}

function trimmedEnd(text: string, start: number, end: number): number {
  let at = end
  while (at > start && isSpace(text[at - 1]!)) at--
  return at
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && isSpace(text[at]!)) at++
  return at
}

function isSpace(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\t' || character === '\r'
}
