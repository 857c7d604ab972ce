/** From OPA's GraphQL trees to those of the library that validates them. */
import type {
  ArgumentNode,
  ConstDirectiveNode,
  ConstValueNode,
  DefinitionNode,
  DirectiveNode,
  DocumentNode,
  EnumValueDefinitionNode,
  FieldDefinitionNode,
  InputValueDefinitionNode,
  ListTypeNode,
  NamedTypeNode,
  NameNode,
  ObjectFieldNode,
  OperationTypeNode,
  SelectionNode,
  SelectionSetNode,
  TypeNode,
  ValueNode,
  VariableDefinitionNode,
} from 'graphql'
import { getKey, isArray, isObject, type RegoObject, type Value } from '../value.ts'
import { BuiltinError } from './builtin.ts'
import { graphqlLibrary, valueKinds } from './graphql-tokens.ts'

export function queryDocument(tree: Value): DocumentNode {
  const { Kind } = graphqlLibrary()
  const operations = children(tree, 'Operations').map(
    (operation): DefinitionNode => ({
      kind: Kind.OPERATION_DEFINITION,
      operation: (text(operation, 'Operation') || 'query') as OperationTypeNode,
      ...(text(operation, 'Name') === '' ? {} : { name: name(text(operation, 'Name')) }),
      variableDefinitions: children(operation, 'VariableDefinitions').map(variableDefinition),
      directives: directives(operation),
      selectionSet: selectionSet(operation),
    }),
  )
  const fragments = children(tree, 'Fragments').map(
    (fragment): DefinitionNode => ({
      kind: Kind.FRAGMENT_DEFINITION,
      name: name(text(fragment, 'Name')),
      typeCondition: namedType(text(fragment, 'TypeCondition')),
      directives: directives(fragment),
      selectionSet: selectionSet(fragment),
    }),
  )
  return { kind: Kind.DOCUMENT, definitions: [...operations, ...fragments] }
}

/** Extensions must have been merged into definitions before. */
export function schemaDocument(tree: Value): DocumentNode {
  const { Kind } = graphqlLibrary()
  const schemas = [...children(tree, 'Schema'), ...children(tree, 'SchemaExtension')].map(
    (schema, index): DefinitionNode => ({
      kind: index < children(tree, 'Schema').length ? Kind.SCHEMA_DEFINITION : Kind.SCHEMA_EXTENSION,
      operationTypes: children(schema, 'OperationTypes').map((type) => ({
        kind: Kind.OPERATION_TYPE_DEFINITION,
        operation: text(type, 'Operation') as OperationTypeNode,
        type: namedType(text(type, 'Type')),
      })),
    }),
  )
  const directiveDefinitions = children(tree, 'Directives').map(
    (directive): DefinitionNode => ({
      kind: Kind.DIRECTIVE_DEFINITION,
      name: name(text(directive, 'Name')),
      arguments: children(directive, 'Arguments').map(inputValue),
      repeatable: getKey(directive, 'IsRepeatable') === true,
      locations: strings(directive, 'Locations').map(name),
    }),
  )
  const definitions = children(tree, 'Definitions').map(typeDefinition)
  return { kind: Kind.DOCUMENT, definitions: [...schemas, ...directiveDefinitions, ...definitions] }
}

function typeDefinition(definition: RegoObject): DefinitionNode {
  const { Kind } = graphqlLibrary()
  const shared = { name: name(text(definition, 'Name')), directives: constantDirectives(definition) }
  const fields = children(definition, 'Fields')
  const interfaces = strings(definition, 'Interfaces').map(namedType)
  switch (text(definition, 'Kind')) {
    case 'SCALAR':
      return { kind: Kind.SCALAR_TYPE_DEFINITION, ...shared }
    case 'OBJECT':
      return { kind: Kind.OBJECT_TYPE_DEFINITION, ...shared, interfaces, fields: fields.map(fieldDefinition) }
    case 'INTERFACE':
      return { kind: Kind.INTERFACE_TYPE_DEFINITION, ...shared, interfaces, fields: fields.map(fieldDefinition) }
    case 'UNION':
      return { kind: Kind.UNION_TYPE_DEFINITION, ...shared, types: strings(definition, 'Types').map(namedType) }
    case 'ENUM': {
      const values = children(definition, 'EnumValues').map(
        (value): EnumValueDefinitionNode => ({ kind: Kind.ENUM_VALUE_DEFINITION, name: name(text(value, 'Name')) }),
      )
      return { kind: Kind.ENUM_TYPE_DEFINITION, ...shared, values }
    }
    case 'INPUT_OBJECT':
      return { kind: Kind.INPUT_OBJECT_TYPE_DEFINITION, ...shared, fields: fields.map(inputValue) }
    default:
      throw new BuiltinError('not a GraphQL tree')
  }
}

function fieldDefinition(field: RegoObject): FieldDefinitionNode {
  return {
    kind: graphqlLibrary().Kind.FIELD_DEFINITION,
    name: name(text(field, 'Name')),
    arguments: children(field, 'Arguments').map(inputValue),
    type: typeOf(field),
  }
}

function inputValue(value: RegoObject): InputValueDefinitionNode {
  const standard = getKey(value, 'DefaultValue')
  return {
    kind: graphqlLibrary().Kind.INPUT_VALUE_DEFINITION,
    name: name(text(value, 'Name')),
    type: typeOf(value),
    ...(standard === undefined ? {} : { defaultValue: constantValue(standard) }),
  }
}

function variableDefinition(variable: RegoObject): VariableDefinitionNode {
  const { Kind } = graphqlLibrary()
  const standard = getKey(variable, 'DefaultValue')
  return {
    kind: Kind.VARIABLE_DEFINITION,
    variable: { kind: Kind.VARIABLE, name: name(text(variable, 'Variable')) },
    type: typeOf(variable),
    ...(standard === undefined ? {} : { defaultValue: constantValue(standard) }),
    directives: constantDirectives(variable),
  }
}

function selectionSet(parent: RegoObject): SelectionSetNode {
  return {
    kind: graphqlLibrary().Kind.SELECTION_SET,
    selections: children(parent, 'SelectionSet').map(selectionNode),
  }
}

/** A field has an alias, an inline fragment a type condition, a spread neither. */
function selectionNode(selection: RegoObject): SelectionNode {
  const { Kind } = graphqlLibrary()
  const alias = getKey(selection, 'Alias')
  const condition = getKey(selection, 'TypeCondition')
  if (alias !== undefined) {
    const hasSelections = children(selection, 'SelectionSet').length > 0
    return {
      kind: Kind.FIELD,
      name: name(text(selection, 'Name')),
      ...(alias === getKey(selection, 'Name') ? {} : { alias: name(text(selection, 'Alias')) }),
      arguments: args(selection),
      directives: directives(selection),
      ...(hasSelections ? { selectionSet: selectionSet(selection) } : {}),
    }
  }
  if (condition === undefined) {
    return { kind: Kind.FRAGMENT_SPREAD, name: name(text(selection, 'Name')), directives: directives(selection) }
  }
  return {
    kind: Kind.INLINE_FRAGMENT,
    ...(condition === '' ? {} : { typeCondition: namedType(text(selection, 'TypeCondition')) }),
    directives: directives(selection),
    selectionSet: selectionSet(selection),
  }
}

function args(parent: RegoObject): readonly ArgumentNode[] {
  return children(parent, 'Arguments').map((argument) => ({
    kind: graphqlLibrary().Kind.ARGUMENT,
    name: name(text(argument, 'Name')),
    value: valueNode(getKey(argument, 'Value')),
  }))
}

function directives(parent: RegoObject): readonly DirectiveNode[] {
  return children(parent, 'Directives').map((directive) => ({
    kind: graphqlLibrary().Kind.DIRECTIVE,
    name: name(text(directive, 'Name')),
    arguments: args(directive),
  }))
}

function valueNode(value: Value | undefined): ValueNode {
  const { Kind } = graphqlLibrary()
  const raw = text(value, 'Raw')
  const member = isObject(value ?? null) ? (getKey(value as RegoObject, 'Kind') ?? 0) : undefined
  switch (member) {
    case valueKinds.variable:
      return { kind: Kind.VARIABLE, name: name(raw) }
    case valueKinds.int:
      return { kind: Kind.INT, value: raw }
    case valueKinds.float:
      return { kind: Kind.FLOAT, value: raw }
    case valueKinds.string:
    case valueKinds.block:
      return { kind: Kind.STRING, value: raw }
    case valueKinds.boolean:
      return { kind: Kind.BOOLEAN, value: raw === 'true' }
    case valueKinds.null:
      return { kind: Kind.NULL }
    case valueKinds.enum:
      return { kind: Kind.ENUM, value: raw }
    case valueKinds.list:
      return { kind: Kind.LIST, values: children(value, 'Children').map((item) => valueNode(getKey(item, 'Value'))) }
    case valueKinds.object: {
      const fields = children(value, 'Children').map(
        (item): ObjectFieldNode => ({
          kind: Kind.OBJECT_FIELD,
          name: name(text(item, 'Name')),
          value: valueNode(getKey(item, 'Value')),
        }),
      )
      return { kind: Kind.OBJECT, fields }
    }
    default:
      throw new BuiltinError('not a GraphQL tree')
  }
}

function typeOf(parent: RegoObject): TypeNode {
  return typeNode(getKey(parent, 'Type'))
}

function typeNode(type: Value | undefined): TypeNode {
  const { Kind } = graphqlLibrary()
  if (type === undefined || !isObject(type)) throw new BuiltinError('not a GraphQL tree')
  const named = text(type, 'NamedType')
  const inner: NamedTypeNode | ListTypeNode =
    named === '' ? { kind: Kind.LIST_TYPE, type: typeNode(getKey(type, 'Elem')) } : namedType(named)
  return getKey(type, 'NonNull') === true ? { kind: Kind.NON_NULL_TYPE, type: inner } : inner
}

function namedType(value: string): NamedTypeNode {
  return { kind: graphqlLibrary().Kind.NAMED_TYPE, name: name(value) }
}

function name(value: string): NameNode {
  return { kind: graphqlLibrary().Kind.NAME, value }
}

/** That no variable is in it has been checked where it was parsed. */
function constantValue(value: Value): ConstValueNode {
  return valueNode(value) as ConstValueNode
}

function constantDirectives(parent: RegoObject): readonly ConstDirectiveNode[] {
  return directives(parent) as readonly ConstDirectiveNode[]
}

export function text(parent: Value | undefined, member: string): string {
  const value = parent !== undefined && isObject(parent) ? getKey(parent, member) : undefined
  return typeof value === 'string' ? value : ''
}

export function strings(parent: Value | undefined, member: string): readonly string[] {
  const value = parent !== undefined && isObject(parent) ? getKey(parent, member) : undefined
  return value !== undefined && isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

export function children(parent: Value | undefined, member: string): readonly RegoObject[] {
  const value = parent !== undefined && isObject(parent) ? getKey(parent, member) : undefined
  return value !== undefined && isArray(value) ? value.filter(isObject) : []
}
