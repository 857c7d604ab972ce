/** Strict JSON (RFC 8259), each key once, every node with its place. */
import type { Json } from '../domain/json.ts'
import {
  duplicateKey,
  type Entry,
  losesDigits,
  nestingDepthMax,
  type Problem,
  rounded,
  type SyntaxDocument,
  type SyntaxNode,
  setKey,
  shown,
  tooDeep,
} from './syntax.ts'

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y
const BLANK = /[ \t\n\r]*/y

const WORDS: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['null', null],
  ['true', true],
  ['false', false],
])

/** Where reading cannot go on. */
class Stop extends Error {}

/** Never throws for what stands in the text. */
export function parseJson(text: string): SyntaxDocument {
  const problems: Problem[] = []
  const path: (string | number)[] = []
  let at = 0

  function report(
    complaint: Pick<Problem, 'message' | 'remedy'>,
    start: number,
    end: number,
    more: Partial<Problem> = {},
  ): void {
    problems.push({ severity: 'error', path: [...path], start, end, ...complaint, ...more })
  }

  function stop(message: string, remedy: string): never {
    report({ message, remedy }, at, Math.min(at + 1, text.length))
    throw new Stop()
  }

  function match(pattern: RegExp): string | undefined {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found !== undefined) at += found.length
    return found
  }

  function skipBlank(): void {
    match(BLANK)
    if (text.startsWith('//', at) || text.startsWith('/*', at))
      stop('a comment stands here; JSON has none', 'Remove it, or write the file as YAML.')
  }

  function value(): SyntaxNode {
    skipBlank()
    const start = at
    switch (text[at]) {
      case '{':
        return collection('}', start)
      case '[':
        return collection(']', start)
      case '"':
        return { value: string(), start, end: at }
      default:
        return { value: atom(), start, end: at }
    }
  }

  function string(): string {
    const start = at
    const source = match(STRING)
    if (source === undefined) {
      stop(
        'this text in quotes is not JSON: it is not closed on its line, or has an escape that JSON lacks',
        'Close the quotes; write line ends as `\\n` and a backslash as `\\\\`.',
      )
    }
    if (!source.includes('\\')) return source.slice(1, -1)
    const read = JSON.parse(source) as string
    if (!read.isWellFormed())
      report(
        {
          message: 'half a character stands here: a surrogate without its other half',
          remedy: 'Write the whole character.',
        },
        start,
        at,
      )
    return read
  }

  function atom(): Json {
    const start = at
    const source = match(NUMBER)
    if (source !== undefined && source !== '') {
      const read = Number(source)
      if (!Number.isFinite(read))
        report(
          { message: `${shown(source)} is beyond what a number can hold`, remedy: 'Use a smaller number.' },
          start,
          at,
        )
      else if (losesDigits(source, read)) report(rounded(source), start, at, { severity: 'warning' })
      return read
    }
    const word = match(WORD)
    if (word !== undefined && WORDS.has(word)) return WORDS.get(word)!
    at = start
    if (word !== undefined)
      stop(
        `${shown(word)} is no value that JSON knows`,
        'Put text in double quotes; JSON knows `true`, `false` and `null`.',
      )
    if (text[at] === "'") stop('JSON has no single quotes', 'Use double quotes.')
    if (at >= text.length)
      stop(
        'the file ends in the middle of a value',
        'Look for a bracket that is not closed, or a file that was cut off.',
      )
    return stop(`a value is missing before ${shown(text[at]!)}`, 'Add the value, or remove the comma before it.')
  }

  function collection(bracket: '}' | ']', start: number): SyntaxNode {
    at += 1
    if (path.length >= nestingDepthMax) {
      report(tooDeep, start, at)
      throw new Stop()
    }
    const items: SyntaxNode[] = []
    const entries: Entry[] = []
    const list: Json[] = []
    const object: { [key: string]: Json } = {}
    skipBlank()
    while (text[at] !== bracket) {
      if (bracket === ']') {
        path.push(items.length)
        const node = value()
        path.pop()
        items.push(node)
        list.push(node.value)
      } else entry(entries, object)
      separator(bracket)
    }
    at += 1
    return bracket === ']' ? { value: list, start, end: at, items } : { value: object, start, end: at, entries }
  }

  function entry(entries: Entry[], object: { [key: string]: Json }): void {
    const keyStart = at
    if (text[at] !== '"')
      stop(
        'a key in double quotes has to stand here',
        'Put the key in double quotes; remove a comma before the closing bracket.',
      )
    const key = string()
    const keyEnd = at
    path.push(key)
    const first = Object.hasOwn(object, key) ? entries.find((each) => each.key === key) : undefined
    if (first !== undefined) {
      report(duplicateKey(key), keyStart, keyEnd, {
        related: { start: first.keyStart, end: first.keyEnd, message: 'the first one' },
      })
    }
    skipBlank()
    if (text[at] !== ':') stop(`a \`:\` is missing behind the key ${shown(key)}`, 'Add it.')
    at += 1
    const node = value()
    path.pop()
    if (first !== undefined) return
    entries.push({ key, keyStart, keyEnd, node })
    setKey(object, key, node.value)
  }

  function separator(bracket: '}' | ']'): void {
    skipBlank()
    if (text[at] === bracket) return
    if (text[at] !== ',') {
      if (at >= text.length)
        stop(
          `the file ends before a \`${bracket}\` closes what is open`,
          'Close the bracket; see whether the file was cut off.',
        )
      stop(`a comma or \`${bracket}\` has to stand here`, 'Add the comma, or close the bracket.')
    }
    at += 1
    skipBlank()
    if (text[at] === bracket) stop(`JSON has no comma before \`${bracket}\``, 'Remove the comma.')
  }

  function whole(): SyntaxNode {
    const node = value()
    skipBlank()
    if (at < text.length) stop('something follows behind the end of the document', 'Keep one value in a JSON file.')
    return node
  }

  try {
    if (text.trim() === '') return { empty: true, problems }
    const node = whole()
    return { ...(problems.some(({ severity }) => severity === 'error') ? {} : { node }), empty: false, problems }
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    return { empty: false, problems }
  }
}
