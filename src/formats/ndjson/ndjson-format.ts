/** One JSON object a line. Blank lines are no records, and do not pass where records are looked at. */
import type { Format } from '../format.ts'
import { anyJson, createJsonRecord } from '../json-record/json-record.ts'
import { guardLines } from '../record-stream/guard-lines.ts'
import type { MaskValue } from '../record-stream/mask-text.ts'
import { findLineEnd } from '../record-stream/record-frames.ts'

export function createNdjsonFormat(deps: { readonly maskValue: MaskValue }): Format {
  return {
    mediaTypes: ['application/x-ndjson', 'application/ndjson', 'application/jsonl'],
    extensions: ['ndjson', 'jsonl'],
    async *guard(bytes, options) {
      const policy = options.policyFor(anyJson)
      yield* guardLines(bytes, options, {
        policy,
        showsCuts: true,
        record: createJsonRecord(deps),
        findEnd: findLineEnd,
      })
    },
  }
}
