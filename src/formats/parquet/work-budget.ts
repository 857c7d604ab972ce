/** Bytes in work over all reads of one process: who finds none left waits a little, then is turned away. */
import { setTimeout as sleep } from 'node:timers/promises'
import { PortcullisError } from '../../domain/errors.ts'
import { workBytesMax, workWaitMs } from './limits.ts'

export type WorkBudget = { open(): WorkShare }

/** What one read holds. */
export type WorkShare = {
  /** Holds so many bytes for a purpose, in place of what it held for it before. @throws service.busy */
  hold(purpose: 'file' | 'rows', bytes: number, signal: AbortSignal): Promise<void>
  /** As `hold`, but takes them only where they are left: false where they are not. */
  mayHold(purpose: 'file' | 'rows', bytes: number): boolean
  release(): void
}

/** Between two looks, in milliseconds. */
const lookMs = 20

export function createWorkBudget({ bytesMax = workBytesMax, waitMs = workWaitMs } = {}): WorkBudget {
  let held = 0
  return {
    open() {
      const mine = { file: 0, rows: 0 }
      function mayHold(purpose: keyof typeof mine, bytes: number): boolean {
        const others = held - mine.file - mine.rows
        const wanted = mine.file + mine.rows - mine[purpose] + bytes
        // one that is alone may be larger than the budget: the limits of one row group bound it
        if (bytes > mine[purpose] && others > 0 && others + wanted > bytesMax) return false
        held += bytes - mine[purpose]
        mine[purpose] = bytes
        return true
      }
      return {
        mayHold,
        async hold(purpose, bytes, signal) {
          for (let waitedMs = 0; !mayHold(purpose, bytes); waitedMs += lookMs) {
            if (waitedMs >= waitMs) throw new PortcullisError('service.busy')
            await sleep(lookMs, undefined, { signal }).catch(() => signal.throwIfAborted())
          }
        },
        release() {
          held -= mine.file + mine.rows
          mine.file = 0
          mine.rows = 0
        },
      }
    },
  }
}
