/** Lines of source files for who shows a finding, each file read once. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** Longer lines are cut: nobody reads them whole, and a report may quote them often. */
const lineLengthMax = 20_000

/** `undefined` where there is no such file or line (any more). */
export function createSourceLines(root: string): (file: string, line: number) => string | undefined {
  const known = new Map<string, readonly string[]>()
  return (file, line) => {
    let lines = known.get(file)
    if (lines === undefined) {
      lines = read(resolve(root, file))
      known.set(file, lines)
    }
    return lines[line - 1]?.slice(0, lineLengthMax)
  }
}

function read(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8')
      .replace(/^\ufeff/u, '')
      .split(/\r\n|\n|\r/u)
  } catch {
    return []
  }
}
