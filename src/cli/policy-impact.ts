/** `portcullis policy impact`: what a policy change does to real requests, before it is merged. */
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { readConfig } from '../app/config.ts'
import { composeImpact, questionsOf } from '../app/impact.ts'
import { findBundle } from '../bundles/find-bundle.ts'
import { PortcullisError } from '../domain/errors.ts'
import { parseUserId } from '../domain/ids.ts'
import { impactOf, type QuestionImpact } from '../impact/impact.ts'
import { printMarkdown, printText } from '../impact/print.ts'
import { recordKeys } from '../impact/record-keys.ts'
import { reportOf } from '../impact/report.ts'
import { addPair, timeOf } from './decision-options.ts'

type Options = {
  readonly base: string
  readonly candidate: string
  readonly config: string
  readonly on: readonly string[]
  readonly user: readonly string[]
  readonly purpose: readonly string[]
  readonly context: Readonly<Record<string, string>>
  readonly at?: string
  readonly key?: string
  readonly root: string
  readonly format: string
  readonly allowWidening: boolean
}

const bundleFile = 'access.tar.gz'

export function impactCommand(): Command {
  const collect = (value: string, all: readonly string[]) => [...all, value]
  return new Command('impact')
    .description('both revisions over real leaves and requests: exit code 1 where access widens')
    .requiredOption('--base <revision>', 'what it is compared with: a revision, commit, branch, tag or file')
    .option('--candidate <revision>', 'what is to be merged', `bundles/${bundleFile}`)
    .requiredOption('--config <file>', 'the configuration with the users and the resources')
    .requiredOption('--on <what>', 'a resource, or an audit log of requests that were made; repeatable', collect, [])
    .option('--user <id>', 'who asks for the resources; repeatable; default: everybody', collect, [])
    .option('--purpose <purpose>', 'what for; repeatable; default: every purpose that the policies know', collect, [])
    .option('--context <key=value>', 'more of the context, for the resources; repeatable', addPair, {})
    .option('--at <time>', 'when it is asked, such as 2026-03-18T09:00:00Z; default: now')
    .option('--key <pointer>', 'the field that names a record in examples, such as /uid; default: its position')
    .option('--root <folder>', 'root of the checkout', '.')
    .addOption(new Option('--format <format>').choices(['text', 'json', 'markdown']).default('text'))
    .option('--allow-widening', 'exit with 0 although access widens', false)
    .action(run)
}

async function run(options: Options): Promise<void> {
  const root = resolve(options.root)
  const stopping = new AbortController()
  const [before, after] = await Promise.all([
    findBundle(root, bundleFile, options.base),
    findBundle(root, bundleFile, options.candidate),
  ])
  const config = await readConfig(options.config, process.env)
  using impact = await composeImpact({
    config,
    before: before.bytes,
    after: after.bytes,
    ...(options.at === undefined ? {} : { now: timeOf(options.at) }),
    signal: stopping.signal,
  })
  const users = options.user.length > 0 ? options.user.map(parseUserId) : [...impact.users.keys()]
  const questions = await questionsOf(
    { on: options.on, users, purposes: options.purpose, context: options.context },
    after.bytes,
  )
  if (questions.length === 0)
    throw new PortcullisError('config.invalid', { message: '--on: there is no request in it to compare.' })
  const impacts: QuestionImpact[] = []
  for await (const one of impactOf(impact.deps, questions)) impacts.push(one)
  const keys =
    options.key === undefined ? new Map<string, string>() : await recordKeys(impact.deps, impacts, options.key)
  const report = reportOf(impacts, (leaf, at) => keys.get(`${leaf}#${at}`) ?? `#${at}`)
  if (options.format === 'json') process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  else process.stdout.write(options.format === 'markdown' ? printMarkdown(report) : printText(report))
  // what could not be looked at may have widened
  if (report.unread.length > 0) process.exitCode = 2
  else if (report.widened && !options.allowWidening) process.exitCode = 1
}
