/** PORT: bytes of a place. Adapters: file/. Suite: test/conformance/reader.ts. */

/** As the catalogue's `Place`: `root` is the configured folder, bucket or base, `path` the relative path below it. */
export type SourcePlace = { readonly scheme: string; readonly root: string; readonly path: string }

export type Source = {
  readonly bytes: AsyncIterable<Uint8Array>
  /** Bytes, where the source knows. */
  readonly size?: number
  /** Changes when the content does. */
  readonly version?: string
}

export interface Reader {
  /** Matched with `SourcePlace.scheme`. */
  readonly scheme: string
  /** Opens before it resolves; what is opened is closed when the iteration ends, fails, or is aborted. @throws source.not_found, source.forbidden, source.unavailable */
  open(
    place: SourcePlace,
    options: { readonly start?: number; readonly end?: number; readonly signal: AbortSignal },
  ): Promise<Source>
}
