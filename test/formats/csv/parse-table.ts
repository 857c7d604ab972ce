/** The plain twin of reading a table: a character at a time, taking what it gets. */
export function parseTable(text: string, delimiter: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  let row: string[] = []
  let field = ''
  let quoted = false
  const endField = () => {
    row.push(field)
    field = ''
  }
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (quoted) {
      if (character !== '"') field += character
      else if (text[at + 1] === '"') {
        field += '"'
        at++
      } else quoted = false
    } else if (character === '"') quoted = true
    else if (character === delimiter) endField()
    else if (character === '\n') {
      endField()
      rows.push(row)
      row = []
    } else if (character !== '\r') field += character
  }
  if (row.length > 0 || field !== '') {
    endField()
    rows.push(row)
  }
  return rows
}
