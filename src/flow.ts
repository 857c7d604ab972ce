/**
 * READ FIRST: the services in pipeline order.
 *
 *   request   mints a token for what somebody asks for, and sends it on its way        src/services/request/
 *   user      who asks; may they ask at all?                       request → user      src/services/user/
 *   resource  the leaves below what was asked for, numbered        user → resource     src/services/resource/
 *   policy    may they see this leaf? else it is withheld          resource → rule     src/services/policy/
 *   masking   stores the grant, blanks the leaf's attributes       rule → masked-resource  src/services/masking/
 *   delivery  the token's ledger, which the client reads           masked-resource →   src/services/delivery/
 *   data      decides again, and passes the bytes through the guard                    src/services/data/
 *   audit     writes what happened                                 success, error →    src/services/audit/
 *
 * What travels is in `bus/topics.ts`; what runs a stage is `pipeline/run-stage.ts`; what is put together is in `app/compose.ts`.
 */
import { createDeliverySink } from './services/delivery/delivery-sink.ts'
import { createMaskingStage, type MaskingStageDeps } from './services/masking/masking-stage.ts'
import { createPolicyStage, type PolicyStageDeps } from './services/policy/policy-stage.ts'
import { createResourceStage, type ResourceStageDeps } from './services/resource/resource-stage.ts'
import { createUserStage, type UserStageDeps } from './services/user/user-stage.ts'

export const flow = {
  user: (deps: UserStageDeps) => createUserStage(deps),
  resource: (deps: ResourceStageDeps) => createResourceStage(deps),
  policy: (deps: PolicyStageDeps) => createPolicyStage(deps),
  masking: (deps: MaskingStageDeps) => createMaskingStage(deps),
  delivery: (deps: Parameters<typeof createDeliverySink>[0]) => createDeliverySink(deps),
} as const
