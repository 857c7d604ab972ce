/** GraphQL text as tokens with the comments before them, and what queries and schemas have in common: names, values, types, directives. */
import type { Token } from 'graphql'
import { isArray, isObject, record, type Value } from '../value.ts'
import { BuiltinError } from './builtin.ts'
import { library } from './library.ts'

export const graphqlLibrary = library<typeof import('graphql')>('graphql')

/** Levels of nesting of values, types and selections. */
const depthMax = 500

/** OPA's numbers for kinds of values. */
export const valueKinds = {
  variable: 0,
  int: 1,
  float: 2,
  string: 3,
  block: 4,
  boolean: 5,
  null: 6,
  enum: 7,
  list: 8,
  object: 9,
} as const

/** A part of the tree as OPA shows it: what is null or empty is left out. */
export function node(members: Readonly<Record<string, Value | undefined>>): Value {
  const kept = Object.entries(members).filter(([, value]) => value !== undefined && value !== null && !isEmpty(value))
  return record(Object.fromEntries(kept))
}

function isEmpty(value: Value): boolean {
  return isArray(value) ? value.length === 0 : isObject(value) && value.entries.length === 0
}

export type Tokens = ReturnType<typeof createTokens>

export function createTokens(text: string) {
  const { Lexer, Source, TokenKind } = graphqlLibrary()
  const lexer = new Lexer(new Source(text))
  let current = advance()
  /** The comments right before the current token, until it is taken. */
  let comment = commentsBefore(current)
  let depth = 0

  function advance(): Token {
    try {
      return lexer.advance()
    } catch (cause) {
      throw new BuiltinError('the GraphQL text is not well-formed', 'eval_builtin_error', { cause })
    }
  }

  function commentsBefore(token: Token): Value | undefined {
    const texts: Value[] = []
    for (let before = token.prev; before?.kind === TokenKind.COMMENT; before = before.prev) {
      texts.unshift(record({ Value: text.slice(before.start, before.end) }))
    }
    return texts.length === 0 ? undefined : record({ List: texts })
  }

  function take(): Token {
    const taken = current
    current = advance()
    comment = commentsBefore(current)
    return taken
  }

  function unexpected(): never {
    throw failure(`Unexpected ${shown(current)}`)
  }

  function failure(message: string): BuiltinError {
    return new BuiltinError(`${message} in GraphQL string at location ${current.line}:${current.column}`)
  }

  function is(kind: string): boolean {
    return current.kind === kind
  }

  function isWord(word: string): boolean {
    return is('Name') && current.value === word
  }

  function skip(kind: string): boolean {
    if (!is(kind)) return false
    take()
    return true
  }

  /** With the comments before it. */
  function expect(kind: string): { readonly token: Token; readonly comment: Value | undefined } {
    if (!is(kind)) throw failure(`Expected ${kind}, found ${current.kind}`)
    const before = comment
    return { token: take(), comment: before }
  }

  function keyword(word: string): Value | undefined {
    if (!isWord(word)) throw failure(`Expected "${word}", found ${shown(current)}`)
    const before = comment
    take()
    return before
  }

  function name(): string {
    return expect('Name').token.value
  }

  function nested<Result>(read: () => Result): Result {
    if (++depth > depthMax) throw failure('nested too deep')
    const result = read()
    depth--
    return result
  }

  /** At least one, in brackets; nothing if there are no brackets. */
  function some<Item>(open: string, close: string, read: () => Item): { readonly items: Item[]; readonly end?: Value } {
    if (!skip(open)) return { items: [] }
    if (is(close)) throw failure(`expected at least one definition, found ${close}`)
    const { items, end } = until(close, read)
    return end === undefined ? { items } : { items, end }
  }

  function until<Item>(close: string, read: () => Item): { items: Item[]; end: Value | undefined } {
    const items: Item[] = []
    while (!is(close)) items.push(nested(read))
    const end = comment
    take()
    return { items, end }
  }

  function value(isConstant: boolean): Value {
    const before = comment
    if (skip('[')) {
      const { items } = until(']', () => node({ Name: '', Value: value(isConstant) }))
      return literal(valueKinds.list, '', items, before)
    }
    if (skip('{')) {
      return literal(valueKinds.object, '', until('}', () => member(isConstant)).items, before)
    }
    if (is('$')) {
      if (isConstant) return unexpected()
      return literal(valueKinds.variable, variable())
    }
    const kind = scalarKind(current)
    if (kind === undefined) return unexpected()
    const token = take()
    return literal(kind, kind === valueKinds.block ? blockText(text.slice(token.start, token.end)) : token.value)
  }

  function member(isConstant: boolean): Value {
    const before = comment
    const key = name()
    expect(':')
    return node({ Name: key, Value: value(isConstant), Comment: before })
  }

  function variable(): string {
    expect('$')
    return name()
  }

  function argument(isConstant: boolean): Value {
    const before = comment
    const key = name()
    expect(':')
    return node({ Name: key, Value: value(isConstant), Comment: before })
  }

  function directives(isConstant: boolean): readonly Value[] {
    const list: Value[] = []
    while (skip('@')) {
      const called = name()
      list.push(node({ Name: called, Arguments: args(isConstant), Location: '' }))
    }
    return list
  }

  function args(isConstant: boolean): readonly Value[] {
    return some('(', ')', () => argument(isConstant)).items
  }

  function type(): Value {
    let elem: Value | undefined
    let named = ''
    if (skip('[')) {
      elem = nested(type)
      expect(']')
    } else named = name()
    return node({ NamedType: named, Elem: elem, NonNull: skip('!') })
  }

  return {
    is,
    isWord,
    skip,
    expect,
    keyword,
    name,
    some,
    value,
    variable,
    args,
    directives,
    type,
    unexpected,
    failure,
    take,
    comment: () => comment,
    current: () => current,
  }
}

function literal(kind: number, raw: string, children: readonly Value[] = [], comment?: Value): Value {
  return node({ Raw: raw, Children: children, Kind: kind, ExpectedTypeHasDefault: false, Comment: comment })
}

function scalarKind({ kind, value }: Token): number | undefined {
  switch (kind) {
    case 'Int':
      return valueKinds.int
    case 'Float':
      return valueKinds.float
    case 'String':
      return valueKinds.string
    case 'BlockString':
      return valueKinds.block
    case 'Name':
      if (value === 'null') return valueKinds.null
      return value === 'true' || value === 'false' ? valueKinds.boolean : valueKinds.enum
    default:
      return undefined
  }
}

/** Common indentation goes; OPA's parser counts that of the first line too, which the specification doesn't. */
export function blockText(token: string): string {
  const raw = token.slice(3, -3).replaceAll('\\"""', '"""')
  const lines = raw.split(/\r\n|\n|\r/)
  const filled = lines.filter((line) => /[^ \t]/.test(line))
  if (filled.length === 0) return ''
  const indent = Math.min(...filled.map((line) => line.search(/[^ \t]/)))
  const shifted = lines.map((line, index) => (index === 0 ? line : line.slice(indent)))
  const isBlank = (line: string) => !/[^ \t]/.test(line)
  const start = shifted.findIndex((line) => !isBlank(line))
  const end = shifted.findLastIndex((line) => !isBlank(line))
  return shifted.slice(start, end + 1).join('\n')
}

function shown({ kind, value }: Token): string {
  return value === undefined ? kind : `${kind} "${value}"`
}
