/** The shapes of the trees that OPA's GraphQL parser makes, by which a tree that a policy gives is read: unknown members go, missing ones get their defaults. */
import { getKey, isArray, isNumber, isObject, type Value } from '../value.ts'
import { BuiltinError } from './builtin.ts'
import { node } from './graphql-tokens.ts'

type Shape = 'string' | 'boolean' | 'number' | readonly ['list', Shape] | readonly ['node', string]

const list = (of: Shape): Shape => ['list', of]
const tree = (name: string): Shape => ['node', name]

const described = {
  Description: 'string',
  BeforeDescriptionComment: tree('Comments'),
  AfterDescriptionComment: tree('Comments'),
} as const
const argument = {
  ...described,
  Name: 'string',
  DefaultValue: tree('Value'),
  Type: tree('Type'),
  Directives: list(tree('Directive')),
} as const
const selection = { SelectionSet: list(tree('Field')), Directives: list(tree('Directive')) } as const
const comment = { Comment: tree('Comments') } as const

const shapes: Readonly<Record<string, Readonly<Record<string, Shape>>>> = {
  Query: { Operations: list(tree('Operation')), Fragments: list(tree('Fragment')), ...comment },
  Operation: {
    Operation: 'string',
    Name: 'string',
    VariableDefinitions: list(tree('Variable')),
    ...selection,
  },
  Variable: {
    Variable: 'string',
    Type: tree('Type'),
    DefaultValue: tree('Value'),
    Directives: list(tree('Directive')),
    Used: 'boolean',
    ...comment,
  },
  Fragment: {
    Name: 'string',
    VariableDefinition: list(tree('Variable')),
    TypeCondition: 'string',
    ...selection,
  },
  // OPA reads every selection of a given tree as a field: what a fragment has besides is lost.
  Field: { Alias: 'string', Name: 'string', Arguments: list(tree('Argument')), ...selection },
  Argument: { Name: 'string', Value: tree('Value'), ...comment },
  Value: {
    Raw: 'string',
    Children: list(tree('Argument')),
    Kind: 'number',
    ExpectedTypeHasDefault: 'boolean',
    ...comment,
  },
  Type: { NamedType: 'string', Elem: tree('Type'), NonNull: 'boolean' },
  Directive: { Name: 'string', Arguments: list(tree('Argument')), Location: 'string' },
  Comments: { List: list(tree('Comment')) },
  Comment: { Value: 'string' },
  Schema: {
    Schema: list(tree('SchemaDefinition')),
    SchemaExtension: list(tree('SchemaDefinition')),
    Directives: list(tree('DirectiveDefinition')),
    Definitions: list(tree('Definition')),
    Extensions: list(tree('Definition')),
    ...comment,
  },
  SchemaDefinition: {
    ...described,
    Directives: list(tree('Directive')),
    OperationTypes: list(tree('OperationType')),
    EndOfDefinitionComment: tree('Comments'),
  },
  OperationType: { Operation: 'string', Type: 'string', ...comment },
  DirectiveDefinition: {
    ...described,
    Name: 'string',
    Arguments: list(tree('ArgumentDefinition')),
    Locations: list('string'),
    IsRepeatable: 'boolean',
  },
  Definition: {
    ...described,
    Kind: 'string',
    Name: 'string',
    Directives: list(tree('Directive')),
    Interfaces: list('string'),
    Fields: list(tree('FieldDefinition')),
    Types: list('string'),
    EnumValues: list(tree('EnumValue')),
    BuiltIn: 'boolean',
    EndOfDefinitionComment: tree('Comments'),
  },
  FieldDefinition: { ...argument, Arguments: list(tree('ArgumentDefinition')) },
  ArgumentDefinition: argument,
  EnumValue: { ...described, Name: 'string', Directives: list(tree('Directive')) },
}

/** @throws BuiltinError where a member has the wrong type */
export function readTree(value: Value, shape: 'Query' | 'Schema'): Value {
  return read(value, ['node', shape])!
}

function read(value: Value | undefined, shape: Shape): Value | undefined {
  if (value === undefined || value === null) return defaultOf(shape)
  switch (shape) {
    case 'string':
      return typeof value === 'string' ? value : mismatch()
    case 'boolean':
      return typeof value === 'boolean' ? value : mismatch()
    case 'number':
      return isNumber(value) ? value : mismatch()
    default: {
      const [kind, of] = shape
      if (kind === 'list') return isArray(value) ? value.map((item) => read(item, of as Shape) ?? null) : mismatch()
      return isObject(value) ? readNode(value, of as string) : mismatch()
    }
  }
}

function readNode(value: Value, name: string): Value {
  const members: Record<string, Value | undefined> = {}
  for (const [member, shape] of Object.entries(shapes[name]!)) {
    members[member] = read(isObject(value) ? getKey(value, member) : undefined, shape)
  }
  return node(members)
}

function defaultOf(shape: Shape): Value | undefined {
  if (shape === 'string') return ''
  if (shape === 'boolean') return false
  return shape === 'number' ? 0 : undefined
}

function mismatch(): never {
  throw new BuiltinError('not a GraphQL tree')
}
