/** Retries with a budget: what may pass is tried again, what can't is thrown at once. */
import { setTimeout as sleep } from 'node:timers/promises'
import { PortcullisError } from '../domain/errors.ts'

/** First and longest pause between tries, in milliseconds. */
export const retryPauseMs = { first: 20, longest: 2_000 } as const

/** Faults of something outside that may come back. */
export function mayPass(thrown: unknown): boolean {
  return (
    thrown instanceof PortcullisError &&
    ['store.unavailable', 'bus.unavailable', 'source.unavailable', 'audit.failed', 'service.busy'].includes(thrown.code)
  )
}

export type RetryOptions = {
  readonly signal: AbortSignal
  /** Milliseconds until the last error is thrown; Infinity: until the signal. */
  readonly budgetMs: number
  readonly onRetry?: (thrown: unknown, tries: number) => void
}

export async function withRetry<Result>(attempt: () => Promise<Result>, options: RetryOptions): Promise<Result> {
  let waitedMs = 0
  let pauseMs: number = retryPauseMs.first
  for (let tries = 1; ; tries++) {
    try {
      return await attempt()
    } catch (thrown) {
      options.signal.throwIfAborted()
      if (!mayPass(thrown) || waitedMs >= options.budgetMs) throw thrown
      options.onRetry?.(thrown, tries)
      await sleep(pauseMs, undefined, { signal: options.signal })
      waitedMs += pauseMs
      pauseMs = Math.min(pauseMs * 2, retryPauseMs.longest)
    }
  }
}
