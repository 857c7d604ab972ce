/** The whole wire contract: topics, headers, and what each body holds. The codec (`codec.ts`) turns envelopes into messages and back, strictly. */
import type { AuditEvent } from '../domain/audit-event.ts'
import type { ResourceId, Revision, UserId } from '../domain/ids.ts'
import type { Context, Leaf, User } from '../domain/records.ts'

export type RequestBody = { readonly userId: UserId; readonly resourceId: ResourceId; readonly context: Context }
export type UserBody = RequestBody & { readonly user: User }
export type ResourceBody = UserBody & { readonly leaf: Leaf }
export type RuleBody = ResourceBody & { readonly revision: Revision }
/** No user; the leaf's attributes are blanked. */
export type MaskedResourceBody = RequestBody & { readonly leaf: Leaf; readonly revision: Revision }

/** Topics that carry envelopes keyed by token, in pipeline order. */
export type PipelineTopics = {
  request: RequestBody
  user: UserBody
  resource: ResourceBody
  rule: RuleBody
  'masked-resource': MaskedResourceBody
}
export type PipelineTopic = keyof PipelineTopics
export const pipelineTopics = [
  'request',
  'user',
  'resource',
  'rule',
  'masked-resource',
] as const satisfies readonly PipelineTopic[]

/** Topics that carry audit events; key = token hash, or empty. */
export type AuditTopic = 'success' | 'error'
export const auditTopics = ['success', 'error'] as const satisfies readonly AuditTopic[]
export type AuditTopics = Record<AuditTopic, AuditEvent>

/** Header names. `x-stream-marker` is START or END, on the two messages with an empty value. */
export const headers = {
  token: 'x-request-token',
  marker: 'x-stream-marker',
  leafIndex: 'x-leaf-index',
  leafCount: 'x-leaf-count',
  outcome: 'x-outcome',
} as const
