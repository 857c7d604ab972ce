/** The loop of formats whose records follow one another: bytes as they are while no rule looks at them, else record by record. */
import type { RecordPolicy } from '../../domain/record-policy.ts'
import type { GuardOptions } from '../format.ts'
import { createByteSink } from './byte-sink.ts'
import { createRecordGuard, type HeldRecord, permitted, type RecordGuard } from './guard-records.ts'
import type { Chunks } from './guard-source.ts'
import { outputBytes, recordBytesMax } from './limits.ts'
import { createRecordFrames, type FindEnd, type RecordFrames } from './record-frames.ts'

export type LineRecord = HeldRecord & {
  /** False where the line is no record. @throws format.corrupt, format.limit */
  read(bytes: Buffer, start: number, end: number, offset: number): boolean
}

export type Lines = {
  readonly policy: RecordPolicy
  /** Whether a last record that is cut short can be told from a whole one: then it never ends cleanly, though nobody looks at it. */
  readonly showsCuts: boolean
  readonly record: LineRecord
  readonly findEnd: FindEnd
  /** Where the first chunk lies in the whole. */
  readonly offset?: number
}

export async function* guardLines(
  chunks: Chunks,
  options: GuardOptions,
  { policy, showsCuts, record, findEnd, offset = 0 }: Lines,
): AsyncGenerator<Uint8Array> {
  const passing = createPassing(options, policy, findEnd, offset)
  const sink = createByteSink(outputBytes)
  let guard: RecordGuard | undefined
  let frames: RecordFrames | undefined

  const read = () => {
    if (!record.read(frames!.bytes(), frames!.start(), frames!.end(), frames!.offset())) return
    guard!.pass(record, (masks) => record.write(masks, sink))
  }

  const begin = () => {
    guard = createRecordGuard(options, passing.policy())
    frames = createRecordFrames(findEnd, passing.offset())
  }

  if (!passing.goesOn()) begin()
  for await (const chunk of chunks) {
    let rest = chunk
    if (frames === undefined) {
      const passed = passing.take(chunk)
      if (passed > 0) yield chunk.subarray(0, passed)
      if (passing.goesOn()) continue
      begin()
      rest = chunk.subarray(passed)
    }
    frames!.push(rest)
    while (frames!.next()) {
      read()
      if (sink.length() < outputBytes) continue
      guard!.check()
      yield sink.take()
    }
    guard!.check()
    if (sink.length() > 0) yield sink.take()
  }
  if (frames === undefined && showsCuts) passing.checkLast(record)
  if (frames?.last()) read()
  guard?.check()
  if (sink.length() > 0) yield sink.take()
}

type Passing = {
  /** Whether bytes still pass as they are. */
  goesOn(): boolean
  policy(): RecordPolicy
  offset(): number
  /** How many bytes of the chunk pass: all, or up to the end of the record under way where a rule wants to see the next. */
  take(chunk: Buffer): number
  /** Reads the last record where it has no line ending. @throws format.corrupt */
  checkLast(record: LineRecord): void
}

function createPassing(
  { checkpoint }: GuardOptions,
  first: RecordPolicy,
  findEnd: FindEnd,
  firstOffset: number,
): Passing {
  let policy = permitted(first)
  let offset = firstOffset
  /** Of the record under way; one that is too large to be held is not looked at. */
  let begun: Buffer[] = []
  let begunBytes = 0

  function hold(part: Buffer): void {
    begunBytes += part.length
    if (begunBytes <= recordBytesMax) begun.push(part)
    else begun = []
  }

  return {
    goesOn: () => policy.kind === 'untouched' || begunBytes > 0,
    policy: () => policy,
    offset: () => offset,
    take(chunk) {
      policy = permitted(checkpoint?.() ?? policy)
      let passed = 0
      while (passed < chunk.length && (begunBytes > 0 || policy.kind === 'untouched')) {
        const end = findEnd(chunk, passed)
        if (end < 0) hold(chunk.subarray(passed))
        else if (begunBytes > 0) {
          begun = []
          begunBytes = 0
        }
        passed = end < 0 ? chunk.length : end
      }
      offset += passed
      return passed
    },
    checkLast(record) {
      const last = Buffer.concat(begun)
      if (last.length > 0) record.read(last, 0, last.length, offset - last.length)
    },
  }
}
