/** What `decide` and `explain` are asked with, and the question that it makes. */
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { type Command, Option } from 'commander'
import { type Desk, openBundleDesk, openDesk, parseQuestion, type Question } from '../app/explain.ts'
import { PortcullisError } from '../domain/errors.ts'
import type { Json } from '../domain/json.ts'
import { keepsNumbers, namesMembersOnce } from '../domain/json-members.ts'

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
  if (options.context.purpose !== undefined)
    throw wrong('--context purpose=…: the purpose is given by --purpose alone.')
  if (record !== undefined && resource!.endsWith('/'))
    throw wrong('--record belongs to a leaf, but --resource is a folder.')
  const { readConfig } = await import('../app/config.ts')
  const desk = await openDesk(await readConfig(options.config, process.env), bundle)
  const context = { ...options.context, purpose: purpose! }
  const asked = { user: user!, resource: resource!, context }
  const json = record === undefined ? {} : { record: await recordOf(record) }
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
  const name = file === '-' ? 'standard input' : file
  const content = await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')).catch((cause: unknown) => {
    throw wrong(`${option}: ${name} cannot be read.`, cause)
  })
  const json = parsedJson(content, `${option}: ${name}`)
  if (!namesMembersOnce(content)) throw wrong(`${option}: ${name} names a member of an object twice.`)
  // what is decided in service is decided by every digit
  if (!keepsNumbers(content)) throw wrong(`${option}: ${name} holds a number with more digits than can be kept here.`)
  return json
}

function parsedJson(content: string, where: string): Json {
  try {
    return JSON.parse(content) as Json
  } catch {
    throw wrong(`${where} does not hold one JSON document.`)
  }
}

async function recordOf(file: string): Promise<Json> {
  const record = await jsonOf(file, '--record')
  if (typeof record !== 'object' || record === null || Array.isArray(record))
    throw wrong('--record: a record is an object, {"field": value}.')
  return record
}

/** Milliseconds since the epoch; a time names its offset, or it would mean something else on another machine. @throws config.invalid */
export function timeOf(text: string): number {
  const [, day] = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? []
  const isDay = day !== undefined && new Date(`${day}T00:00:00Z`).getUTCDate() === Number(day.slice(-2))
  const time = isDay ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time)) throw wrong(`--at ${text}: expected a time with its offset, such as 2026-03-18T09:00:00Z.`)
  return time
}

export function addPair(pair: string, known: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [, key, value] = /^([^=]+)=(.*)$/su.exec(pair) ?? []
  if (key === undefined || value === undefined) throw wrong(`--context ${pair}: expected key=value.`)
  return { ...known, [key]: value }
}

function wrong(message: string, cause?: unknown): PortcullisError {
  return new PortcullisError('config.invalid', { message, cause })
}
