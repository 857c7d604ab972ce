/** Keeps a service running: one that stops by a fault starts again, with a pause that grows. */
import { setTimeout as sleep } from 'node:timers/promises'

/** First and longest pause before a restart, in milliseconds. */
export const restartPauseMs = { first: 100, longest: 10_000 } as const

export async function supervise(
  run: () => Promise<void>,
  options: { readonly signal: AbortSignal; readonly onFault: (thrown: unknown) => void },
): Promise<void> {
  let pauseMs: number = restartPauseMs.first
  while (!options.signal.aborted) {
    const startedAt = Date.now()
    try {
      await run()
    } catch (thrown) {
      if (options.signal.aborted) return
      options.onFault(thrown)
    }
    if (options.signal.aborted) return
    if (Date.now() - startedAt > restartPauseMs.longest) pauseMs = restartPauseMs.first
    await sleep(pauseMs, undefined, { signal: options.signal }).catch(() => undefined)
    pauseMs = Math.min(pauseMs * 2, restartPauseMs.longest)
  }
}
