/** Small ways to wait: for a time, for a signal, with an end. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves after the time, or when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}

export function aborted(signal: AbortSignal): { readonly promise: Promise<void>; forget(): void } {
  let onAbort = () => {}
  const promise = new Promise<void>((resolve) => {
    onAbort = () => resolve()
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', onAbort)
  })
  return { promise, forget: () => signal.removeEventListener('abort', onAbort) }
}

/** The result of the task, or of `otherwise` when the time is up first; the task's late failure is nobody's concern. */
export async function within<Result>(ms: number, task: Promise<Result>, otherwise: () => Result): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const end = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, ms, 'late')
  })
  task.catch(() => undefined)
  try {
    const first = await Promise.race([task.then((result) => ({ result })), end])
    return first === 'late' ? otherwise() : first.result
  } finally {
    clearTimeout(timer)
  }
}

/** The result of the task. @throws the signal's reason when it aborts first; the task goes on unheard */
export async function unlessAborted<Result>(task: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return task
  const ended = aborted(signal)
  try {
    const first = await Promise.race([task.then((result) => ({ result })), ended.promise])
    if (first !== undefined) return first.result
    task.catch(() => undefined)
    throw signal.reason
  } finally {
    ended.forget()
  }
}
