/** One line on a terminal that says how far a long run has come; nothing where there is no terminal. */
import type { WriteStream } from 'node:tty'

/** Shorter runs show nothing. */
const quietMs = 500
const everyMs = 100

export type Progress = { show(done: number, total: number): void; clear(): void }

/** `now` in milliseconds. */
export function createProgress(stream: Pick<WriteStream, 'isTTY' | 'write'>, now: () => number): Progress {
  let next = now() + quietMs
  let shown = false
  return {
    show(done, total) {
      if (!stream.isTTY || now() < next) return
      next = now() + everyMs
      shown = true
      stream.write(`\r\u001b[Kchecking ${done} of ${total} files`)
    },
    clear() {
      if (shown) stream.write('\r\u001b[K')
      shown = false
    },
  }
}
