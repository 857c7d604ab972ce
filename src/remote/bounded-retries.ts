/** Asks again, a few times, while nothing has been given away yet. */
import { setTimeout as sleep } from 'node:timers/promises'
import { mayAskAgain } from './remote-fault.ts'

/** Pauses between the tries, in milliseconds: one try more than there are pauses. */
export const retryPausesMs: readonly number[] = [100, 500]

export async function withRetries<Result>(attempt: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  for (const pauseMs of retryPausesMs) {
    try {
      return await attempt()
    } catch (thrown) {
      signal.throwIfAborted()
      if (!mayAskAgain(thrown)) throw thrown
      await sleep(pauseMs, undefined, { signal })
    }
  }
  return attempt()
}
