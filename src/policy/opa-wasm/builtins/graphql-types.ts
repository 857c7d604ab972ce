/** Types of fields and arguments in GraphQL trees. */
import { getKey, type RegoObject, type Value } from '../value.ts'
import { text } from './graphql-document.ts'

export function isRequired(argument: RegoObject): boolean {
  return isNonNull(getKey(argument, 'Type')) && getKey(argument, 'DefaultValue') === undefined
}

export function isNonNull(type: Value | undefined): boolean {
  return type !== undefined && getKey(type as RegoObject, 'NonNull') === true
}

export function elem(type: Value | undefined): Value | undefined {
  return type === undefined ? undefined : getKey(type as RegoObject, 'Elem')
}

export function isCompatible(type: Value | undefined, other: Value | undefined): boolean {
  if (text(type, 'NamedType') !== text(other, 'NamedType')) return false
  if (elem(type) !== undefined && !isCompatible(elem(type), elem(other))) return false
  return !isNonNull(other) || isNonNull(type)
}

export function typeName(parent: RegoObject): string {
  let type = getKey(parent, 'Type')
  while (text(type, 'NamedType') === '' && elem(type) !== undefined) type = elem(type)
  return text(type, 'NamedType')
}
