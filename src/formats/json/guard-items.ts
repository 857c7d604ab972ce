/** The loop over the items of a JSON list: bytes as they are while no rule looks at them, else item by item. */
import type { RecordPolicy } from '../../domain/record-policy.ts'
import type { GuardOptions } from '../format.ts'
import type { JsonRecord } from '../json-record/json-record.ts'
import { createByteSink } from '../record-stream/byte-sink.ts'
import { corrupt } from '../record-stream/format-errors.ts'
import { createRecordGuard, type RecordGuard } from '../record-stream/guard-records.ts'
import type { Chunks } from '../record-stream/guard-source.ts'
import { outputBytes } from '../record-stream/limits.ts'
import { createRecordFrames, type RecordFrames } from '../record-stream/record-frames.ts'
import { createJsonItems, isSpace } from './json-items.ts'
import { createItemsPassing } from './pass-items.ts'

export type JsonReading = {
  readonly chunks: Chunks
  /** All before the first of `chunks`: white space, and the opening bracket of a list. */
  readonly lead: Buffer
  readonly policy: RecordPolicy
  readonly options: GuardOptions
  readonly record: JsonRecord
}

export async function* guardItems({ chunks, lead, policy, options, record }: JsonReading): AsyncGenerator<Uint8Array> {
  const items = createJsonItems()
  const passing = createItemsPassing(items, { first: policy, lead, checkpoint: options.checkpoint })
  const sink = createByteSink(outputBytes)
  let length = lead.length
  let guard: RecordGuard | undefined
  let frames: RecordFrames | undefined
  /** Whether an item was read, and whether one was written: then a comma comes before the next. */
  let anyRead = false
  let anyWritten = false

  const begin = () => {
    guard = createRecordGuard(options, passing.policy())
    frames = createRecordFrames(items.findEnd, passing.offset())
    anyRead = anyWritten = passing.anyPassed()
    if (!anyWritten) sink.copy(lead, 0, lead.length)
  }

  const readItem = (frame: RecordFrames) => {
    const [bytes, start, end, offset] = [frame.bytes(), frame.start(), frame.end() - 1, frame.offset()]
    if (bytes[end] === 0x7d) throw corrupt(offset + end - start, 'malformed JSON')
    if (record.read(bytes, start, end, offset)) {
      guard!.pass(record, (masks) => {
        if (anyWritten) sink.text(',')
        anyWritten = true
        record.write(masks, sink)
      })
    } else if (anyRead || !items.closed()) throw corrupt(offset + end - start, 'malformed JSON')
    else sink.copy(bytes, start, end)
    anyRead = true
  }

  if (!passing.goesOn()) begin()
  for await (const chunk of chunks) {
    length += chunk.length
    let rest = chunk
    if (frames === undefined) {
      const { given, taken } = passing.take(chunk)
      if (given.length > 0) yield given
      if (passing.goesOn()) continue
      begin()
      rest = chunk.subarray(taken)
    }
    frames!.push(rest)
    while (frames!.next()) {
      readItem(frames!)
      if (sink.length() < outputBytes) continue
      guard!.check()
      yield sink.take()
    }
    guard!.check()
    if (sink.length() > 0) yield sink.take()
  }
  if (frames === undefined) return passing.end()
  const hasMore = frames.last()
  if (!items.closed()) throw corrupt(length, 'a list that does not end')
  sink.text(']')
  if (hasMore) {
    for (let at = frames.start(); at < frames.end(); at++)
      if (!isSpace(frames.bytes()[at]!)) throw corrupt(frames.offset() + at - frames.start(), 'malformed JSON')
    sink.copy(frames.bytes(), frames.start(), frames.end())
  }
  guard!.check()
  yield sink.take()
}
