/** PORT: the only folder that knows OPA. Synchronous and total: anything unexpected is a denial with a reason. */
import type { Decision } from '../domain/decision.ts'
import type { ResourceId, Revision } from '../domain/ids.ts'
import type { RecordPolicy, RecordSchema } from '../domain/record-policy.ts'
import type { Context, Leaf, User } from '../domain/records.ts'

/** `now` is milliseconds since the epoch, fixed for a read; rules see it as `input.now` in milliseconds. */
export type UserQuery = {
  readonly user: User
  readonly context: Context
  readonly resource: ResourceId
  readonly now: number
}
export type LeafQuery = { readonly user: User; readonly context: Context; readonly leaf: Leaf; readonly now: number }

export interface PolicyEngine extends Disposable {
  readonly revision: Revision
  /** Whether records can be decided the quick way; false: each is evaluated whole, since the bundle says nothing of what its policies depend on. */
  readonly fast: boolean
  decideUser(query: UserQuery): Decision
  decideResource(query: LeafQuery): Decision
  /** Resolves the layers and proves what it can, once a read. @throws mask.path_unknown, mask.not_expressible when a mask is known beforehand; by-record masks throw at `decide` */
  prepare(query: LeafQuery, schema: RecordSchema): RecordPolicy
}
