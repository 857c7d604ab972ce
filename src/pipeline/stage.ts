/** What a service of the pipeline is: items of one token in, outcomes out. The pipeline runs it; it knows no topic but its own two. */
import type { PipelineTopic, PipelineTopics } from '../bus/topics.ts'
import type { AuditEvent } from '../domain/audit-event.ts'
import type { Reason } from '../domain/decision.ts'
import type { Envelope, Failure } from '../domain/envelope.ts'
import type { Token } from '../domain/ids.ts'

export type Item<Body> = { readonly index: number; readonly body: Body }

export type Outcome<Body> = { readonly index: number } & (
  | { readonly kind: 'data'; readonly body: Body }
  | { readonly kind: 'withheld'; readonly reasons: readonly Reason[] }
  | { readonly kind: 'failed'; readonly failure: Failure }
)

export type StageContext = {
  readonly token: Token
  readonly signal: AbortSignal
  /** Audit events that must be durable before the outcomes of this call are published. */
  audit(event: AuditEvent): void
}

export interface Stage<In extends PipelineTopic, Out extends PipelineTopic> {
  /** Also the consumer group. */
  readonly name: string
  readonly consumes: In
  readonly produces: Out
  /**
   * Outcomes of items of one token, in a stable order, the same when asked again. A fault is thrown: faults that may pass (`*.unavailable`)
   * are tried again within the retry budget, others become `failed` items.
   */
  handle(items: readonly Item<PipelineTopics[In]>[], context: StageContext): AsyncIterable<Outcome<PipelineTopics[Out]>>
  /** Where in the request a fault stands when a stage expands; absent: at the item's own index. */
  failureIndex?(token: Token): number
  /** Sees what passes untouched (withheld and failed items). */
  passing?(envelope: Envelope<unknown>): Promise<void>
  /** The total that END carries onwards; called when END arrives. Absent: END passes as it came. */
  total?(token: Token): Promise<number | undefined>
}

/** The end of the pipeline: takes everything, publishes nothing. Must be idempotent on (token, index). */
export interface Sink<In extends PipelineTopic> {
  readonly name: string
  readonly consumes: In
  take(token: Token, envelopes: readonly Envelope<PipelineTopics[In]>[]): Promise<void>
}
