/** GraphQL queries and schemas, most of them valid. */

import fc, { type Arbitrary } from 'fast-check'
import { type Arguments, args, joined, pick } from './base.ts'

const name = pick('a', 'b', 'T', 'on', 'type', 'query', '_x')
const maybe = (part: Arbitrary<string>) => fc.oneof(fc.constant(''), part)
const { literal, type, selections } = fc.letrec<{ literal: string; type: string; selections: string }>((tie) => ({
  literal: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    pick('1', '-1.5e3', '"s\\u00e9\\n"', '"""b\n   c\n  d"""', '""', 'true', 'null', 'ENUM', '$v', '"""\n\n  x\n"""'),
    fc.array(tie('literal'), { maxLength: 2 }).map((list) => `[${list.join(', ')}]`),
    fc.tuple(name, tie('literal')).map(([key, value]) => `{${key}: ${value}}`),
  ),
  type: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    name,
    tie('type').map((inner) => `[${inner}]`),
    name.map((inner) => `${inner}!`),
  ),
  selections: fc
    .array(
      fc.oneof(
        { maxDepth: 2, depthSize: 'small' },
        fc
          .tuple(maybe(name.map((alias) => `${alias}: `)), name, maybe(tie('literal').map((value) => `(x: ${value})`)))
          .map((parts) => parts.join('')),
        pick('...F', '... on T { a }', '... @d { a }', '# c\n a', '...T @d(x: 1)'),
        fc.tuple(name, tie('selections')).map((parts) => parts.join(' ')),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((list) => `{ ${list.join(separator(list))} }`),
}))

/** Commas are white space. */
export function separator(list: readonly string[]): string {
  return list.length % 2 === 0 ? ', ' : ' '
}

const directives = pick('', '', ' @d', ' @d(x: 1) @e')
const described = pick('', '', '"text" ', '"""block""" ', '# comment\n', '# one\n# two\n"d" # three\n')
const variables = maybe(
  fc
    .tuple(name, type, maybe(literal.map((value) => ` = ${value}`)), directives)
    .map(([variable, of, value, d]) => `($${variable}: ${of}${value}${d})`),
)
const graphqlDefinition = fc.oneof(
  selections,
  fc
    .tuple(pick('query', 'mutation', 'subscription', '# c\nquery'), maybe(name), variables, directives, selections)
    .map((parts) => parts.join(' ')),
  fc
    .tuple(name, variables, name, directives, selections)
    .map(([fragment, vars, on, d, set]) => `fragment ${fragment} ${vars} on ${on}${d} ${set}`),
)
const inputValue = fc
  .tuple(described, name, type, maybe(literal.map((value) => ` = ${value}`)), directives)
  .map(([text, key, of, value, d]) => `${text}${key}: ${of}${value}${d}`)
const fieldDefinition = fc
  .tuple(described, name, maybe(inputValue.map((value) => `(${value})`)), type, directives)
  .map(([text, key, given, of, d]) => `${text}${key}${given}: ${of}${d}`)
const braced = (item: Arbitrary<string>) =>
  fc.array(item, { maxLength: 3 }).map((list) => (list.length === 0 ? '' : ` {\n${list.join('\n')} # end\n}`))
const implemented = pick('', '', ' implements A', ' implements & A & B')
const typeDefinition = fc.oneof(
  fc
    .tuple(pick('type', 'interface'), name, implemented, directives, braced(fieldDefinition))
    .map(([kind, key, interfaces, d, fields]) => `${kind} ${key}${interfaces}${d}${fields}`),
  fc.tuple(name, directives, braced(inputValue)).map(([key, d, fields]) => `input ${key}${d}${fields}`),
  fc.tuple(name, directives, pick('', ' = A', ' = | A | B', ' = A | A')).map((parts) => `union ${parts.join('')}`),
  fc
    .tuple(
      name,
      directives,
      braced(fc.tuple(described, pick('A', 'B', 'true'), directives).map((parts) => parts.join(''))),
    )
    .map((parts) => `enum ${parts.join('')}`),
  fc.tuple(name, directives).map((parts) => `scalar ${parts.join('')}`),
)
const schemaDefinition = fc
  .tuple(directives, pick('', ' { query: T }', ' { query: T mutation: a }'))
  .map((parts) => `schema${parts.join('')}`)
const graphqlSchemaDefinition = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(described, typeDefinition).map((parts) => parts.join('')) },
  { weight: 2, arbitrary: fc.oneof(typeDefinition, schemaDefinition).map((definition) => `extend ${definition}`) },
  fc.tuple(described, schemaDefinition).map((parts) => parts.join('')),
  fc
    .tuple(
      described,
      name,
      maybe(inputValue.map((value) => `(${value})`)),
      pick('', ' repeatable'),
      pick('FIELD', '| OBJECT | SCALAR', 'NOWHERE'),
    )
    .map(([text, key, given, again, on]) => `${text}directive @${key}${given}${again} on ${on}`),
)
const graphqlText = joined(fc.oneof({ weight: 9, arbitrary: graphqlDefinition }, pick('{', '}', '"')), 0, 2, ' ')
const graphqlSchemaWords = joined(
  fc.oneof({ weight: 12, arbitrary: graphqlSchemaDefinition }, pick('{', '"x"')),
  0,
  3,
  '\n',
)

const graphqlField = pick(
  'a',
  'b',
  'c { a }',
  'd(x: 1)',
  'd',
  '__typename',
  'x: a',
  '...F',
  '... on T { a }',
  '... on Q { b }',
  'a @include(if: true)',
  'e',
  'c',
  'a(x: 1)',
  'd(x: "s")',
  'd(x: $v)',
  'f(e: A)',
  'f(e: Z)',
  'g(i: {n: 1})',
  'g(i: {z: 1})',
  'u { ... on T { a } }',
  '__schema { types { name } }',
)
const graphqlQuery = fc
  .tuple(
    pick('', 'query', 'query N', 'query ($v: Int)', 'mutation', 'query ($v: Int!)', 'query ($v: Nope)'),
    joined(graphqlField, 1, 3, ' '),
    pick('', ' fragment F on Q { a }', ' fragment F on T { a }', ' query Other { a }'),
  )
  .map(([start, fields, end]) => `${start} { ${fields} }${end}`)
const graphqlSchemaText = pick(
  'type Q { a: Int b: String c: T d(x: Int): Int e: [Int!]! f(e: E): Int g(i: I): Int u: U } type T { a: Int } enum E { A B } input I { n: Int } union U = T | Q schema { query: Q }',
  'type Query { a: Int b: String c: T d(x: Int!): Int } type T { a: Int }',
  'schema { query: Q mutation: Q } type Q { a: Int c: Q d(x: Int = 2): Int }',
  'type Q { a: Nope } schema { query: Q }',
)

export const graphqlArguments: Readonly<Record<string, Arguments>> = {
  'graphql.parse_query': args(graphqlText),
  'graphql.parse_schema': args(graphqlSchemaWords),
  'graphql.schema_is_valid': args(graphqlSchemaWords),
  'graphql.is_valid': args(graphqlQuery, graphqlSchemaText),
}
