/** A GraphQL schema's definitions by name, its extensions merged into them. */
import { getKey, type RegoObject, type Value } from '../value.ts'
import { BuiltinError } from './builtin.ts'
import { children, strings, text } from './graphql-document.ts'
import { node } from './graphql-tokens.ts'

export type Definition = {
  readonly kind: string
  readonly name: string
  readonly isBuiltin: boolean
  readonly directives: readonly RegoObject[]
  readonly interfaces: readonly string[]
  readonly fields: readonly RegoObject[]
  readonly types: readonly string[]
  readonly enumValues: readonly RegoObject[]
}

export type Types = ReadonlyMap<string, Definition>
export type Directives = ReadonlyMap<string, RegoObject>

/** Directives that a schema may define again: the definition that is known already stays. */
const redefinable = new Set(['include', 'skip', 'deprecated', 'specifiedBy', 'defer', 'oneOf'])

export function invalid(message: string): never {
  throw new BuiltinError(`Error in gqlparser SchemaDocument to Schema conversion: ${message}`)
}

function definitionOf(tree: RegoObject, isBuiltin: boolean): Definition {
  return {
    kind: text(tree, 'Kind'),
    name: text(tree, 'Name'),
    isBuiltin: isBuiltin || getKey(tree, 'BuiltIn') === true,
    directives: children(tree, 'Directives'),
    interfaces: strings(tree, 'Interfaces'),
    fields: children(tree, 'Fields'),
    types: strings(tree, 'Types'),
    enumValues: children(tree, 'EnumValues'),
  }
}

export function definitionTree(definition: Definition): Value {
  return node({
    Kind: definition.kind,
    Name: definition.name,
    Directives: definition.directives,
    Interfaces: definition.interfaces,
    Fields: definition.fields,
    Types: definition.types,
    EnumValues: definition.enumValues,
    BuiltIn: definition.isBuiltin,
  })
}

export function mergedTypes(prelude: Value, tree: Value): Types {
  const types = new Map<string, Definition>()
  const definitions = [
    ...children(prelude, 'Definitions').map((definition) => definitionOf(definition, true)),
    ...children(tree, 'Definitions').map((definition) => definitionOf(definition, false)),
  ]
  for (const definition of definitions) {
    if (types.has(definition.name)) invalid(`Cannot redeclare type ${definition.name}.`)
    types.set(definition.name, definition)
  }
  for (const extension of children(tree, 'Extensions').map((extension) => definitionOf(extension, false))) {
    const { name, kind } = extension
    const base = types.get(name) ?? definitionOf(node({ Kind: kind, Name: name }) as RegoObject, false)
    if (base.kind !== kind) {
      invalid(`Cannot extend type ${name} because the base type is a ${base.kind}, not ${kind}.`)
    }
    types.set(name, {
      ...base,
      directives: [...base.directives, ...extension.directives],
      interfaces: [...base.interfaces, ...extension.interfaces],
      fields: [...base.fields, ...extension.fields],
      types: [...base.types, ...extension.types],
      enumValues: [...base.enumValues, ...extension.enumValues],
    })
  }
  return types
}

export function mergedDirectives(prelude: Value, tree: Value): Directives {
  const directives = new Map<string, RegoObject>()
  for (const directive of [...children(prelude, 'Directives'), ...children(tree, 'Directives')]) {
    const name = text(directive, 'Name')
    if (directives.has(name) && !redefinable.has(name)) invalid(`Cannot redeclare directive ${name}.`)
    directives.set(name, directive)
  }
  return directives
}
