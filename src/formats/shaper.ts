/** PORT: gives the guarded bytes of a format another shape: as NDJSON, or with fewer columns. Sees nothing that the guard has not let through. Adapters: shapes/. */

/** Counts the records that went into the answer. */
export type ShapedRecords = { count: number }

export type ShapeOptions = {
  /** Top-level names; undefined: all. */
  readonly columns?: readonly string[] | undefined
  readonly records: ShapedRecords
  readonly signal: AbortSignal
}

export interface Shaper {
  /** Those of the format it belongs to. */
  readonly mediaTypes: readonly string[]
  /** Whether the guarded bytes are whole and valid after any chunk, so that nobody need read on once enough records are there. */
  readonly endsAnywhere: boolean
  /**
   * One JSON object a line, in UTF-8: exact numbers, bytes in base64, no name twice. Pulls as it is pulled.
   * @throws request.invalid naming a column that the guarded bytes do not have; format.corrupt, format.limit
   */
  toNdjson(bytes: AsyncIterable<Uint8Array>, options: ShapeOptions): AsyncIterable<Uint8Array>
  /** In the format itself, with only these columns; absent: the format cannot. @throws as `toNdjson` */
  readonly project?:
    | ((
        bytes: AsyncIterable<Uint8Array>,
        options: ShapeOptions & { readonly columns: readonly string[] },
      ) => AsyncIterable<Uint8Array>)
    | undefined
  /** Whether bytes that begin so are compressed already. */
  isCompressed(first: Uint8Array): boolean
}

/** The first is what answers carry. */
export const ndjsonTypes = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'] as const
