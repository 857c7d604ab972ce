/** What travels on a topic. Stages map `data`; every other kind passes through untouched. */
import type { Reason } from './decision.ts'
import type { Token } from './ids.ts'
import type { Extras } from './records.ts'

/** `message` is safe to show to the client; `stage` is the service that failed. */
export type Failure = { readonly code: string; readonly message: string; readonly stage: string }

/** Before the resource step a request has one item, index 0; after it leaves 0 … total−1. `total` is set on END from the resource step on. */
export type Envelope<Body> = { readonly token: Token; readonly extras: Extras } & (
  | { readonly kind: 'start' }
  | { readonly kind: 'data'; readonly index: number; readonly body: Body }
  | { readonly kind: 'withheld'; readonly index: number; readonly reasons: readonly Reason[] }
  | { readonly kind: 'failed'; readonly index: number; readonly failure: Failure }
  | { readonly kind: 'end'; readonly total?: number }
)
