/** Offsets that the YAML parser does not give: where nothing stands, where a block begins, where a bracket closes. */

/** Past white space, line ends and comments. */
function skipBlank(text: string, from: number): number {
  let at = from
  for (;;) {
    const char = text[at]
    if (char === ' ' || char === '\t' || char === '\n' || char === '\r') at += 1
    else if (char === '#' && (at === 0 || /\s/.test(text[at - 1]!))) {
      while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at += 1
    } else return at
  }
}

/** An empty value: right behind the `:` or `-` that announces it. */
export function placeOfNothing(
  text: string,
  from: number,
  sign: ':' | '-',
): { readonly start: number; readonly end: number } {
  const at = skipBlank(text, from)
  const place = text[at] === sign ? at + 1 : Math.min(from, text.length)
  return { start: place, end: place }
}

/** The `|` or `>` of a block scalar. */
export function placeOfBlockScalar(text: string, from: number): number {
  let at = skipBlank(text, from)
  while (at < text.length && text[at] !== '|' && text[at] !== '>') at = skipBlank(text, at + 1)
  return at
}

/** Behind the bracket that closes. */
export function endOfFlow(text: string, from: number, bracket: ']' | '}'): number {
  let at = skipBlank(text, from)
  if (text[at] === ',') at = skipBlank(text, at + 1)
  return text[at] === bracket ? at + 1 : at
}

export function trimmedEnd(text: string, start: number, end: number): number {
  let at = Math.min(end, text.length)
  while (at > start && /\s/.test(text[at - 1]!)) at -= 1
  return at
}
