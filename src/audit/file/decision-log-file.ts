/** The decision log as NDJSON, one file a day (UTC): `decisions-2026-11-25.ndjson`. Masked and written after the answer has gone, bounded, and never awaited. */
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PortcullisError } from '../../domain/errors.ts'
import type { DecisionEvent, DecisionLog } from '../decision-log.ts'

export type DecisionLogFileDeps = {
  readonly folder: string
  /** What is written of an event; undefined: nothing. Asked once for each event. */
  readonly redact: (event: DecisionEvent) => DecisionEvent | undefined
  /** Told of what is wrong with the disk or the redaction; the events are lost. */
  readonly onProblem: (thrown: unknown) => void
  /** Events that may wait for the disk. Default 10,000. */
  readonly waitingMax?: number
}

/** How long events are gathered, in milliseconds, and how many are redacted before others get their turn. */
const gatherMs = 100
const turnEvents = 50

/** @throws PortcullisError audit.failed when the folder can't be made */
export async function createDecisionLogFile(deps: DecisionLogFileDeps): Promise<DecisionLog> {
  const { waitingMax = 10_000 } = deps
  await mkdir(deps.folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new PortcullisError('audit.failed', { message: 'decisionLog.folder: cannot be made', cause })
  })
  const waiting: DecisionEvent[] = []
  let lost = 0
  let writing: Promise<void> | undefined

  async function write(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, gatherMs))
    while (waiting.length > 0) {
      const events = waiting.splice(0, turnEvents)
      try {
        await append(events)
      } catch (thrown) {
        lost += events.length
        deps.onProblem(thrown)
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    writing = undefined
  }

  async function append(events: readonly DecisionEvent[]): Promise<void> {
    const lines = new Map<string, string[]>()
    for (const event of events.flatMap((one) => deps.redact(one) ?? [])) {
      const day = event.timestamp.slice(0, 10)
      // whoever reads the log must be able to tell a gap from silence
      const told = lost === 0 ? event : { ...event, metrics: { ...event.metrics, counter_decision_logs_dropped: lost } }
      lost = 0
      lines.set(day, [...(lines.get(day) ?? []), JSON.stringify(told)])
    }
    for (const [day, some] of lines)
      await appendFile(join(deps.folder, `decisions-${day}.ndjson`), `${some.join('\n')}\n`, { mode: 0o600 })
  }

  return {
    record(event) {
      if (waiting.length >= waitingMax) {
        lost++
        return
      }
      waiting.push(event)
      writing ??= write()
    },
    async [Symbol.asyncDispose]() {
      await writing
    },
  }
}
