/** A place together with what its catalogue saw there, so that a reader opens that or nothing. */
import type { Place } from '../domain/records.ts'

export type PinnedPlace = Place & {
  /** What `Source.version` must be. */
  readonly version?: string
  /** Bytes. */
  readonly size?: number
}
