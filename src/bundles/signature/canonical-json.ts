/** JSON as OPA hashes it: no white space, keys in the order of their UTF-8 bytes, numbers as they are written, strings as Go prints them. */

/** The text must be valid JSON: checked by the caller, strictly. */
export function canonicalJson(text: string): string {
  let at = 0
  const result = value()
  return result

  function value(): string {
    skipSpace()
    const start = at
    switch (text[at]) {
      case '{':
        return object()
      case '[':
        return array()
      case '"':
        return goString(string())
      default:
        while (at < text.length && !/[\s,\]}]/.test(text[at]!)) at++
        return text.slice(start, at)
    }
  }

  function object(): string {
    const members = new Map<string, string>()
    at++
    for (skipSpace(); text[at] !== '}'; skipSpace()) {
      if (text[at] === ',') at++
      skipSpace()
      const key = string()
      skipSpace()
      at++ // the colon
      members.set(key, value())
    }
    at++
    const sorted = [...members].sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
    return `{${sorted.map(([key, member]) => `${goString(key)}:${member}`).join(',')}}`
  }

  function array(): string {
    const items: string[] = []
    at++
    for (skipSpace(); text[at] !== ']'; skipSpace()) {
      if (text[at] === ',') at++
      items.push(value())
    }
    at++
    return `[${items.join(',')}]`
  }

  function string(): string {
    const start = at
    for (at++; text[at] !== '"'; at++) if (text[at] === '\\') at++
    at++
    return JSON.parse(text.slice(start, at)) as string
  }

  function skipSpace(): void {
    while (/\s/.test(text[at] ?? '')) at++
  }
}

/** Differs from JavaScript's in the two line separators, and in half a surrogate pair, which Go can't hold. */
function goString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}
