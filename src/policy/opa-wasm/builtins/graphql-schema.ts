/** GraphQL schemas as the tree that OPA makes of them. */
import type { Value } from '../value.ts'
import { createTokens, node, type Tokens } from './graphql-tokens.ts'

type Described = { readonly text: string; readonly comment: Value | undefined }
type Members = Readonly<Record<string, Value | undefined>>

const kinds: Readonly<Record<string, string>> = {
  scalar: 'SCALAR',
  type: 'OBJECT',
  interface: 'INTERFACE',
  union: 'UNION',
  enum: 'ENUM',
  input: 'INPUT_OBJECT',
}

const locations = new Set([
  ...['QUERY', 'MUTATION', 'SUBSCRIPTION', 'FIELD', 'FRAGMENT_DEFINITION', 'FRAGMENT_SPREAD', 'INLINE_FRAGMENT'],
  ...['VARIABLE_DEFINITION', 'SCHEMA', 'SCALAR', 'OBJECT', 'FIELD_DEFINITION', 'ARGUMENT_DEFINITION', 'INTERFACE'],
  ...['UNION', 'ENUM', 'ENUM_VALUE', 'INPUT_OBJECT', 'INPUT_FIELD_DEFINITION'],
])

const undescribed: Described = { text: '', comment: undefined }

export function parseSchema(text: string): Value {
  const tokens = createTokens(text)
  const { definition, schema, directive, extension } = createDefinitions(tokens)
  const lists = {
    Schema: [] as Value[],
    SchemaExtension: [] as Value[],
    Directives: [] as Value[],
    Definitions: [] as Value[],
    Extensions: [] as Value[],
  }
  while (!tokens.is('<EOF>')) {
    const described = description(tokens)
    const word = tokens.is('Name') ? tokens.current().value : ''
    if (Object.hasOwn(kinds, word)) lists.Definitions.push(definition(described))
    else if (word === 'schema') lists.Schema.push(schema(described))
    else if (word === 'directive') lists.Directives.push(directive(described))
    else if (word === 'extend' && described.text === '') {
      const comment = tokens.keyword('extend')
      if (tokens.isWord('schema')) lists.SchemaExtension.push(extension.schema(comment))
      else lists.Extensions.push(extension.definition(comment))
    } else tokens.unexpected()
  }
  return node({ ...lists, Comment: tokens.comment() })
}

function description(tokens: Tokens): Described {
  if (!tokens.is('String') && !tokens.is('BlockString')) return undescribed
  const comment = tokens.comment()
  return { text: textOf(tokens.value(true)), comment }
}

function textOf(literal: Value): string {
  const entries = (literal as { readonly entries: readonly (readonly [Value, Value])[] }).entries
  return String(entries.find(([key]) => key === 'Raw')?.[1] ?? '')
}

function createDefinitions(tokens: Tokens) {
  function definition({ text, comment }: Described): Value {
    const { kind, after } = kindWord()
    return node({
      Kind: kind,
      Description: text,
      Name: tokens.name(),
      ...body(kind),
      BuiltIn: false,
      BeforeDescriptionComment: comment,
      AfterDescriptionComment: after,
    })
  }

  function kindWord(): { readonly kind: string; readonly after: Value | undefined } {
    const word = tokens.is('Name') ? tokens.current().value : ''
    const kind = Object.hasOwn(kinds, word) ? kinds[word]! : tokens.unexpected()
    return { kind, after: tokens.keyword(word) }
  }

  /** Interfaces, directives and then what is in braces. */
  function body(kind: string, isExtension = false): Members {
    const extendsInterface = kind === 'INTERFACE' && isExtension
    const takesInterfaces = kind === 'OBJECT' || (kind === 'INTERFACE' && !extendsInterface)
    const interfaces = takesInterfaces ? implemented() : undefined
    const directives = tokens.directives(true)
    const shared = { Interfaces: interfaces, Directives: directives }
    if (kind === 'SCALAR') return shared
    if (kind === 'UNION') return { ...shared, Types: unionMembers() }
    const read = kind === 'ENUM' ? enumValue : kind === 'INPUT_OBJECT' ? inputValue : field
    const { items, end } = tokens.some('{', '}', read)
    return { ...shared, [kind === 'ENUM' ? 'EnumValues' : 'Fields']: items, EndOfDefinitionComment: end }
  }

  function implemented(): readonly string[] {
    if (!tokens.isWord('implements')) return []
    tokens.take()
    tokens.skip('&')
    return separated('&', tokens.name)
  }

  function unionMembers(): readonly string[] {
    if (!tokens.skip('=')) return []
    tokens.skip('|')
    return separated('|', tokens.name)
  }

  function separated(separator: string, read: () => string): readonly string[] {
    const items = [read()]
    while (tokens.skip(separator)) items.push(read())
    return items
  }

  /** What every member of a definition begins with. */
  function described(): Members {
    const { text, comment } = description(tokens)
    return {
      Description: text,
      BeforeDescriptionComment: text === '' ? undefined : comment,
      AfterDescriptionComment: tokens.comment(),
      Name: tokens.name(),
    }
  }

  function field(): Value {
    const start = described()
    const args = tokens.some('(', ')', inputValue).items
    tokens.expect(':')
    return node({ ...start, Arguments: args, Type: tokens.type(), Directives: tokens.directives(true) })
  }

  function inputValue(): Value {
    const start = described()
    tokens.expect(':')
    return node({
      ...start,
      Type: tokens.type(),
      DefaultValue: tokens.skip('=') ? tokens.value(true) : undefined,
      Directives: tokens.directives(true),
    })
  }

  function enumValue(): Value {
    return node({ ...described(), Directives: tokens.directives(true) })
  }

  function operationTypes(): Members {
    const { items, end } = tokens.some('{', '}', () => {
      const comment = tokens.comment()
      if (!['query', 'mutation', 'subscription'].some(tokens.isWord)) tokens.unexpected()
      const operation = tokens.name()
      tokens.expect(':')
      return node({ Operation: operation, Type: tokens.name(), Comment: comment })
    })
    return { OperationTypes: items, EndOfDefinitionComment: end }
  }

  function schema({ text, comment }: Described): Value {
    const after = tokens.keyword('schema')
    return node({
      Description: text,
      Directives: tokens.directives(true),
      ...operationTypes(),
      BeforeDescriptionComment: comment,
      AfterDescriptionComment: after,
    })
  }

  function directive({ text, comment }: Described): Value {
    const after = tokens.keyword('directive')
    tokens.expect('@')
    const name = tokens.name()
    const args = tokens.some('(', ')', inputValue).items
    const isRepeatable = tokens.isWord('repeatable')
    if (isRepeatable) tokens.take()
    tokens.keyword('on')
    tokens.skip('|')
    return node({
      Description: text,
      Name: name,
      Arguments: args,
      Locations: separated('|', location),
      IsRepeatable: isRepeatable,
      BeforeDescriptionComment: comment,
      AfterDescriptionComment: after,
    })
  }

  function location(): string {
    if (tokens.is('Name') && !locations.has(tokens.current().value)) tokens.unexpected()
    return tokens.name()
  }

  /** Each must add something. */
  const extension = {
    schema(comment: Value | undefined): Value {
      tokens.keyword('schema')
      const members = { Directives: tokens.directives(true), ...operationTypes() }
      addsSomething(members)
      return node({ Description: '', ...members, AfterDescriptionComment: comment })
    },
    definition(comment: Value | undefined): Value {
      const { kind } = kindWord()
      const name = tokens.name()
      const members = body(kind, true)
      addsSomething(members)
      const about = { Description: '', BuiltIn: false, AfterDescriptionComment: comment }
      return node({ Kind: kind, Name: name, ...members, ...about })
    },
  }

  function addsSomething(members: Members): void {
    if (!Object.values(members).some((list) => Array.isArray(list) && list.length > 0)) tokens.unexpected()
  }

  return { definition, schema, directive, extension }
}
