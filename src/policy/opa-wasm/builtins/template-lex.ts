/** Text and actions of a Go template, and an action's words. */
import { BuiltinError } from './builtin.ts'
import { unquoteGo } from './go-unquote.ts'

export type Piece = { readonly kind: 'text' | 'action'; readonly text: string }

export type Lexeme = {
  readonly kind: 'word' | 'field' | 'variable' | 'dot' | 'string' | 'integer' | 'float' | 'operator'
  readonly text: string
  /** Nothing is between it and the one before. */
  readonly isJoined: boolean
  readonly integer?: bigint
  readonly float?: number
}

function fail(what: string): never {
  throw new BuiltinError(`template: ${what}`)
}

/** `{{-` and `-}}` take the white space beside them away. */
export function splitTemplate(template: string): readonly Piece[] {
  const pieces: Piece[] = []
  let at = 0
  let trims = false
  for (;;) {
    const open = template.indexOf('{{', at)
    const end = open < 0 ? template.length : open
    const trimsBefore = open >= 0 && /^-[ \t\r\n]/.test(template.slice(open + 2, open + 4))
    let text = template.slice(at, end)
    if (trims) text = text.replace(/^[ \t\r\n]+/, '')
    if (trimsBefore) text = text.replace(/[ \t\r\n]+$/, '')
    pieces.push({ kind: 'text', text })
    if (open < 0) return pieces
    const { inside, next, trimsAfter } = actionAt(template, open + (trimsBefore ? 3 : 2))
    if (inside !== undefined) pieces.push({ kind: 'action', text: inside })
    at = next
    trims = trimsAfter
  }
}

type Action = { readonly inside: string | undefined; readonly next: number; readonly trimsAfter: boolean }

const comment = /\s*\/\*[\s\S]*?\*\//y
const stringsOrEnd = /"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`|'(?:[^'\\\n]|\\[^\n])+'|([ \t\r\n]-)?\}\}|["`']|[^"`'}]|\}/y

/** Undefined: a comment, which leaves nothing. */
function actionAt(template: string, start: number): Action {
  comment.lastIndex = start
  const isComment = comment.test(template)
  const from = isComment ? comment.lastIndex : start
  stringsOrEnd.lastIndex = from
  for (let found = stringsOrEnd.exec(template); found !== null; found = stringsOrEnd.exec(template)) {
    if (!found[0].endsWith('}}') || /^["`']/.test(found[0])) {
      if (/^["`']$/.test(found[0])) fail('unterminated quoted string')
      if (isComment) fail('comment ends before closing delimiter')
      continue
    }
    const inside = template.slice(start, found.index)
    return {
      inside: isComment ? undefined : inside,
      next: stringsOrEnd.lastIndex,
      trimsAfter: found[1] !== undefined,
    }
  }
  return fail('unclosed action')
}

const space = /[ \t\r\n]+/y
const letters = '[\\p{L}_][\\p{L}\\p{Nd}_]*'
/** Made when a template is first read: letters of all scripts take a millisecond. */
function lexemePattern(): RegExp {
  return new RegExp(
    [
      `(?<field>\\.${letters})`,
      `(?<number>[+-]?(?:0[xXbBoO][0-9a-fA-F_.]+(?:[pP][+-]?[0-9]+)?|(?:[0-9][0-9_]*\\.?[0-9_]*|\\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]+)?))`,
      '(?<dot>\\.)',
      `(?<variable>\\$(?:${letters})?)`,
      `(?<word>${letters})`,
      '(?<string>"(?:[^"\\\\\\n]|\\\\[^\\n])*")',
      '(?<raw>`[^`]*`)',
      "(?<character>'(?:[^'\\\\\\n]|\\\\[^\\n])+')",
      '(?<operator>:=|[=|(),])',
    ].join('|'),
    'uy',
  )
}
let lexemeSyntax: RegExp | undefined

export function lexAction(text: string): readonly Lexeme[] {
  lexemeSyntax ??= lexemePattern()
  const lexemes: Lexeme[] = []
  let at = 0
  let isJoined = false
  while (at < text.length) {
    space.lastIndex = at
    if (space.test(text)) {
      at = space.lastIndex
      isJoined = false
      continue
    }
    lexemeSyntax.lastIndex = at
    const groups = lexemeSyntax.exec(text)?.groups
    if (groups === undefined) return fail(`unexpected "${text.slice(at, at + 1)}" in command`)
    at = lexemeSyntax.lastIndex
    const lexeme = lexemeOf(groups, isJoined)
    const previous = lexemes.at(-1)
    if (isJoined && previous !== undefined && !mayTouch(previous, lexeme)) fail(`bad character in "${text}"`)
    lexemes.push(lexeme)
    isJoined = true
  }
  return lexemes
}

/** Words, numbers and strings need space between them. */
function mayTouch(left: Lexeme, right: Lexeme): boolean {
  if (left.kind === 'operator' || right.kind === 'operator') return true
  return right.kind === 'field' && ['field', 'variable'].includes(left.kind)
}

function lexemeOf(groups: Readonly<Record<string, string | undefined>>, isJoined: boolean): Lexeme {
  const { field, number, dot, variable, word, string, raw, character, operator } = groups
  if (field !== undefined) return { kind: 'field', text: field.slice(1), isJoined }
  if (number !== undefined) return numberLexeme(number, isJoined)
  if (dot !== undefined) return { kind: 'dot', text: dot, isJoined }
  if (variable !== undefined) return { kind: 'variable', text: variable, isJoined }
  if (word !== undefined) return { kind: 'word', text: word, isJoined }
  if (string !== undefined) return { kind: 'string', text: unquoteGo(string), isJoined }
  if (raw !== undefined) return { kind: 'string', text: raw.slice(1, -1).replaceAll('\r', ''), isJoined }
  if (character !== undefined) {
    const code = unquoteGo(character).codePointAt(0)!
    return { kind: 'integer', text: character, integer: BigInt(code), isJoined }
  }
  return { kind: 'operator', text: operator!, isJoined }
}

function numberLexeme(text: string, isJoined: boolean): Lexeme {
  const negative = text.startsWith('-')
  const plain = text.replace(/^[+-]/, '').replaceAll('_', '')
  const octal = /^0[oO]?([0-7]+)$/.exec(plain)?.[1]
  const whole = octal === undefined ? plain.toLowerCase() : `0o${octal}`
  if (/^(?:0x[0-9a-f]+|0b[01]+|0o[0-7]+|0|[1-9][0-9]*)$/.test(whole)) {
    const value = negative ? -BigInt(whole) : BigInt(whole)
    if (BigInt.asIntN(64, value) !== value) fail(`${text} overflows int`)
    return { kind: 'integer', text, integer: value, isJoined }
  }
  const value = Number(plain)
  if (!Number.isFinite(value)) fail(`bad number syntax: "${text}"`)
  return { kind: 'float', text, float: negative ? -value : value, isJoined }
}
