/** May this token's owner read this leaf now? Asked at the start of a read and again while it runs. */
import type { ResourceCatalogue } from '../../catalogue/resource-catalogue.ts'
import type { UserDirectory } from '../../directory/user-directory.ts'
import type { Reason } from '../../domain/decision.ts'
import { type ErrorCode, PortcullisError } from '../../domain/errors.ts'
import type { ResourceId, Revision, Token, UserId } from '../../domain/ids.ts'
import type { Leaf, Place, Registration, User } from '../../domain/records.ts'
import { covers } from '../../domain/resource-id.ts'
import type { PolicyEngine } from '../../policy/policy-engine.ts'
import type { TokenStore } from '../../tokens/token-store.ts'

export type AuthorizeDeps = {
  readonly tokens: TokenStore
  readonly directory: UserDirectory
  readonly catalogue: ResourceCatalogue
  readonly engine: () => PolicyEngine
  readonly now: () => number
}

export type Access = {
  readonly registration: Registration
  readonly user: User
  readonly leaf: Leaf
  readonly place: Place
  readonly engine: PolicyEngine
  readonly revision: Revision
}

/** Filled in as it goes: what the audit log can say of a read that is refused. */
export type Seen = {
  registration?: Registration
  revision?: Revision
  /** Of a permit, what rules marked for the audit log. */
  marked?: readonly Reason[]
}

/** @throws PortcullisError; what denies carries `reasons` for the audit log, while the caller learns the same of a withheld leaf as of an unknown one */
export async function authorize(
  deps: AuthorizeDeps,
  input: { readonly token: Token; readonly owner: UserId; readonly leaf: ResourceId },
  seen: Seen = {},
): Promise<Access> {
  const registration = await deps.tokens.find(input.token, input.owner)
  seen.registration = registration
  const grant = await deps.tokens.findGrant(input.token, input.leaf)
  // a grant for a leaf outside what was asked for can only come from a forged message
  if (!covers(registration.resource, grant.leaf.id)) throw new PortcullisError('grant.unknown')
  const user = await deps.directory.find(registration.owner)
  const engine = deps.engine()
  seen.revision = engine.revision
  const now = deps.now()
  const { context } = registration
  const userDecision = engine.decideUser({ user, context, resource: registration.resource, now })
  if (userDecision.effect === 'deny') throw denied('user.denied', userDecision.reasons)
  const { leaf, place } = await deps.catalogue.locate(grant.leaf.id).catch((thrown: unknown) => {
    // a granted leaf that went away: its owner may know that
    if (thrown instanceof PortcullisError && thrown.code === 'resource.unknown')
      throw new PortcullisError('source.not_found', { cause: thrown })
    throw thrown
  })
  const leafDecision = engine.decideResource({ user, context, leaf, now })
  if (leafDecision.effect === 'deny') throw denied('grant.unknown', leafDecision.reasons)
  // the user rules are part of the leaf's decision
  if (leafDecision.reasons !== undefined) seen.marked = leafDecision.reasons
  return { registration, user, leaf, place, engine, revision: engine.revision }
}

export function denied(code: ErrorCode, reasons: readonly Reason[]): PortcullisError {
  return Object.assign(new PortcullisError(code), { reasons })
}
