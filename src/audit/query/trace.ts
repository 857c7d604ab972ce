/** All that an audit log holds of one request, or of one read, in order of time. */
import type { AuditEvent } from '../../domain/audit-event.ts'
import { PortcullisError } from '../../domain/errors.ts'
import { hashToken } from '../../domain/token-hash.ts'
import { dayOf, type Filter, inPeriod } from './filter.ts'
import type { LogReading } from './log-reading.ts'

/** Held at once, to put them in order; what comes beyond is counted. */
export const eventsHeldMax = 200_000

export type Trace = {
  readonly events: readonly AuditEvent[]
  /** Events of it that were not held. */
  readonly left: number
}

const namesToldMax = 5

/**
 * `name` is the hash of a token or its beginning (6 digits at least), the id of a read, or a token, of which nothing but the hash is used.
 * @throws config.invalid where it is none of them, or the beginning of several
 */
export async function traceOf(
  reading: LogReading,
  name: string,
  period: Pick<Filter, 'since' | 'until'>,
): Promise<Trace> {
  const isMeant = matcherOf(name)
  const filter = { ...period, users: [], resources: [], purposes: [], revisions: [], reasons: [] }
  const events: AuditEvent[] = []
  const requests = new Set<string>()
  let left = 0
  const { since, until } = period
  const isOutside = (day: string) =>
    (since !== undefined && day < dayOf(since)) || (until !== undefined && day > dayOf(until))
  for await (const batch of reading.events(isOutside))
    for (const event of batch) {
      if (!isMeant(event) || !inPeriod(filter, event.time)) continue
      if (event.tokenHash !== undefined) requests.add(event.tokenHash)
      if (events.length < eventsHeldMax) events.push(event)
      else left++
      if (requests.size > namesToldMax) throw several(requests)
    }
  if (requests.size > 1) throw several(requests)
  return { events: events.sort(byTime), left }
}

function matcherOf(name: string): (event: AuditEvent) => boolean {
  if (/^[0-9a-f]{6,32}$/.test(name)) return ({ tokenHash }) => tokenHash?.startsWith(name) === true
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(name)) {
    const hash = hashToken(name)
    return ({ tokenHash, readId }) => tokenHash === hash || readId === name
  }
  throw new PortcullisError('config.invalid', {
    message:
      'What to show is named by the hash of its token as reads and requests print it (6 to 32 digits of 0-9 and a-f), by the id of a read, or by the token.',
  })
}

function several(requests: ReadonlySet<string>): PortcullisError {
  const names = [...requests].slice(0, namesToldMax)
  const more = requests.size > names.length ? ' and others' : ''
  return new PortcullisError('config.invalid', {
    message: `Several requests begin like that: ${names.join(', ')}${more}. Give more digits.`,
  })
}

/** Within a millisecond the order of the log holds, but that nothing comes before its registration or its start. */
function byTime(a: AuditEvent, b: AuditEvent): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1
  return rankOf(a) - rankOf(b)
}

const rankOf = ({ kind }: AuditEvent) => (kind === 'request.registered' ? 0 : kind === 'read.started' ? 1 : 2)
