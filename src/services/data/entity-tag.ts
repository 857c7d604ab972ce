/** Names what a user is given of a leaf: another tag wherever source, policy, user, context or the shape of the answer are others. */
import { createHmac } from 'node:crypto'
import type { Json } from '../../domain/json.ts'
import type { EntityTags } from '../api.ts'
import type { Access } from './authorize.ts'

export type Shape = {
  readonly mediaType: string
  readonly columns: readonly string[] | undefined
  readonly limit: number | undefined
}

/** Keyed, because what goes into it could be guessed: the size of a source that nobody may see whole, say. Undefined where the source has no version. */
export function entityTagOf(
  key: Uint8Array,
  { user, registration, leaf, revision }: Access,
  version: string | undefined,
  { mediaType, columns, limit }: Shape,
): string | undefined {
  if (version === undefined) return undefined
  const { id, active, roles, attributes } = user
  const parts: readonly unknown[] = [
    version,
    revision,
    id,
    active,
    roles,
    sorted(attributes),
    registration.resource,
    sorted(registration.context),
    leaf.id,
    leaf.mediaType,
    leaf.recordType,
    leaf.product ?? null,
    sorted(leaf.attributes),
    leaf.fields?.map(({ path, classification }) => [path, classification]) ?? null,
    mediaType,
    columns ?? null,
    limit ?? null,
  ]
  return createHmac('sha256', key).update(JSON.stringify(parts, exact)).digest('base64url').slice(0, 27)
}

export function names(tags: EntityTags, etag: string | undefined): boolean {
  return etag !== undefined && (tags === '*' || tags.includes(etag))
}

/** Stores need not keep the order of an object's members. */
function sorted(members: Readonly<Record<string, Json>>): readonly (readonly [string, Json])[] {
  return Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1))
}

function exact(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}
