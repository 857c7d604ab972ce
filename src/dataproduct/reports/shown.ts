/** Text from files and rules made safe to show: nothing in it can steer a terminal or the log of a CI runner. */
import type { Path } from '../document.ts'

/** One line; control characters and what reorders text are written out, and `##[` and `##vso[`, which runners obey anywhere in a line, are broken. */
export function shown(text: string): string {
  return text
    .replaceAll(/\r\n|[\n\r\t]/gu, ' ')
    .replaceAll(/[\p{Cc}\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu, escaped)
    .replaceAll(/##(?=\w*\[)/gu, '# #')
}

/** `outputPorts[1].name`; keys that are no plain names in quotes. */
export function shownPath(path: Path): string {
  return path
    .map((segment, index) => {
      if (typeof segment === 'number') return `[${segment}]`
      if (/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(segment)) return index === 0 ? segment : `.${segment}`
      return `[${JSON.stringify(segment)}]`
    })
    .join('')
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}
