/** What `decide` and `explain` are asked with, and the question that it makes. */
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { type Command, Option } from 'commander'
import { type Desk, openBundleDesk, openDesk, parseQuestion, type Question } from '../app/explain.ts'
import { PortcullisError } from '../domain/errors.ts'
import type { Json } from '../domain/json.ts'

export type DecisionOptions = {
  readonly user?: string
  readonly resource?: string
  readonly purpose?: string
  readonly context: Readonly<Record<string, string>>
  readonly record?: string
  readonly config: string
  readonly bundle?: string
  readonly input?: string
  readonly at?: string
  readonly format: 'text' | 'json'
}

export function withDecisionOptions(command: Command): Command {
  return command
    .option('--user <id>', 'who asks: a user of the configuration')
    .option('--resource <id>', 'what for: a leaf, or a folder (then the user decision alone)')
    .option('--purpose <purpose>', 'the purpose in the context')
    .option('--context <key=value>', 'more of the context; can be repeated', addPair, {})
    .option('--record <file>', 'a record as JSON, - for standard input: decides what is dropped and masked of it')
    .option('--config <file>', 'configuration: bundle, users, resources', 'portcullis.yaml')
    .option('--bundle <file>', 'a bundle instead of the configured one')
    .option('--input <file>', 'with --bundle: the whole question as JSON (user, context, resource, record)')
    .option('--at <time>', 'when it is asked, such as 2026-03-18T09:00:00Z; default: now')
    .addOption(new Option('--format <format>', 'form of the answer').choices(['text', 'json']).default('text'))
}

export type Asked = { readonly desk: Desk; readonly question: Question }

/** @throws config.invalid with what is missing, and what opening a desk and asking a question throw */
export async function questionOf(options: DecisionOptions, clock: number): Promise<Asked> {
  const now = options.at === undefined ? clock : timeOf(options.at)
  const { user, resource, purpose, record, bundle, input } = options
  if (input !== undefined) {
    if (bundle === undefined) throw wrong('--input needs --bundle: which policies are to decide?')
    const named = [user, resource, purpose, record].some((option) => option !== undefined)
    if (named || Object.keys(options.context).length > 0)
      throw wrong('--input is the whole question: leave out --user, --resource, --purpose, --context and --record.')
    const json = await jsonOf(input, '--input')
    return { desk: openBundleDesk(bundle), question: parsed(json, now) }
  }
  const missing = Object.entries({ user, resource, purpose }).filter(([, value]) => value === undefined)
  if (missing.length > 0)
    throw wrong(`${missing.map(([name]) => `--${name}`).join(', ')}: missing; or give --bundle and --input.`)
  if (record !== undefined && resource!.endsWith('/'))
    throw wrong('--record belongs to a leaf, but --resource is a folder.')
  const { readConfig } = await import('../app/config.ts')
  const desk = await openDesk(await readConfig(options.config, process.env), bundle)
  const context = { ...options.context, purpose: purpose! }
  const asked = { user: user!, resource: resource!, context }
  const json = record === undefined ? {} : { record: await jsonOf(record, '--record') }
  return { desk, question: await desk.question({ ...asked, ...json }, now) }
}

function parsed(json: Json, now: number): Question {
  try {
    return parseQuestion(json, now)
  } catch (error) {
    throw wrong(`--input: ${(error as Error).message}.`)
  }
}

async function jsonOf(file: string, option: string): Promise<Json> {
  const content = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8')
  try {
    return JSON.parse(content) as Json
  } catch {
    throw wrong(`${option}: ${file === '-' ? 'standard input' : file} does not hold one JSON document.`)
  }
}

/** Milliseconds since the epoch; a time names its offset, or it would mean something else on another machine. @throws config.invalid */
export function timeOf(text: string): number {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN
  if (Number.isNaN(time)) throw wrong(`--at ${text}: expected a time with its offset, such as 2026-03-18T09:00:00Z.`)
  return time
}

export function addPair(pair: string, known: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [, key, value] = /^([^=]+)=(.*)$/su.exec(pair) ?? []
  if (key === undefined || value === undefined) throw wrong(`--context ${pair}: expected key=value.`)
  return { ...known, [key]: value }
}

function wrong(message: string): PortcullisError {
  return new PortcullisError('config.invalid', { message })
}
