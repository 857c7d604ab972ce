/** Lines of text as NDJSON: {"line": "…"}, the ending left out. */

import { createRecordFrames, findLineEnd } from '../record-stream/record-frames.ts'
import type { Shaper } from '../shaper.ts'
import { createTextRecord } from '../text/text-record.ts'
import { indexesOf } from './columns.ts'
import { shapeFrames } from './shape-lines.ts'

export function createTextShaper(): Shaper {
  return {
    mediaTypes: ['text/plain'],
    endsAnywhere: true,
    toNdjson(bytes, { columns, records }) {
      if (columns !== undefined) indexesOf(columns, ['line'])
      // no mask is left to be carried out: the guard has done that
      const line = createTextRecord({ maskValue: (_mask, value) => value })
      return shapeFrames(bytes, createRecordFrames(findLineEnd), (frames, sink) => {
        line.read(frames.bytes(), frames.start(), frames.end(), frames.offset())
        sink.text(line.json(undefined).toString())
        sink.text('\n')
        records.count++
      })
    },
    isCompressed: () => false,
  }
}
