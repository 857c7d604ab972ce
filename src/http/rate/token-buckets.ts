/** Token buckets by key, no more of them than a fixed number: how often each key may do something. */

export type Rate = {
  /** How many come back in a minute. */
  readonly perMinute: number
  /** How many may be taken at once, by a key that has taken none for a while. */
  readonly burst: number
}

export type TokenBucketOptions = Rate & {
  /** When as many keys are remembered, new ones share one bucket until the longest unused has filled up. */
  readonly keysMax: number
  readonly now: () => number
}

export type TokenBuckets = {
  /** Takes one, and gives 0; or takes none, and gives the milliseconds until there is one. */
  take(key: string): number
}

/** `level` as of `at`. */
type Bucket = { level: number; at: number }

const sharedKey = Symbol('all keys that there is no room for')

export function createTokenBuckets({ perMinute, burst, keysMax, now }: TokenBucketOptions): TokenBuckets {
  const perMs = perMinute / 60_000
  // in the order of their last use
  const buckets = new Map<string | typeof sharedKey, Bucket>()

  function levelOf({ level, at }: Bucket, time: number): number {
    // the clock may have been set back
    return Math.min(burst, level + Math.max(0, time - at) * perMs)
  }

  function roomFor(key: string, time: number): string | typeof sharedKey {
    if (buckets.has(key) || buckets.size < keysMax) return key
    const [oldest, bucket] = buckets.entries().next().value!
    // what is full again need not be remembered
    if (levelOf(bucket, time) < burst) return sharedKey
    buckets.delete(oldest)
    return key
  }

  return {
    take(key) {
      const time = now()
      const kept = roomFor(key, time)
      const bucket = buckets.get(kept)
      const level = bucket === undefined ? burst : levelOf(bucket, time)
      const left = level >= 1 ? level - 1 : level
      buckets.delete(kept)
      buckets.set(kept, { level: left, at: time })
      return level >= 1 ? 0 : Math.ceil((1 - level) / perMs)
    },
  }
}
