/** What every question about an audit log can be given: where the log is, what of it, and in which form the answer comes. */
import { Argument, type Command, Option } from 'commander'
import { type Filter, type LogReading, openAuditLog } from '../app/audit.ts'
import { PortcullisError } from '../domain/errors.ts'
import { parseResourceId } from '../domain/resource-id.ts'

export type LogOptions = {
  readonly config: string
  readonly since?: string
  readonly until?: string
  readonly strict: boolean
  readonly format: 'text' | 'ndjson' | 'csv'
}

export type FilterOptions = LogOptions & {
  readonly user: readonly string[]
  readonly resource: readonly string[]
  readonly purpose: readonly string[]
  readonly revision: readonly string[]
  readonly reason: readonly string[]
}

const unitsMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

export const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value]

export function withLog(command: Command, formats: readonly string[]): Command {
  return command
    .addArgument(
      new Argument(
        '[log...]',
        'files of the log, also gzipped; folders of them; - for standard input; none: what the configuration names',
      ),
    )
    .option('--config <file>', 'configuration', 'portcullis.yaml')
    .option('--since <time>', 'from then on: 2026-11-25T09:00:00Z, 2026-11-25 (UTC), or so long ago: 30m, 24h, 7d, 2w')
    .option('--until <time>', 'up to then, but without it; written as --since')
    .option('--strict', 'exit with 2 where a part of the log could not be read', false)
    .addOption(
      new Option('--format <format>', 'form of the answer; ndjson: one JSON object a line')
        .choices(formats)
        .default('text'),
    )
}

export function withFilters(command: Command): Command {
  const anyOf = (flags: string, description: string) =>
    new Option(flags, description).argParser(collect).default([], 'any; repeatable')
  return withLog(command, ['text', 'ndjson', 'csv'])
    .addOption(anyOf('--user <id>', 'only of this user'))
    .addOption(anyOf('--resource <id>', 'only of this resource and what lies below it'))
    .addOption(anyOf('--purpose <purpose>', "only for this purpose; '' for none"))
    .addOption(anyOf('--revision <revision>', 'only what these policies decided; a beginning is enough'))
    .addOption(anyOf('--reason <code>', 'only with this code, of an error or a rule: user.denied, hr.first_resource'))
}

/** @throws config.invalid, resource.invalid */
export function filterOf(options: FilterOptions, now: number): Filter {
  return {
    users: options.user,
    resources: options.resource.map(parseResourceId),
    purposes: options.purpose,
    revisions: options.revision,
    reasons: options.reason,
    ...periodOf(options, now),
  }
}

/** @throws config.invalid */
export function periodOf(
  { since, until }: Pick<LogOptions, 'since' | 'until'>,
  now: number,
): { readonly since?: string; readonly until?: string } {
  const period = {
    ...(since === undefined ? {} : { since: whenOf(since, '--since', now) }),
    ...(until === undefined ? {} : { until: whenOf(until, '--until', now) }),
  }
  if (period.since !== undefined && period.until !== undefined && period.since >= period.until)
    throw wrong(`--since ${since} is not before --until ${until}: nothing lies between them.`)
  return period
}

export function logOf(places: readonly string[], { config }: LogOptions): Promise<LogReading> {
  return openAuditLog(places, { file: config, environment: process.env }, process.stdin)
}

/** Its year has four digits. */
const timeMax = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** As the log writes times, which are compared as text. */
function whenOf(text: string, option: string, now: number): string {
  const [, amount, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? []
  const time =
    amount === undefined ? timeOf(text) : Math.max(now - Number(amount) * unitsMs[unit as keyof typeof unitsMs], 0)
  if (Number.isNaN(time) || time < 0 || time > timeMax)
    throw wrong(
      `${option} ${text}: expected a time with its offset (2026-11-25T09:00:00Z), a day (2026-11-25, UTC), or how long ago (30m, 24h, 7d, 2w).`,
    )
  return new Date(time).toISOString()
}

/** NaN where it is none, and for the 30th of February, which `Date` takes for the 2nd of March. */
function timeOf(text: string): number {
  const [, day] = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text) ?? []
  const midnight = day === undefined ? Number.NaN : Date.parse(day)
  const isDay = !Number.isNaN(midnight) && new Date(midnight).toISOString().slice(0, 10) === day
  return isDay ? Date.parse(text) : Number.NaN
}

function wrong(message: string): PortcullisError {
  return new PortcullisError('config.invalid', { message })
}
