/**
 * A signal that fires with the first of several, until it is released. Not `AbortSignal.any`: Node keeps such a signal, with all that listens to it, for as long
 * as a listener is there, and sources that live as long as the process never let go of it.
 */
export type LinkedSignal = Disposable & { readonly signal: AbortSignal; release(): void }

export function linkSignals(...sources: readonly AbortSignal[]): LinkedSignal {
  const controller = new AbortController()
  const release = () => {
    for (const source of sources) source.removeEventListener('abort', fire)
  }
  function fire(this: AbortSignal): void {
    release()
    controller.abort(this.reason)
  }
  const fired = sources.find(({ aborted }) => aborted)
  if (fired !== undefined) controller.abort(fired.reason)
  else for (const source of sources) source.addEventListener('abort', fire, { once: true })
  return { signal: controller.signal, release, [Symbol.dispose]: release }
}
