/**
 * regex.globs_match: whether two globs (characters, `.`, sets, each with `+` or `*`) share a text. It answers as the library that OPA uses does, also where that
 * one gives up early: a star looks ahead by one token only.
 */
import { BuiltinError } from './builtin.ts'

type Flag = '' | '+' | '*'
/** No characters: any character. */
type Token = { readonly characters: ReadonlySet<string> | undefined; readonly flag: Flag }
type Glob = readonly Token[]

/** Steps that one comparison may take: stars on both sides multiply. */
const stepsMax = 1_000_000

export function globsIntersect(left: string, right: string): boolean {
  const a = simplified(parseGlob(left))
  const b = simplified(parseGlob(right))
  return endsMatch(a, b) && createSearch().plain(a, b)
}

/** Compares what comes before the first and after the last flagged token, so that most pairs never get to the search. */
function endsMatch(a: Glob, b: Glob): boolean {
  let left = 0
  for (; left < a.length && left < b.length && isPlain(a[left]!) && isPlain(b[left]!); left++) {
    if (!overlap(a[left]!, b[left]!)) return false
  }
  const kept = Math.max(left - 1, 0)
  let [i, j] = [a.length - 1, b.length - 1]
  for (; i >= kept && j >= kept && isPlain(a[i]!) && isPlain(b[j]!); i--, j--) {
    if (!overlap(a[i]!, b[j]!)) return false
  }
  return true
}

function createSearch(): { plain(a: Glob, b: Glob): boolean } {
  let steps = 0

  function step(): void {
    if (++steps > stepsMax) throw new BuiltinError('the globs are too complex to compare')
  }

  function plain(a: Glob, b: Glob): boolean {
    let at = 0
    for (; at < a.length && at < b.length; at++) {
      step()
      const [x, y] = [a[at]!, b[at]!]
      if (!isPlain(x)) return flagged(a.slice(at), b.slice(at))
      if (!isPlain(y)) return flagged(b.slice(at), a.slice(at))
      if (!overlap(x, y)) return false
    }
    return at === a.length && at === b.length
  }

  function flagged(repeated: Glob, other: Glob): boolean {
    if (repeated[0]!.flag === '*') return star(repeated, other)
    if (!overlap(repeated[0]!, other[0]!)) return false
    if (star(repeated, other.slice(1))) return true
    return !isPlain(other[0]!) && plain(repeated.slice(1), other)
  }

  /** The first token takes from the other glob until the rest of both fits. */
  function star(repeated: Glob, other: Glob): boolean {
    const [first, following] = repeated
    for (const [at, token] of other.entries()) {
      step()
      const fits = following !== undefined && overlap(token, following)
      if (fits && plain(repeated.slice(1), other.slice(at))) return true
      if (!overlap(token, first!)) return false
    }
    return following === undefined
  }

  return { plain }
}

function isPlain({ flag }: Token): boolean {
  return flag === ''
}

function overlap({ characters: a }: Token, { characters: b }: Token): boolean {
  if (a === undefined || b === undefined) return true
  for (const character of a) if (b.has(character)) return true
  return false
}

/** Equal repeated neighbours become one. */
function simplified(glob: Glob): Glob {
  const out: Token[] = []
  for (const token of glob) {
    const last = out.at(-1)
    const merges = last !== undefined && !isPlain(last) && !isPlain(token) && sameCharacters(last, token)
    if (!merges) out.push(token)
    else if (token.flag === '+') out[out.length - 1] = token
  }
  return out
}

function sameCharacters({ characters: a }: Token, { characters: b }: Token): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.size === b.size && [...a].every((character) => b.has(character))
}

type Character = { readonly value: string; readonly escaped: boolean }

function parseGlob(text: string): Glob {
  const characters = [...text]
  const tokens: Token[] = []
  let at = 0

  function invalid(what: string): never {
    throw new BuiltinError(`input:${text}, pos:${at}, ${what}: the input provided is invalid`)
  }

  function next(): Character | undefined {
    const value = characters[at]
    if (value === undefined) return undefined
    if (value !== '\\') {
      at++
      return { value, escaped: false }
    }
    const escaped = characters[at + 1]
    if (escaped === undefined) return invalid('input ends with a \\ (escape) character')
    at += 2
    return { value: escaped, escaped: true }
  }

  function set(): ReadonlySet<string> {
    const members = new Set<string>()
    let previous: string | undefined
    for (let character = next(); character !== undefined; character = next()) {
      if (!character.escaped && character.value === ']') return members
      if (!character.escaped && character.value === '-') {
        addRange(members, previous)
        previous = undefined
      } else {
        members.add(character.value)
        previous = character.value
      }
    }
    return invalid('found [ without matching ]')
  }

  function addRange(members: Set<string>, from: string | undefined): void {
    if (from === undefined) invalid("range character '-' must be preceded by a Unicode character")
    if (at >= characters.length - 1) invalid("range character '-' must be followed by a Unicode character")
    const last = next()!
    if (!last.escaped && (last.value === ']' || last.value === '-')) {
      invalid("range character '-' cannot be followed by a special symbol")
    }
    const [low, high] = [from.codePointAt(0)!, last.value.codePointAt(0)!]
    if (high < low) invalid(`range is out of order: '${last.value}' comes before '${from}' in Unicode`)
    for (let code = low; code <= high; code++) members.add(String.fromCodePoint(code))
  }

  function flag(): Flag {
    const value = characters[at]
    if (value !== '+' && value !== '*') return ''
    at++
    return value
  }

  function token({ value, escaped }: Character): ReadonlySet<string> | undefined {
    if (escaped) return new Set([value])
    if (value === '.') return undefined
    if (value === '[') return set()
    if (value === ']') return invalid("set-close ']' with no preceding '['")
    if (value === '+' || value === '*') return invalid(`flag '${value}' must be preceded by a non-flag`)
    return new Set([value])
  }

  for (let character = next(); character !== undefined; character = next()) {
    tokens.push({ characters: token(character), flag: flag() })
  }
  return tokens
}
