/** Waiting for a change: those who wait look again whenever somebody says that something changed. */

export type Condition = {
  notifyAll(): void
  /** Resolves at the next change, or when the signal aborts. */
  wait(signal: AbortSignal): Promise<void>
}

export function createCondition(): Condition {
  const waiting = new Set<() => void>()
  return {
    notifyAll() {
      for (const wake of [...waiting]) wake()
    },
    wait(signal) {
      return new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        if (signal.aborted) return resolve()
        waiting.add(wake)
        signal.addEventListener('abort', wake)
      })
    },
  }
}
