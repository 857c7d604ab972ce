/** One JSON object a line. Blank lines are no records, and do not pass where records are looked at. */
import type { Format } from '../format.ts'
import { anyJson, createJsonRecord } from '../json-record/json-record.ts'
import { guardLines } from '../record-stream/guard-lines.ts'
import { guardSource } from '../record-stream/guard-source.ts'
import type { MaskValue } from '../record-stream/mask-text.ts'
import { findLineEnd } from '../record-stream/record-frames.ts'

export function createNdjsonFormat(deps: { readonly maskValue: MaskValue }): Format {
  return {
    mediaTypes: ['application/x-ndjson', 'application/ndjson', 'application/jsonl'],
    extensions: ['ndjson', 'jsonl'],
    guard: (bytes, options) =>
      guardSource(bytes, options.signal, (chunks) => {
        const policy = options.policyFor(anyJson)
        return guardLines(chunks, options, {
          policy,
          showsCuts: true,
          record: createJsonRecord(deps),
          findEnd: findLineEnd,
        })
      }),
  }
}
