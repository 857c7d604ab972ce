/** PORT: turns a stream of bytes into the stream that a user may see. Adapters: avro/ ndjson/ json/ text/ …. Suite: test/conformance/format.ts. */
import type { RecordPolicy, RecordSchema } from '../domain/record-policy.ts'

/** Filled in as the guard goes. `returned` ≤ `processed`; both stay −1 where bytes pass untouched and nobody counted. */
export type Counts = { processed: number; returned: number }

export type GuardOptions = {
  /** Asked when the schema is known, before the first byte is yielded. May throw: then nothing more is read. */
  readonly policyFor: (schema: RecordSchema) => RecordPolicy
  readonly counts: Counts
  readonly signal: AbortSignal
  /** Called at least every few hundred records and before each chunk. An exception ends the read; a policy it returns decides from the next record on. */
  readonly checkpoint?: () => RecordPolicy | undefined
  /** Any part of the source, `end` exclusive. A format that has to read from several places uses this where it is given, and leaves `bytes` alone. */
  readonly ranges?: { readonly size: number; read(start: number, end: number): Promise<Uint8Array> }
}

export interface Format {
  /** Lower case. The first is the one that leaves carry. */
  readonly mediaTypes: readonly string[]
  /** File name extensions, lower case, without the dot. */
  readonly extensions: readonly string[]
  /**
   * Validates as it goes, holds one block or record at a time, and yields bytes that the format's ordinary readers decode; with no record left still a valid empty document.
   * Yields nothing before policyFor has answered. @throws format.corrupt, format.limit with the offset, never quoting data; what `policyFor` and `decide` throw
   */
  guard(bytes: AsyncIterable<Uint8Array>, options: GuardOptions): AsyncIterable<Uint8Array>
}
