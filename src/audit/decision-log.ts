/** PORT: where answers given as a decision point are told of, in OPA's event format. Adapters: file/. Never on the way of an answer. */
import type { Json } from '../domain/json.ts'

export type DecisionEvent = {
  readonly decision_id: string
  readonly labels: Readonly<Record<string, string>>
  readonly bundles: Readonly<Record<string, { readonly revision: string }>>
  /** `access/user` */
  readonly path: string
  readonly input?: Json
  readonly result?: Json
  readonly requested_by: string
  /** RFC 3339. */
  readonly timestamp: string
  readonly metrics: Readonly<Record<string, number>>
  readonly req_id: number
  /** JSON pointers of what was taken out, and of what was overwritten. */
  readonly erased?: readonly string[]
  readonly masked?: readonly string[]
}

export interface DecisionLog extends AsyncDisposable {
  /** Returns at once; `chars` is how large its input and result are, as text. What there is no room for is counted, and told with the next event that is written. */
  record(event: DecisionEvent, chars: number): void
}
