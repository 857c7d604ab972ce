/** JSON text laid out as OPA does for `?pretty`: two blanks a level, and every number and string as it stands. */

/** Deep nesting grows with its square. */
const lengthMax = 32 * 1_048_576

const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/gu

/** `text` is valid JSON. What would become too long stays as it is. */
export function indentJson(text: string): string {
  const parts: string[] = []
  let length = 0
  let depth = 0
  let before = ''
  const put = (part: string) => {
    parts.push(part)
    length += part.length
  }
  const line = () => put(`\n${'  '.repeat(depth)}`)
  for (const [token] of text.matchAll(tokens)) {
    const opens = before === '{' || before === '['
    if (token === '}' || token === ']') {
      depth--
      if (!opens) line()
    } else if (opens || before === ',') line()
    put(token === ':' ? ': ' : token)
    if (token === '{' || token === '[') depth++
    before = token
    if (length > lengthMax) return text
  }
  return parts.join('')
}
