/** The documents that the entrypoints are fed, as text: members without the outer braces, so that record, facts and layers can be appended. */
import type { Json } from '../../domain/json.ts'
import type { Context, Leaf, User } from '../../domain/records.ts'
import type { LeafQuery, UserQuery } from '../policy-engine.ts'
import { printJson } from './json-text.ts'

/** @throws policy.input_invalid, policy.limit */
export function userInput({ user, context, resource, now }: UserQuery): string {
  return `{${membersOf(user, context)},"request":${printJson({ resource })},"now":${printJson(now)}}`
}

/** Without `now`. */
export function leafMembers({ user, context, leaf }: LeafQuery): string {
  return `${membersOf(user, context)},"resource":${printJson(resourceOf(leaf))}`
}

/** All that `leafMembers` says, but for the resource's id. */
export function membersButId({ user, context, leaf }: LeafQuery): string {
  return `${membersOf(user, context)},"resource":${printJson({ ...resourceOf(leaf), id: null })}`
}

/** What a fact's other side is looked up in. */
export function requestOf({ user, context, leaf }: LeafQuery): Json {
  return { user: userOf(user), context, resource: resourceOf(leaf) }
}

function membersOf(user: User, context: Context): string {
  return `"user":${printJson(userOf(user))},"context":${printJson(context)}`
}

function userOf({ id, active, roles, attributes }: User): Json {
  return { id, active, roles, attributes }
}

function resourceOf({ id, recordType, mediaType, attributes, product, fields }: Leaf): {
  readonly [key: string]: Json
} {
  return {
    id,
    type: recordType,
    format: mediaType,
    attributes,
    ...(product === undefined ? {} : { product }),
    ...(fields === undefined ? {} : { fields: fields.map(({ path, classification }) => ({ path, classification })) }),
  }
}
