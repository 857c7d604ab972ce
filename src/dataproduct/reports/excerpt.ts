/** The source line of a finding with a mark below it, cut to the width there is. */
import { shown } from './shown.ts'

export type Excerpt = { readonly line: string; readonly mark: string }

/** East Asian wide characters and pictures take two columns. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]/u

/** Column and end column are 1-based UTF-16 units; an end before the column marks one character. */
export function excerptOf(text: string, column: number, endColumn: number, width: number): Excerpt {
  const start = Math.min(column - 1, text.length)
  const end = Math.min(Math.max(endColumn - 1, start + 1), Math.max(text.length, start + 1))
  const from = start > width * 0.75 ? start - Math.floor(width / 2) : 0
  const until = Math.min(text.length, from + width)
  const before = shown(text.slice(from, start))
  const marked = shown(text.slice(start, Math.min(end, until)))
  const after = shown(text.slice(Math.min(end, until), until))
  const [left, right] = [from > 0 ? '…' : '', until < text.length ? '…' : '']
  return {
    line: `${left}${before}${marked}${after}${right}`.trimEnd(),
    mark: `${' '.repeat(widthOf(left + before))}${'^'.repeat(Math.max(1, widthOf(marked.trimEnd())))}`,
  }
}

function widthOf(text: string): number {
  let width = 0
  for (const char of text) width += wide.test(char) ? 2 : 1
  return width
}
