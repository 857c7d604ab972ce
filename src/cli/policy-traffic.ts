/** `portcullis policy coverage` and `policy fields`: which rules real decisions never fired, and which fields each rule can read. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Command, Option } from 'commander'
import type { BodyCoverage, Desk, FieldUse, Question, TrafficCoverage } from '../app/explain.ts'
import { PortcullisError } from '../domain/errors.ts'
import type { Context } from '../domain/records.ts'

type Options = { readonly config?: string; readonly bundle?: string; readonly format: 'text' | 'json' }

export function coverageCommand(): Command {
  return withBundle(
    new Command('coverage')
      .description('over recorded decisions, say which rules never fired')
      .requiredOption(
        '--on <file>',
        'a decision a line: an input (user, context, resource, record) as JSON, or, with --config, a line of an audit log',
      ),
  ).action(async ({ on, ...options }: Options & { readonly on: string }) => {
    const desk = await deskOf(options)
    const { measureCoverage } = await import('../app/explain.ts')
    const { questions, gone } = await questionsIn(on, desk, Date.now())
    if (questions.length === 0)
      throw new PortcullisError('config.invalid', {
        message: `--on ${on}: holds no decision, so nothing was measured.`,
      })
    const coverage = measureCoverage(desk.explainer, questions)
    process.stdout.write(
      options.format === 'json' ? `${JSON.stringify(coverage, undefined, 2)}\n` : coverageText(coverage),
    )
    if (gone > 0)
      process.stderr.write(`portcullis: left out, their user or resource being unknown here: ${gone} lines\n`)
    if (coverage.differing > 0)
      process.stderr.write(
        `portcullis: WARNING: in ${coverage.differing} evaluations following the policies came to another answer than the engine; they are not counted. Please report this.\n`,
      )
  })
}

export function fieldsCommand(): Command {
  return withBundle(
    new Command('fields').description('say which fields of a request and a record each rule can read'),
  ).action(async (options: Options) => {
    const { explainer } = await deskOf(options)
    const { fieldsOfRules } = await import('../app/explain.ts')
    const rules = fieldsOfRules(explainer.plan, explainer.data)
    const facts = (rule: string) =>
      (explainer.facts.get(rule) ?? []).map(({ name, path, reference }) => ({
        name,
        path,
        ...(reference === undefined ? {} : { reference }),
      }))
    if (options.format === 'text') process.stdout.write(fieldsText(rules, facts))
    else {
      const json = [...rules].map(([rule, { fields }]) => ({ rule, fields: [...fields], facts: facts(rule) }))
      process.stdout.write(`${JSON.stringify(json, undefined, 2)}\n`)
    }
  })
}

function withBundle(command: Command): Command {
  return command
    .option('--config <file>', 'configuration: bundle, users, resources')
    .option('--bundle <file>', 'bundle; without --config bundles/access.tar.gz')
    .addOption(new Option('--format <format>', 'form of the answer').choices(['text', 'json']).default('text'))
}

async function deskOf({ config, bundle }: Options): Promise<Desk> {
  const { openBundleDesk, openDesk } = await import('../app/explain.ts')
  if (config === undefined) return openBundleDesk(bundle ?? 'bundles/access.tar.gz')
  const { readConfig } = await import('../app/config.ts')
  return openDesk(await readConfig(config, process.env), bundle)
}

/** Of a log: who or what a line is about is not there any more, or never was. */
const goneCodes: readonly string[] = ['user.unknown', 'resource.unknown', 'resource.invalid']

/** Lines of an audit log that are about no user and no resource are left out. @throws config.invalid with file and line */
async function questionsIn(
  file: string,
  desk: Desk,
  now: number,
): Promise<{ readonly questions: readonly Question[]; readonly gone: number }> {
  const questions: Question[] = []
  let number = 0
  let gone = 0
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    number++
    if (line.trim() === '') continue
    try {
      const question = await questionOf(JSON.parse(line), desk, now)
      if (question !== undefined) questions.push(question)
    } catch (error) {
      if (error instanceof PortcullisError && goneCodes.includes(error.code)) {
        gone++
        continue
      }
      const why = error instanceof SyntaxError ? 'not JSON' : (error as Error).message
      throw new PortcullisError('config.invalid', { message: `${file}:${number}: ${why}` })
    }
  }
  return { questions, gone }
}

type Recorded = {
  readonly kind?: string
  readonly userId?: string
  readonly leafId?: string
  readonly resourceId?: string
  readonly context?: Context
}

async function questionOf(json: unknown, desk: Desk, now: number): Promise<Question | undefined> {
  const { kind, userId, leafId, resourceId, context = {} } = json as Recorded
  if (kind === undefined) {
    const { parseQuestion } = await import('../app/explain.ts')
    return parseQuestion(json, now)
  }
  const resource = leafId ?? resourceId
  if (userId === undefined || resource === undefined) return undefined
  return desk.question({ user: userId, resource, context }, now)
}

function coverageText(coverage: TrafficCoverage): string {
  const { bodies, decisions, permits, withoutRecord, unfollowed, revision } = coverage
  const never = bodies.filter(({ fired }) => fired === 0)
  const row = ({ rule, kind, place, title, asked, fired }: BodyCoverage): string =>
    `  ${String(fired).padStart(6)} of ${String(asked).padEnd(6)}  ${`${rule} ${kind}`.padEnd(width)}  ${place}${title === undefined ? '' : `  ${title}`}`
  const width = Math.max(0, ...bodies.map(({ rule, kind }) => rule.length + kind.length + 1))
  return [
    `${decisions} ${decisions === 1 ? 'decision' : 'decisions'}, ${permits} permitted, under policies ${revision.slice(0, 12)}`,
    ...(withoutRecord === 0
      ? []
      : [`${withoutRecord} without the record that decides: their record rules were not asked`]),
    ...(unfollowed === 0 ? [] : [`${unfollowed} evaluations could not be followed and are not counted`]),
    never.length === 0 ? 'Every rule fired.' : `${never.length} of ${bodies.length} rules never fired:`,
    ...never.map(row),
    ...(never.length === bodies.length ? [] : ['Fired, of the evaluations in which they were asked:']),
    ...bodies.filter(({ fired }) => fired > 0).map(row),
    '',
  ].join('\n')
}

type FactRow = { readonly name: string; readonly path: string; readonly reference?: string }

function fieldsText(rules: ReadonlyMap<string, FieldUse>, factsOf: (rule: string) => readonly FactRow[]): string {
  const width = Math.max(0, ...[...rules.keys()].map((rule) => rule.length))
  const byRule = [...rules].flatMap(([rule, { fields }]) => [
    `  ${rule.padEnd(width)}  ${[...fields].join(', ')}`,
    ...factsOf(rule).map(
      ({ name, path, reference }) =>
        `  ${''.padEnd(width)}    ${name}: record${path}${reference === undefined ? '' : ` with ${reference}`}`,
    ),
  ])
  const readers = new Map<string, string[]>()
  for (const [rule, { fields }] of rules)
    for (const field of fields) readers.set(field, [...(readers.get(field) ?? []), rule])
  const fieldWidth = Math.max(0, ...[...readers.keys()].map((field) => field.length))
  const byField = [...readers].sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    'Fields by rule',
    ...byRule,
    '',
    'Rules by field',
    ...byField.map(([field, names]) => `  ${field.padEnd(fieldWidth)}  ${names.join(', ')}`),
    '',
  ].join('\n')
}
