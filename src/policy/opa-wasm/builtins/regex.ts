/** regex.*: RE2 syntax in linear time, matched the way Go's regexp package walks over a text. */
import { type Builtin, BuiltinError } from './builtin.ts'
import { globsIntersect } from './globs-match.ts'
import { library } from './library.ts'
import { intOperand, stringOperand } from './operands.ts'
import { createSmallCache } from './small-cache.ts'

export const regexBuiltins: Readonly<Record<string, Builtin>> = {
  'regex.replace': (args) => replace(stringOperand(args, 1), stringOperand(args, 2), stringOperand(args, 3)),
  'regex.split': (args) => split(stringOperand(args, 1), stringOperand(args, 2)),
  'regex.find_n': (args) => {
    const [pattern, text, limit] = [stringOperand(args, 1), stringOperand(args, 2), intOperand(args, 3)]
    return findAll(pattern, text, limit).map(([start, end]) => text.slice(start, end))
  },
  'regex.globs_match': (args) => globsIntersect(stringOperand(args, 1), stringOperand(args, 2)),
  'regex.template_match': (args) =>
    templateMatch(stringOperand(args, 1), stringOperand(args, 2), stringOperand(args, 3), stringOperand(args, 4)),
}

type Regex = ReturnType<typeof import('re2js')['RE2JS']['compile']>

const re2js = library<typeof import('re2js')>('re2js')

/** As many as OPA keeps. */
const patternsMax = 100

const compile = createSmallCache<Regex>(patternsMax, (pattern) => {
  try {
    return re2js().RE2JS.compile(pattern)
  } catch (cause) {
    throw new BuiltinError('error parsing regexp', 'eval_builtin_error', { cause })
  }
})

/** Offsets of the whole match, then of each group; -1 where a group took no part. */
type Match = readonly number[]

function findAll(pattern: string, text: string, limit: bigint): readonly Match[] {
  const regex = compile(pattern)
  const matcher = regex.matcher(text)
  const found: Match[] = []
  let previousEnd = -1
  for (let at = 0; at <= text.length && (limit < 0n || BigInt(found.length) < limit); ) {
    if (!matcher.find(at)) break
    const start = matcher.start()
    const end = matcher.end()
    // An empty match right behind another one doesn't count.
    const counts = end !== at || start !== previousEnd
    at = end === at ? at + widthAt(text, at) : end
    previousEnd = end
    if (!counts) continue
    const offsets = [start, end]
    for (let group = 1; group <= regex.groupCount(); group++) offsets.push(matcher.start(group), matcher.end(group))
    found.push(offsets)
  }
  return found
}

function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}

function split(pattern: string, text: string): readonly string[] {
  const matches = findAll(pattern, text, -1n)
  if (pattern !== '' && text === '') return ['']
  const parts: string[] = []
  let begin = 0
  let end = 0
  for (const match of matches) {
    end = match[0]!
    if (match[1] !== 0) parts.push(text.slice(begin, end))
    begin = match[1]!
  }
  if (end !== text.length) parts.push(text.slice(begin))
  return parts
}

function replace(text: string, pattern: string, replacement: string): string {
  const names = compile(pattern).namedGroups()
  let out = ''
  let copied = 0
  for (const match of findAll(pattern, text, -1n)) {
    out += text.slice(copied, match[0]) + expand(replacement, text, match, names)
    copied = match[1]!
  }
  return out + text.slice(copied)
}

/** `$1`, `$name`, `${name}` and `$$`; a group that isn't there is empty, any other `$` stands for itself. */
function expand(replacement: string, text: string, match: Match, names: Readonly<Record<string, number>>): string {
  return replacement.replace(
    /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu,
    (whole, plain?: string, braced?: string) => {
      if (whole === '$$') return '$'
      const name = plain ?? braced!
      const group = /^(?:0|[1-9][0-9]*)$/.test(name) ? Number(name) : Object.hasOwn(names, name) ? names[name]! : -1
      const start = match[group * 2] ?? -1
      return group < 0 || start < 0 ? '' : text.slice(start, match[group * 2 + 1])
    },
  )
}

function templateMatch(template: string, text: string, open: string, close: string): boolean {
  for (const [name, delimiter] of Object.entries({ start: open, end: close })) {
    const length = Buffer.byteLength(delimiter)
    if (length !== 1) {
      throw new BuiltinError(`${name} delimiter has to be exactly one character long but is ${length} long`)
    }
  }
  return compile(templatePattern(template, open, close))
    .matcher(text)
    .find()
}

/** What stands between delimiters is a pattern, all else is literal. */
function templatePattern(template: string, open: string, close: string): string {
  const { RE2JS } = re2js()
  let pattern = '^'
  let level = 0
  let start = 0
  for (let at = 0; at < template.length; at++) {
    if (template[at] === open) {
      if (++level > 1) continue
      pattern += RE2JS.quote(template.slice(start, at))
      start = at + 1
    } else if (template[at] === close) {
      if (--level < 0) throw new BuiltinError(`unbalanced braces in "${template}"`)
      if (level > 0) continue
      const part = template.slice(start, at)
      compile(`^${part}$`)
      pattern += `(${part})`
      start = at + 1
    }
  }
  if (level !== 0) throw new BuiltinError(`unbalanced braces in "${template}"`)
  return `${pattern}${RE2JS.quote(template.slice(start))}$`
}

export function isPattern(pattern: string): boolean {
  try {
    compile(pattern)
    return true
  } catch {
    return false
  }
}

export function matchesPattern(pattern: string, text: string): boolean {
  return compile(pattern).matcher(text).find()
}
