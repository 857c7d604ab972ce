/** The decision log as NDJSON, one file a day (UTC): `decisions-2026-11-25.ndjson`. Masked and written after the answer has gone, bounded, and never awaited. */
import { appendFile, mkdir, open } from 'node:fs/promises'
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
/** How large the inputs and results that wait may be together, in characters: one may be as large as a question. */
export const waitingCharsMax = 32 * 1_048_576

type DecisionLine = { readonly event: DecisionEvent; readonly text: string }

/** @throws PortcullisError audit.failed when the folder can't be made */
export async function createDecisionLogFile(deps: DecisionLogFileDeps): Promise<DecisionLog> {
  const { waitingMax = 10_000 } = deps
  await mkdir(deps.folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new PortcullisError('audit.failed', { message: 'decisionLog.folder: cannot be made', cause })
  })
  const waiting: { readonly event: DecisionEvent; readonly chars: number }[] = []
  let waitingChars = 0
  let lost = 0
  let writing: Promise<void> | undefined
  /** The file whose last line is known to be whole. */
  let whole: string | undefined

  async function write(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, gatherMs))
    while (waiting.length > 0) {
      const taken = waiting.splice(0, turnEvents)
      for (const { chars } of taken) waitingChars -= chars
      for (const [day, lines] of linesOf(taken.map(({ event }) => event))) await append(day, lines)
      await new Promise((resolve) => setImmediate(resolve))
    }
    writing = undefined
  }

  function linesOf(events: readonly DecisionEvent[]): ReadonlyMap<string, readonly DecisionLine[]> {
    const days = new Map<string, DecisionLine[]>()
    for (const event of events) {
      const line = lineOf(event)
      const day = event.timestamp.slice(0, 10)
      if (line !== undefined) days.set(day, [...(days.get(day) ?? []), line])
    }
    return days
  }

  /** An event that can't be redacted or printed takes no other with it. */
  function lineOf(event: DecisionEvent): DecisionLine | undefined {
    try {
      const redacted = deps.redact(event)
      return redacted === undefined ? undefined : { event: redacted, text: JSON.stringify(redacted) }
    } catch (thrown) {
      deps.onProblem(thrown)
      const { input, result, ...rest } = event
      const bare = {
        ...rest,
        erased: [...(input === undefined ? [] : ['/input']), ...(result === undefined ? [] : ['/result'])],
      }
      return { event: bare, text: JSON.stringify(bare) }
    }
  }

  async function append(day: string, lines: readonly DecisionLine[]): Promise<void> {
    const file = join(deps.folder, `decisions-${day}.ndjson`)
    const told = lost
    const [first, ...others] = lines.map(({ text }) => text)
    // whoever reads the log must be able to tell a gap from silence
    const begun = told === 0 ? first : JSON.stringify(withLost(lines[0]!.event, told))
    try {
      const start = file === whole || (await endsWhole(file)) ? '' : '\n'
      whole = undefined
      await appendFile(file, `${start}${[begun, ...others].join('\n')}\n`, { mode: 0o600 })
      whole = file
      lost -= told
    } catch (thrown) {
      lost += lines.length
      deps.onProblem(thrown)
    }
  }

  return {
    record(event, chars) {
      if (waiting.length >= waitingMax || (waiting.length > 0 && waitingChars + chars > waitingCharsMax)) {
        lost++
        return
      }
      waiting.push({ event, chars })
      waitingChars += chars
      writing ??= write()
    },
    async [Symbol.asyncDispose]() {
      await writing
    },
  }
}

function withLost(event: DecisionEvent, lost: number): DecisionEvent {
  return { ...event, metrics: { ...event.metrics, counter_decision_logs_dropped: lost } }
}

/** Whether the next line can follow at once: a full disk, or a process that was killed, leaves half of one. @throws what the disk says */
async function endsWhole(file: string): Promise<boolean> {
  const handle = await open(file, 'r').catch(() => undefined)
  if (handle === undefined) return true
  try {
    const { size } = await handle.stat()
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(size - 1, 0))
    return size === 0 || buffer.toString() === '\n'
  } finally {
    await handle.close()
  }
}
