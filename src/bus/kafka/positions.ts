/** Where a consumer stands in each partition, brought to the broker in the background: by time, by count, and at the end. */
import { kafkaLimits } from './limits.ts'

/** Partition → the offset to go on from. */
export type Offsets = ReadonlyMap<number, bigint>

export type Positions = {
  /** Takes effect only in the epoch it belongs to: what was acknowledged after the partition went elsewhere is not ours to say. */
  note(epoch: number, partition: number, next: bigint, count: number): void
  /** The epoch that begins now; positions of the last one that the broker does not know are forgotten, and their messages come again. */
  nextEpoch(): void
  readonly epoch: number
  flush(): Promise<void>
  stop(): void
}

export function createPositions(commit: (offsets: Offsets) => Promise<void>): Positions {
  let noted = new Map<number, bigint>()
  let count = 0
  let epoch = 0
  let timer: NodeJS.Timeout | undefined
  let committing: Promise<void> = Promise.resolve()

  async function commitNow(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    if (noted.size === 0) return
    const [offsets, during] = [noted, epoch]
    noted = new Map()
    count = 0
    try {
      await commit(offsets)
    } catch {
      // kept for the next time; at worst the messages come again
      if (during !== epoch) return
      for (const [partition, next] of offsets) if (!noted.has(partition)) noted.set(partition, next)
      schedule()
    }
  }

  function schedule(): void {
    timer ??= setTimeout(inBackground, kafkaLimits.commitIntervalMs)
  }

  /** What fails is kept, see above. */
  function inBackground(): void {
    flush().catch(() => undefined)
  }

  function flush(): Promise<void> {
    committing = committing.then(commitNow)
    return committing
  }

  return {
    get epoch() {
      return epoch
    },
    note(of, partition, next, length) {
      if (of !== epoch || next <= (noted.get(partition) ?? -1n)) return
      noted.set(partition, next)
      count += length
      if (count < kafkaLimits.commitLengthMax) return schedule()
      count = 0
      inBackground()
    },
    nextEpoch() {
      epoch++
      noted = new Map()
      count = 0
    },
    flush,
    stop() {
      clearTimeout(timer)
      timer = undefined
      noted = new Map()
      epoch++
    },
  }
}
