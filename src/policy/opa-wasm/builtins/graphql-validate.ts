/** Checks GraphQL schemas and queries against each other, by the rules that OPA's parser has. */
import type { ASTVisitor, GraphQLSchema, ValidationContext, ValidationRule } from 'graphql'
import type { Value } from '../value.ts'
import { BuiltinError } from './builtin.ts'
import { children, queryDocument, schemaDocument, text } from './graphql-document.ts'
import { parseSchema } from './graphql-schema.ts'
import { checkSchema } from './graphql-schema-check.ts'
import { graphqlLibrary, node } from './graphql-tokens.ts'

/** What every schema has: the library that validates queries brings all of it but `@defer`. */
const preludeText = `
scalar Int scalar Float scalar String scalar Boolean scalar ID
directive @defer(if: Boolean = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @include(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @deprecated(reason: String = "No longer supported") on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE
directive @specifiedBy(url: String!) on SCALAR
directive @oneOf on INPUT_OBJECT
type __Schema { description: String types: [__Type!]! queryType: __Type! mutationType: __Type subscriptionType: __Type directives: [__Directive!]! }
type __Type { kind: __TypeKind! name: String description: String specifiedByURL: String fields(includeDeprecated: Boolean = false): [__Field!] interfaces: [__Type!] possibleTypes: [__Type!] enumValues(includeDeprecated: Boolean = false): [__EnumValue!] inputFields(includeDeprecated: Boolean = false): [__InputValue!] ofType: __Type isOneOf: Boolean }
enum __TypeKind { SCALAR OBJECT INTERFACE UNION ENUM INPUT_OBJECT LIST NON_NULL }
type __Field { name: String! description: String args(includeDeprecated: Boolean = false): [__InputValue!]! type: __Type! isDeprecated: Boolean! deprecationReason: String }
type __InputValue { name: String! description: String type: __Type! defaultValue: String isDeprecated: Boolean! deprecationReason: String }
type __EnumValue { name: String! description: String isDeprecated: Boolean! deprecationReason: String }
type __Directive { name: String! description: String isRepeatable: Boolean! locations: [__DirectiveLocation!]! args(includeDeprecated: Boolean = false): [__InputValue!]! }
enum __DirectiveLocation { QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD INLINE_FRAGMENT VARIABLE_DEFINITION SCHEMA SCALAR OBJECT FIELD_DEFINITION ARGUMENT_DEFINITION INTERFACE UNION ENUM ENUM_VALUE INPUT_OBJECT INPUT_FIELD_DEFINITION }
`

let prelude: Value | undefined

/** The schema's tree, its extensions merged. @throws BuiltinError */
export function checkedSchema(tree: Value): Value {
  prelude ??= parseSchema(preludeText)
  return checkSchema(tree, prelude)
}

/** `schema` comes from `checkedSchema`. @throws BuiltinError with the first of the errors */
export function validateQuery(schema: Value, query: Value): void {
  const { validate } = graphqlLibrary()
  const [first] = attempt(() => validate(buildSchema(schema), queryDocument(query), rules()))
  if (first !== undefined) throw new BuiltinError(first.message.replace(/\.$/, ''))
}

/** A tree that a policy made up can be one that the library trips over. */
function attempt<Result>(run: () => Result): Result {
  try {
    return run()
  } catch (cause) {
    if (cause instanceof BuiltinError) throw cause
    throw new BuiltinError('the GraphQL trees are not valid', 'eval_builtin_error', { cause })
  }
}

function buildSchema(tree: Value): GraphQLSchema {
  const { buildASTSchema } = graphqlLibrary()
  const definitions = children(tree, 'Definitions').filter((definition) => !text(definition, 'Name').startsWith('__'))
  const own = node({
    Schema: children(tree, 'Schema'),
    SchemaExtension: children(tree, 'SchemaExtension'),
    Directives: children(tree, 'Directives'),
    Definitions: definitions,
  })
  // The checks above have accepted it; the library's own are stricter.
  return buildASTSchema(schemaDocument(own), { assumeValid: true, assumeValidSDL: true })
}

function rules(): readonly ValidationRule[] {
  const { specifiedRules } = graphqlLibrary()
  return [...specifiedRules, knownRootType]
}

function knownRootType(context: ValidationContext): ASTVisitor {
  const { GraphQLError } = graphqlLibrary()
  return {
    OperationDefinition(operation) {
      if (context.getSchema().getRootType(operation.operation) != null) return
      context.reportError(new GraphQLError(`Schema does not support operation type "${operation.operation}"`))
    },
  }
}
