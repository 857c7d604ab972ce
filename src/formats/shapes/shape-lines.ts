/** The loop of shapes whose records follow one another in the guarded bytes. */
import { type ByteSink, createByteSink } from '../record-stream/byte-sink.ts'
import { outputBytes } from '../record-stream/limits.ts'
import type { RecordFrames } from '../record-stream/record-frames.ts'

/** Writes the record stepped to, if it is one. */
export type WriteFrame = (frames: RecordFrames, sink: ByteSink) => void

/** What is written is given on when the chunk it came from is through: a slow source's records do not wait for more. */
export async function* shapeFrames(
  chunks: AsyncIterable<Uint8Array>,
  frames: RecordFrames,
  write: WriteFrame,
  sink: ByteSink = createByteSink(outputBytes),
): AsyncGenerator<Uint8Array> {
  for await (const { buffer, byteOffset, byteLength } of chunks) {
    frames.push(Buffer.from(buffer, byteOffset, byteLength))
    while (frames.next()) {
      write(frames, sink)
      if (sink.length() >= outputBytes) yield sink.take()
    }
    if (sink.length() > 0) yield sink.take()
  }
  if (frames.last()) write(frames, sink)
  if (sink.length() > 0) yield sink.take()
}
