/** The text of each given source file and of all files they import by a relative path, directly or not. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

const RELATIVE_IMPORT = /(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+\.ts)'/g

export async function reachableTexts(files: readonly string[]): Promise<string[]> {
  const texts = new Map<string, string>()
  const waiting = [...files]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (texts.has(file)) continue
    // A test may name a module that doesn't exist in order to see it refused.
    const text = await readFile(file, 'utf8').catch(() => '')
    texts.set(file, text)
    for (const [, target] of text.matchAll(RELATIVE_IMPORT)) waiting.push(resolve(dirname(file), target!))
  }
  return [...texts.values()]
}
