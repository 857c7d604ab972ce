/** Lets any number of readers wait, without polling, until somebody says that there is something new. */

/** Longest time of one timer, in milliseconds: Node fires a timer at once that is set beyond 2^31−1. */
const timerMsMax = 3_600_000

export type WakeUp = {
  /** Read it before looking for news: what comes after that look is then never missed. */
  readonly version: number
  wake(): void
  /** Resolves when the version has moved on from `since`, on abort, and after `timeoutMs`: whoever waited looks again. */
  changed(since: number, options: { readonly signal: AbortSignal; readonly timeoutMs: number }): Promise<void>
}

export function createWakeUp(): WakeUp {
  let version = 0
  const waiting = new Set<() => void>()
  return {
    get version() {
      return version
    },
    wake() {
      version++
      for (const resume of waiting) resume()
    },
    changed: (since, { signal, timeoutMs }) =>
      new Promise((resolve) => {
        if (version !== since || signal.aborted || timeoutMs <= 0) return resolve()
        const timer = setTimeout(resume, Math.min(timeoutMs, timerMsMax))
        signal.addEventListener('abort', resume)
        waiting.add(resume)
        function resume(): void {
          clearTimeout(timer)
          signal.removeEventListener('abort', resume)
          waiting.delete(resume)
          resolve()
        }
      }),
  }
}
