/** The records of a slice, batch by batch as they are asked for: what breaks off is taken up again at the next offset, a few times. */
import { PortcullisError } from '../../domain/errors.ts'
import { withRetries } from '../../remote/bounded-retries.ts'
import { type KafkaRecord, kafkaBatches } from '../../remote/kafka/batches.ts'
import type { KafkaClient, KafkaLog } from '../../remote/kafka/client.ts'
import type { FetchedLog } from '../../remote/kafka/requests.ts'
import type { KafkaSlice, KafkaSlices } from '../../remote/kafka/slices.ts'
import { mayAskAgain, passingFault } from '../../remote/remote-fault.ts'
import { resumptionsMax } from '../../remote/whole-bytes.ts'

export type SliceRecords = {
  /** Without tombstones. @throws source.*, format.corrupt, format.limit, format.unknown */
  readonly batches: AsyncIterable<readonly SliceRecord[]>
  close(): void
}

export type SliceRecord = { readonly offset: number; readonly value: Buffer }

/** The largest value, in bytes. */
export const valueBytesMax = 16 * 1024 * 1024

type Cluster = { readonly client: KafkaClient; readonly slices: KafkaSlices }

/** Resolves with the first piece in hand. @throws source.* */
export async function openSlice(
  { client, slices }: Cluster,
  slice: KafkaSlice,
  signal: AbortSignal,
): Promise<SliceRecords> {
  let log: KafkaLog | undefined
  let isClosed = false
  const close = () => {
    isClosed = true
    log?.close()
    signal.removeEventListener('abort', close)
  }

  async function fetch(offset: number): Promise<FetchedLog> {
    if (isClosed) throw new PortcullisError('source.unavailable')
    try {
      log ??= await client.openLog(slice, signal)
      return await log.fetch(offset)
    } catch (thrown) {
      log?.close()
      log = undefined
      throw thrown
    }
  }

  async function* batches(first: FetchedLog | undefined): AsyncGenerator<readonly SliceRecord[]> {
    let fetched = first
    let resumptions = 0
    for (let next = slice.first; next < slice.end; ) {
      try {
        fetched ??= await withRetries(() => fetch(next), signal)
      } catch (thrown) {
        signal.throwIfAborted()
        if (!mayAskAgain(thrown) || resumptions++ >= resumptionsMax) throw thrown
        continue
      }
      const from = next
      for (const batch of kafkaBatches(fetched.log, fetched.aborted)) {
        const records = within(batch.records, next, slice.end)
        next = Math.max(next, batch.next)
        // offsets start anew in a topic of the same name: what was read is given only where it still is the one
        if (next >= slice.end) await slices.confirm(slice, signal)
        if (records.length > 0) yield records
        signal.throwIfAborted()
        if (next >= slice.end) return
      }
      // all of it is committed, so there is something to give; a new leader may take a moment to know
      if (next === from && resumptions++ >= resumptionsMax)
        throw passingFault(new Error('nothing, where there are records'))
      fetched = undefined
    }
  }

  signal.addEventListener('abort', close)
  try {
    await slices.confirm(slice, signal)
    const first = slice.first < slice.end ? await withRetries(() => fetch(slice.first), signal) : undefined
    if (first === undefined) close()
    return { batches: batches(first), close }
  } catch (thrown) {
    close()
    throw thrown
  }
}

/** @throws format.limit */
function within(records: readonly KafkaRecord[], first: number, end: number): SliceRecord[] {
  return records.flatMap(({ offset, value }) => {
    if (offset < first || offset >= end || value === undefined) return []
    if (value.length > valueBytesMax)
      throw new PortcullisError('format.limit', {
        message: `The value at offset ${offset} is larger than values may be.`,
      })
    return [{ offset, value }]
  })
}
