/** `portcullis audit summary`: counts by user, purpose, resource, policy revision, or whatever is asked. */
import { Command, InvalidArgumentError } from 'commander'
import { type Dimension, type Summary, type SummaryRow, summarize } from '../app/audit.ts'
import { short } from './audit-columns.ts'
import { tellDamage } from './audit-damage.ts'
import { type FilterOptions, filterOf, logOf, withFilters } from './audit-options.ts'
import { type Column, createRowWriter, shown, tableText } from './audit-output.ts'

type Options = FilterOptions & { readonly by: readonly (readonly Dimension[])[] }

const known: readonly Dimension[] = ['user', 'purpose', 'resource', 'leaf', 'revision', 'day']
const usual: readonly (readonly Dimension[])[] = [['user'], ['purpose'], ['resource'], ['revision']]

export function summaryCommand(): Command {
  return withFilters(new Command('summary').description('counts of requests, leaves, reads, records and bytes'))
    .option(
      '--by <what>',
      `a table by ${known.join(', ')}, or by several with commas between: user,purpose; repeatable; default: user, purpose, resource and revision`,
      (value: string, all: Options['by']) => [...all, dimensionsOf(value)],
      [],
    )
    .action(async (places: readonly string[], { by, ...options }: Options) => {
      const reading = await logOf(places, options)
      const summary = await summarize(reading, filterOf(options, Date.now()), by.length > 0 ? by : usual)
      if (options.format === 'text') process.stdout.write(summaryText(summary))
      else {
        const writer = createRowWriter<SummaryRow>(options.format, { columns: [], fields: summaryFields })
        for (const row of [summary.total, ...summary.tables.flat()]) await writer.write(row)
        await writer.end('')
      }
      tellDamage(reading.tally, options.strict)
    })
}

function dimensionsOf(value: string): readonly Dimension[] {
  const names = value.split(',')
  const unknown = names.find((name) => !(known as readonly string[]).includes(name))
  if (unknown !== undefined) throw new InvalidArgumentError(`Allowed are ${known.join(', ')}.`)
  return [...new Set(names)] as readonly string[] as readonly Dimension[]
}

/** Of CSV, in order. */
export const summaryFields: readonly (keyof SummaryRow)[] = [
  'by',
  ...known,
  'requests',
  'requestsRefused',
  'requestsFailed',
  'leavesDelivered',
  'leavesWithheld',
  'readsFinished',
  'readsAborted',
  'readsRefused',
  'readsUnfinished',
  'recordsReturned',
  'recordsDropped',
  'bytesWritten',
  'revocations',
]

/** Small heads are a part of the one before, but for `refused`, which counts refused calls as well. */
const counts: readonly (readonly [head: string, (row: SummaryRow) => number])[] = [
  ['Requests', (row) => row.requests],
  ['refused', (row) => row.requestsRefused],
  ['failed', (row) => row.requestsFailed],
  ['revoked', (row) => row.revocations],
  ['Leaves', (row) => row.leavesDelivered],
  ['withheld', (row) => row.leavesWithheld],
  ['Reads', (row) => row.readsFinished + row.readsAborted + row.readsRefused + row.readsUnfinished],
  ['aborted', (row) => row.readsAborted],
  ['refused', (row) => row.readsRefused],
  ['unfinished', (row) => row.readsUnfinished],
  ['Records', (row) => row.recordsReturned],
  ['dropped', (row) => row.recordsDropped],
  ['Bytes', (row) => row.bytesWritten],
]

function summaryText({ from, to, total, tables }: Summary): string {
  if (from === undefined) return 'nothing in the log\n'
  const whole = [`${from} to ${to ?? from}\n`, tableText(columnsFor([]), [total])]
  const parts = tables.map((rows) => tableText(columnsFor(rows[0]?.by ?? []), rows))
  return [...whole, ...parts.flatMap((part) => ['\n', part])].join('')
}

const heads: Readonly<Record<Dimension, string>> = {
  user: 'User',
  purpose: 'Purpose',
  resource: 'Resource',
  leaf: 'Leaf',
  revision: 'Policies',
  day: 'Day',
}

function columnsFor(by: readonly Dimension[]): readonly Column<SummaryRow>[] {
  return [
    ...by.map((dimension) => ({
      head: heads[dimension],
      cell: (row: SummaryRow) => (dimension === 'revision' ? short(row.revision) : shown(row[dimension])),
    })),
    ...counts.map(([head, count]) => ({ head, cell: (row: SummaryRow) => String(count(row)), toTheRight: true })),
  ]
}
