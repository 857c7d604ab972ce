/** PORT: bytes of a place. Adapters: file/ s3/ http/ webhdfs/ kafka/. Suite: test/conformance/reader.ts. */

import type { Place } from '../domain/records.ts'

export type Source = {
  readonly bytes: AsyncIterable<Uint8Array>
  /** Bytes, where the source knows. */
  readonly size?: number
  /** Changes when the content does. */
  readonly version?: string
}

export interface Reader {
  /** Matched with `Place.scheme`. */
  readonly scheme: string
  /** Opens before it resolves; what is opened is closed when the iteration ends, fails, or is aborted. @throws source.not_found, source.forbidden, source.unavailable */
  open(
    place: Place,
    options: { readonly start?: number; readonly end?: number; readonly signal: AbortSignal },
  ): Promise<Source>
}
