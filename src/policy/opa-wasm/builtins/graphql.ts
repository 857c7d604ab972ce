/** graphql.*: queries and schemas parsed and verified. */
import { emptyObject, isObject, type Value } from '../value.ts'
import { type Builtin, BuiltinError } from './builtin.ts'
import { parseQuery } from './graphql-query.ts'
import { parseSchema } from './graphql-schema.ts'
import { readTree } from './graphql-shapes.ts'
import { checkedSchema, validateQuery } from './graphql-validate.ts'
import { operand, operandTypeError, stringOperand } from './operands.ts'

export const graphqlBuiltins: Readonly<Record<string, Builtin>> = {
  'graphql.parse': (args) => verified(args),
  'graphql.parse_and_verify': (args) => orElse(() => [true, ...verified(args)], [false, emptyObject, emptyObject]),
  'graphql.parse_query': (args) => parseQuery(stringOperand(args, 1)),
  'graphql.parse_schema': (args) => parseSchema(stringOperand(args, 1)),
  'graphql.is_valid': (args) =>
    orElse(() => {
      verified(args)
      return true
    }, false),
  'graphql.schema_is_valid': (args) =>
    orElse(() => {
      checkedSchema(schemaOperand(args, 1))
      return true
    }, false),
}

/** The trees of a query that is valid for its schema. */
function verified(args: readonly Value[]): readonly [query: Value, schema: Value] {
  const query = operand(args, 1)
  const parsed = typeof query === 'string' ? parseQuery(query) : readTree(objectOrText(query, 1), 'Query')
  const schema = schemaOperand(args, 2)
  validateQuery(checkedSchema(schema), parsed)
  return [parsed, schema]
}

function schemaOperand(args: readonly Value[], position: number): Value {
  const schema = operand(args, position)
  return typeof schema === 'string' ? parseSchema(schema) : readTree(objectOrText(schema, position), 'Schema')
}

function objectOrText(value: Value, position: number): Value {
  if (!isObject(value)) throw operandTypeError(position, value, 'string', 'object')
  return value
}

function orElse(attempt: () => Value, otherwise: Value): Value {
  try {
    return attempt()
  } catch (error) {
    if (error instanceof BuiltinError) return otherwise
    throw error
  }
}
