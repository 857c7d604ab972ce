/** The nouns that travel: user, leaf, registration. */
import type { ResourceId, Token, UserId } from './ids.ts'
import type { Json } from './json.ts'

/** A flat map of strings. `purpose` is always there; `""` and unknown values are legal and reach the rules. */
export type Context = Readonly<Record<string, string>>

export type User = {
  readonly id: UserId
  /** false: the account is suspended. The user rule of the organisation decides what that means. */
  readonly active: boolean
  readonly roles: readonly string[]
  readonly attributes: Readonly<Record<string, Json>>
}

/** One readable item. `mediaType` picks the format, `recordType` names what a record is (for the predecessor's clients a Java class). */
export type Leaf = {
  readonly id: ResourceId
  readonly mediaType: string
  readonly recordType: string
  readonly attributes: Readonly<Record<string, string>>
  readonly product?: string
  /** Fields by contract, where the leaf has one: JSON pointer → classification. */
  readonly fields?: readonly { readonly path: string; readonly classification: string }[]
}

/** What a token names. Times are milliseconds since the epoch. */
export type Registration = {
  readonly token: Token
  readonly owner: UserId
  readonly resource: ResourceId
  readonly context: Context
  readonly registeredAt: number
  readonly expiresAt: number
}

/** Headers a client sent on registration that the configuration lets ride along (`traceparent` by default), lower-case names. */
export type Extras = Readonly<Record<string, string>>

/** Where the bytes of a leaf lie: `root` is the configured folder, bucket or base, `path` the relative path below it. Never leaves the process. */
export type Place = { readonly scheme: string; readonly root: string; readonly path: string }
