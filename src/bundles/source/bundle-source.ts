/** Where the newest bundle comes from: a file that is watched, or a bundle service. */

export type FetchedBundle = { readonly bytes: Buffer /** Changes when the bundle does. */; readonly version: string }

export interface BundleSource {
  /** For operators: a path or an address, without secrets. */
  readonly name: string
  /** The longest pause after it failed, in milliseconds. */
  readonly retryMsMax?: number
  /**
   * The bundle as it is now, unless its version is the one given: then undefined, as late as the source likes.
   * @throws bundle.missing, bundle.unavailable, bundle.corrupt when it is larger than may be
   */
  fetch(known: string | undefined, signal: AbortSignal): Promise<FetchedBundle | undefined>
}
