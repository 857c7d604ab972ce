/** `portcullis audit show`: everything that the audit log holds of one request, in order of time. */
import { Command } from 'commander'
import { type Trace, traceOf } from '../app/audit.ts'
import type { AuditEvent } from '../domain/audit-event.ts'
import type { Reason } from '../domain/decision.ts'
import { recordsOf, short } from './audit-columns.ts'
import { tellDamage } from './audit-damage.ts'
import { type LogOptions, logOf, periodOf, withLog } from './audit-options.ts'
import { type Column, shown, tableText } from './audit-output.ts'

export function showCommand(): Command {
  return withLog(
    new Command('show')
      .description('everything about one request, or one read, in order of time; exit code 1 where there is nothing')
      .argument('<request>', 'hash of its token (6 digits at least), id of a read, or the token itself'),
    ['text', 'ndjson'],
  ).action(async (name: string, places: readonly string[], options: LogOptions) => {
    const reading = await logOf(places, options)
    const trace = await traceOf(reading, name, periodOf(options, Date.now()))
    if (options.format === 'ndjson')
      for (const event of trace.events) process.stdout.write(`${JSON.stringify(event)}\n`)
    else if (trace.events.length > 0) process.stdout.write(traceText(trace.events))
    tellMissing(trace, reading.tally.files)
    tellDamage(reading.tally, options.strict)
  })
}

function tellMissing({ events, left }: Trace, files: number): void {
  if (events.length === 0) {
    process.stderr.write(`portcullis: nothing of it in ${files} ${files === 1 ? 'file' : 'files'} of the audit log\n`)
    process.exitCode = 1
  }
  if (left > 0) {
    process.stderr.write(`portcullis: ${left} more events of it are not shown: narrow them by --since and --until\n`)
    process.exitCode = 2
  }
}

const columns: readonly Column<AuditEvent>[] = [
  { head: 'Time', cell: ({ time }) => time },
  { head: 'What', cell: ({ kind }) => kind },
  { head: 'User', cell: ({ userId }) => shown(userId) },
  { head: 'Leaf', cell: ({ leafId }) => shown(leafId) },
  { head: 'Policies', cell: ({ revision }) => short(revision) },
  { head: 'Details', cell: detailsOf },
]

function traceText(events: readonly AuditEvent[]): string {
  // who asked is said by the registration; a call with this token may be somebody else's
  const about =
    events.find(({ kind }) => kind === 'request.registered') ?? events.find(({ context }) => context) ?? events[0]!
  const { tokenHash, userId, resourceId, context = {} } = about
  const stated = Object.entries(context).map(([name, value]) => `${shown(name)}=${shown(value)}`)
  const registered = about.kind === 'request.registered' ? about.time : undefined
  const head = [
    `Request ${shown(tokenHash)}`,
    `  user        ${shown(userId)}`,
    `  resource    ${shown(resourceId)}`,
    `  context     ${stated.length === 0 ? '-' : stated.join(', ')}`,
    `  registered  ${shown(registered)}`,
  ]
  const reasons = new Map(
    events.flatMap(({ reasons: all = [] }) => all.map((reason) => [JSON.stringify(reason), reason] as const)),
  )
  const why = [...reasons.values()].map(reasonLine)
  return `${head.join('\n')}\n\n${tableText(columns, events)}${why.length === 0 ? '' : `\nReasons\n${why.join('\n')}\n`}`
}

function reasonLine({ code, title, rule, layer, place }: Reason): string {
  const from = [rule, layer, place].flatMap((part) => (part === undefined ? [] : [shown(part)])).join(', ')
  return `  ${shown(code)}${title === undefined ? '' : `: ${shown(title)}`}${from === '' ? '' : ` (${from})`}`
}

function detailsOf(event: AuditEvent): string {
  const { code, reasons = [], bytesWritten, recordsReturned, readId, client, limit, calls } = event
  const codes = [...new Set(reasons.map((reason) => shown(reason.code)))]
  return [
    ...(code === undefined ? [] : [shown(code)]),
    ...(codes.length === 0 ? [] : [`because of ${codes.join(', ')}`]),
    ...(recordsReturned === undefined ? [] : [`${recordsOf(event)} records`]),
    ...(bytesWritten === undefined ? [] : [`${bytesWritten} bytes`]),
    ...(client === undefined ? [] : [`from ${shown(client)}`]),
    ...(limit === undefined ? [] : [`${calls ?? 1} calls over the limit ${shown(limit)}`]),
    ...(readId === undefined ? [] : [`read ${shown(readId)}`]),
  ].join('; ')
}
