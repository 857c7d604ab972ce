/** May this user see this leaf for this purpose? resource → rule. A denied leaf travels on as withheld. */
import type { Reason } from '../../domain/decision.ts'
import type { AuditEvents } from '../../pipeline/audit-events.ts'
import type { Stage } from '../../pipeline/stage.ts'
import type { PolicyEngine } from '../../policy/policy-engine.ts'

export type PolicyStageDeps = {
  readonly engine: () => PolicyEngine
  readonly events: AuditEvents
  readonly now: () => number
}

export function createPolicyStage(deps: PolicyStageDeps): Stage<'resource', 'rule'> {
  return {
    name: 'policy',
    consumes: 'resource',
    produces: 'rule',
    async *handle(items, { token, audit }) {
      const engine = deps.engine()
      for (const { index, body } of items) {
        const { user, context, leaf } = body
        const decision = engine.decideResource({ user, context, leaf, now: deps.now() })
        if (decision.effect === 'permit') yield { kind: 'data', index, body: { ...body, revision: decision.revision } }
        else {
          const reasons: readonly Reason[] = decision.reasons
          audit(
            deps.events.once('leaf.withheld', token, index, {
              userId: body.userId,
              resourceId: body.resourceId,
              leafId: leaf.id,
              context,
              decision: 'deny',
              reasons,
              revision: decision.revision,
            }),
          )
          yield { kind: 'withheld', index, reasons }
        }
      }
    },
  }
}
