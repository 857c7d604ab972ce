/** GraphQL queries as the tree that OPA makes of them. */
import type { Value } from '../value.ts'
import { createTokens, node } from './graphql-tokens.ts'

export function parseQuery(text: string): Value {
  const tokens = createTokens(text)
  const operations: Value[] = []
  const fragments: Value[] = []

  function operation(): Value {
    // Of a query without the word, OPA's parser loses the comment.
    if (tokens.is('{')) return node({ Operation: 'query', Name: '', SelectionSet: selections() })
    const comment = tokens.comment()
    const kind = tokens.name()
    return node({
      Operation: kind,
      Name: tokens.is('Name') ? tokens.name() : '',
      VariableDefinitions: variables(),
      Directives: tokens.directives(false),
      SelectionSet: selections(),
      Comment: comment,
    })
  }

  function variables(): readonly Value[] {
    return tokens.some('(', ')', () => {
      const comment = tokens.comment()
      const variable = tokens.variable()
      tokens.expect(':')
      return node({
        Variable: variable,
        Type: tokens.type(),
        DefaultValue: tokens.skip('=') ? tokens.value(true) : undefined,
        Directives: tokens.directives(false),
        Used: false,
        Comment: comment,
      })
    }).items
  }

  function selections(): readonly Value[] {
    if (!tokens.is('{')) tokens.expect('{')
    return tokens.some('{', '}', () => (tokens.is('...') ? spread() : field())).items
  }

  function field(): Value {
    const comment = tokens.comment()
    const alias = tokens.name()
    return node({
      Alias: alias,
      Name: tokens.skip(':') ? tokens.name() : alias,
      Arguments: tokens.args(false),
      Directives: tokens.directives(false),
      SelectionSet: tokens.is('{') ? selections() : undefined,
      Comment: comment,
    })
  }

  function spread(): Value {
    const { comment } = tokens.expect('...')
    if (tokens.is('Name') && !tokens.isWord('on')) {
      return node({ Name: tokens.name(), Directives: tokens.directives(false), Comment: comment })
    }
    const isTyped = tokens.isWord('on')
    if (isTyped) tokens.take()
    return node({
      TypeCondition: isTyped ? tokens.name() : '',
      Directives: tokens.directives(false),
      SelectionSet: selections(),
      Comment: comment,
    })
  }

  function fragment(): Value {
    const comment = tokens.keyword('fragment')
    if (tokens.isWord('on')) return tokens.unexpected()
    const name = tokens.name()
    const definitions = variables()
    tokens.keyword('on')
    return node({
      Name: name,
      VariableDefinition: definitions,
      TypeCondition: tokens.name(),
      Directives: tokens.directives(false),
      SelectionSet: selections(),
      Comment: comment,
    })
  }

  while (!tokens.is('<EOF>')) {
    const isOperation = tokens.is('{') || ['query', 'mutation', 'subscription'].some(tokens.isWord)
    if (isOperation) operations.push(operation())
    else if (tokens.isWord('fragment')) fragments.push(fragment())
    else tokens.unexpected()
  }
  return node({ Operations: operations, Fragments: fragments })
}
