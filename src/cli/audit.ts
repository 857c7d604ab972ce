/** `portcullis audit`: who read what, for which purpose, under which policy revision, out of the audit log. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { type ReadRow, type RequestNotes, type RequestRow, readsOf, requestsOf } from '../app/audit.ts'
import { readForm, requestForm } from './audit-columns.ts'
import { tellDamage } from './audit-damage.ts'
import { collect, type FilterOptions, filterOf, logOf, withFilters } from './audit-options.ts'
import { createRowWriter } from './audit-output.ts'
import { showCommand } from './audit-show.ts'
import { summaryCommand } from './audit-summary.ts'

type OutcomeOptions = FilterOptions & { readonly outcome: readonly string[]; readonly denied: boolean }

export function auditCommand(): Command {
  const command = new Command('audit').description('ask the audit log who read what, why, and under which policies')
  for (const part of [readsCommand(), requestsCommand(), showCommand(), summaryCommand()]) command.addCommand(part)
  return command
}

function readsCommand(): Command {
  return withOutcomes(
    new Command('reads').description('one line a read, in the order in which they ended'),
    ['finished', 'aborted', 'refused', 'unfinished'],
    'only what was refused, or cut because policy denied it',
  ).action(async (places: readonly string[], options: OutcomeOptions) => {
    const reading = await logOf(places, options)
    const isDenied = ({ outcome, decision }: ReadRow) => outcome === 'refused' || decision === 'deny'
    await print(readsOf(reading, filterOf(options, Date.now())), options, isDenied, readForm, (counts) =>
      foot('read', counts),
    )
    tellDamage(reading.tally, options.strict)
  })
}

function requestsCommand(): Command {
  return withOutcomes(
    new Command('requests').description('one line a request, and one a call that was turned away'),
    ['permitted', 'refused', 'failed', 'withheld', 'registered'],
    'only where the request, a leaf or a read of it was denied',
  ).action(async (places: readonly string[], options: OutcomeOptions) => {
    const reading = await logOf(places, options)
    const notes: RequestNotes = { unregistered: 0, early: 0 }
    const isDenied = ({ outcome, leavesWithheld, readsRefused }: RequestRow) =>
      outcome === 'refused' || leavesWithheld > 0 || readsRefused > 0
    const rows = requestsOf(reading, filterOf(options, Date.now()), notes)
    await print(rows, options, isDenied, requestForm, (counts) => `${foot('request', counts)}${before(notes, options)}`)
    if (notes.early > 0)
      process.stderr.write(
        `portcullis: ${notes.early} requests were told before the rest of the log was read, as there are so many: what came later is missing in them. Narrow it by --since and --until.\n`,
      )
    tellDamage(reading.tally, options.strict)
  })
}

function withOutcomes(command: Command, outcomes: readonly string[], denied: string): Command {
  const outcome = new Option('--outcome <outcome>', 'only what ended so')
    .choices(outcomes)
    .default([], 'any; repeatable')
    .argParser((value: string, all: readonly string[]) => {
      if (!outcomes.includes(value)) throw new InvalidArgumentError(`Allowed choices are ${outcomes.join(', ')}.`)
      return collect(value, all)
    })
  return withFilters(command).addOption(outcome).option('--denied', denied, false)
}

type Counts = ReadonlyMap<string, number>

async function print<Row extends ReadRow | RequestRow>(
  rows: AsyncIterable<Row>,
  { format, outcome, denied }: OutcomeOptions,
  isDenied: (row: Row) => boolean,
  form: Parameters<typeof createRowWriter<Row>>[1],
  footOf: (counts: Counts) => string,
): Promise<void> {
  const writer = createRowWriter(format, form)
  const counts = new Map<string, number>()
  for await (const row of rows) {
    if (outcome.length > 0 && !outcome.includes(row.outcome)) continue
    if (denied && !isDenied(row)) continue
    counts.set(row.outcome, (counts.get(row.outcome) ?? 0) + 1)
    await writer.write(row)
  }
  await writer.end(footOf(counts))
}

function foot(noun: string, counts: Counts): string {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const parts = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ')
  return `${total} ${total === 1 ? noun : `${noun}s`}${parts === '' ? '' : `: ${parts}`}\n`
}

function before({ unregistered }: RequestNotes, { since }: OutcomeOptions): string {
  if (since === undefined || unregistered === 0) return ''
  return `left out, being registered before: ${unregistered}\n`
}
