/** Lines of text in UTF-8: a record is {"line": "…"}, without its line ending. An ending stays as it was. */
import type { Format } from '../format.ts'
import { guardLines } from '../record-stream/guard-lines.ts'
import { guardSource } from '../record-stream/guard-source.ts'
import type { MaskValue } from '../record-stream/mask-text.ts'
import { findLineEnd } from '../record-stream/record-frames.ts'
import { createTextRecord, textSchema } from './text-record.ts'

export function createTextFormat(deps: { readonly maskValue: MaskValue }): Format {
  return {
    mediaTypes: ['text/plain'],
    extensions: ['txt', 'log'],
    guard: (bytes, options) =>
      guardSource(bytes, options.signal, (chunks) => {
        const policy = options.policyFor(textSchema)
        return guardLines(chunks, options, {
          policy,
          showsCuts: false,
          record: createTextRecord(deps),
          findEnd: findLineEnd,
        })
      }),
  }
}
