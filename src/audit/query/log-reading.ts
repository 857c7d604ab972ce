/** Reads an audit log from its first event to its last, in constant memory, and counts what could not be read: nothing is left out unsaid. */
import type { AuditEvent } from '../../domain/audit-event.ts'
import type { LogFile, LogFiles } from './log-files.ts'
import { type LineDamage, type LineSources, linesOf } from './log-lines.ts'
import { type NoEvent, parseEvent } from './parse-event.ts'

export type Damage = { readonly file: string; readonly line: number; readonly why: LineDamage | NoEvent }

export type Tally = {
  /** Files that were read, and of a folder those that lie outside of the time asked for. */
  files: number
  filesOutside: number
  events: number
  /** Events that were there before: delivery is at least once. */
  repeated: number
  damagedLines: number
  /** The first of them. */
  readonly damage: Damage[]
  readonly unread: readonly string[]
}

export type LogReading = {
  readonly tally: Tally
  /** Once. `isOutside` is asked before each file whose day is known. */
  events(isOutside?: (day: string) => boolean): AsyncGenerator<readonly AuditEvent[]>
}

/** How many places of damage are told one by one. */
export const damageToldMax = 5
/** How many events may at least lie between one and its repetition; up to twice as many ids are held. */
const rememberedIdsMax = 100_000

export function createLogReading({ files, unread }: LogFiles, sources: LineSources): LogReading {
  const tally: Tally = { files: 0, filesOutside: 0, events: 0, repeated: 0, damagedLines: 0, damage: [], unread }
  // two generations, the older of them dropped whole: a set from which the first is taken again and again grows slow
  let remembered = new Set<string>()
  let before = new Set<string>()

  function isRepeated(id: string): boolean {
    if (remembered.has(id) || before.has(id)) return true
    if (remembered.size >= rememberedIdsMax) {
      before = remembered
      remembered = new Set()
    }
    remembered.add(id)
    return false
  }

  function damaged(damage: Damage): void {
    tally.damagedLines++
    if (tally.damage.length < damageToldMax) tally.damage.push(damage)
  }

  async function* eventsIn(file: LogFile): AsyncGenerator<readonly AuditEvent[]> {
    for await (const lines of linesOf(file, sources)) {
      const events: AuditEvent[] = []
      for (const line of lines) {
        if ('damage' in line) {
          damaged({ file: file.name, line: line.number, why: line.damage })
          continue
        }
        if (line.text.trim() === '') continue
        const event = parseEvent(line.text)
        if (typeof event === 'string') {
          const why = event === 'not_json' && !line.ended ? 'cut_short' : event
          damaged({ file: file.name, line: line.number, why })
        } else if (isRepeated(event.id)) tally.repeated++
        else events.push(event)
      }
      tally.events += events.length
      if (events.length > 0) yield events
    }
  }

  return {
    tally,
    async *events(isOutside = () => false) {
      for (const ofOneDay of togetherByDay(files)) {
        const inside = ofOneDay.filter(({ day }) => day === undefined || !isOutside(day))
        tally.files += inside.length
        tally.filesOutside += ofOneDay.length - inside.length
        yield* sideBySide(inside.map(eventsIn))
      }
    },
  }
}

function togetherByDay(files: readonly LogFile[]): readonly (readonly LogFile[])[] {
  const days: LogFile[][] = []
  for (const file of files) {
    const last = days.at(-1)
    if (last !== undefined && file.sortDay !== undefined && last[0]?.sortDay === file.sortDay) last.push(file)
    else days.push([file])
  }
  return days
}

type Batches = AsyncGenerator<readonly AuditEvent[]>

/** What begins earlier comes first: rotations of a file one after the other, and an event near its repetition in the folder of another service. */
async function* sideBySide(sources: readonly Batches[]): Batches {
  const held = new Map<Batches, readonly AuditEvent[]>()
  async function pull(source: Batches): Promise<void> {
    const next = await source.next()
    if (next.done === true) held.delete(source)
    else held.set(source, next.value)
  }
  try {
    for (const source of sources) await pull(source)
    while (held.size > 0) {
      const [first, batch] = [...held].reduce((a, b) => (b[1][0]!.time < a[1][0]!.time ? b : a))
      yield batch
      await pull(first)
    }
  } finally {
    for (const source of sources) await source.return(undefined)
  }
}
