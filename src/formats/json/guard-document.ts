/** A JSON document that is no list is one record: it is held whole, or passes as it is where no rule looks at it. */
import { createByteSink } from '../record-stream/byte-sink.ts'
import { beyondLimit, corrupt } from '../record-stream/format-errors.ts'
import { createRecordGuard, permitted } from '../record-stream/guard-records.ts'
import { outputBytes, recordBytesMax } from '../record-stream/limits.ts'
import type { JsonReading } from './guard-items.ts'
import { createJsonItems, isSpace } from './json-items.ts'

export async function* guardDocument({
  chunks,
  lead,
  policy,
  options,
  record,
}: JsonReading): AsyncGenerator<Uint8Array> {
  const guard = createRecordGuard(options, policy)
  const parts = [lead]
  let size = lead.length
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > recordBytesMax) throw beyondLimit(0, 'a document that is too large')
    parts.push(chunk)
  }
  const whole = Buffer.concat(parts)
  if (!record.read(whole, 0, whole.length, 0)) throw corrupt(whole.length, 'no JSON')
  const sink = createByteSink(outputBytes)
  guard.check()
  guard.pass(record, (masks) => record.write(masks, sink))
  // no bytes at all would be no JSON
  if (sink.length() === 0) sink.text('null')
  guard.check()
  yield sink.take()
}

/** A rule that comes to look while the record is under way decides from the next on, and there is none. */
export async function* passDocument({ chunks, lead, options }: JsonReading): AsyncGenerator<Uint8Array> {
  const items = createJsonItems()
  let offset = 0
  let isEmpty = true
  const look = (chunk: Buffer) => {
    permitted(options.checkpoint?.() ?? { kind: 'untouched' })
    offset += chunk.length
    isEmpty &&= chunk.every(isSpace)
    for (let at = 0; at >= 0 && at < chunk.length; ) at = items.findEnd(chunk, at)
  }
  if (lead.length > 0) {
    look(lead)
    yield lead
  }
  for await (const chunk of chunks) {
    look(chunk)
    yield chunk
  }
  if (isEmpty || !items.isWhole()) throw corrupt(offset, 'a document that does not end')
}
