/** What a policy change costs: activating a revision, answering as a decision point beside a route that only echoes, and working out the effect of a change. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateFile } from '../examples/hr/generate.ts'
import { createEngineLoader, createFormats } from '../src/app/adapters.ts'
import { createBundleHolder } from '../src/app/bundle-holder.ts'
import { readConfig } from '../src/app/config.ts'
import { composeImpact } from '../src/app/impact.ts'
import { parseUserId } from '../src/domain/ids.ts'
import { parseResourceId } from '../src/domain/resource-id.ts'
import { impactOf } from '../src/impact/impact.ts'
import { repacked } from '../test/bundles/support/repack.ts'
import { accessBundle, startHrPortcullis, writeHrConfig } from '../test/support/portcullis-process.ts'
import { createTempFolder } from '../test/support/temp-folder.ts'
import { type Row, report, round } from './support/statistics.ts'

const records = 10_000
const connections = 16
const requests = 20_000
const warmUps = 2_000

const folder = await createTempFolder('bench')

/** Longest time in which a timer due every millisecond did not fire, while 20 revisions are activated. */
async function activation(): Promise<Row> {
  const load = await createEngineLoader()
  const bundles = Array.from({ length: 21 }, (_, index) => repacked(`revision ${index}`))
  let next = 0
  const { promise: done, resolve } = withResolvers()
  const blocked: number[] = []
  using holder = await createBundleHolder({
    source: {
      name: 'bench',
      async fetch() {
        if (next > 0) await new Promise((wait) => setTimeout(wait, 100))
        if (next >= bundles.length) return new Promise<undefined>(() => resolve())
        return { bytes: bundles[next]!.bytes, version: String(next++) }
      },
    },
    verify: async () => undefined,
    load(bytes) {
      const startedAt = performance.now()
      const engine = load(bytes)
      blocked.push(performance.now() - startedAt)
      return engine
    },
    now: Date.now,
    onActivated: () => undefined,
    onProblem: (thrown) => {
      throw thrown
    },
  })
  await done
  const warm = blocked.slice(1).sort((a, b) => a - b)
  if (holder.engine().revision !== bundles.at(-1)!.revision) throw new Error('the last revision is not active')
  return {
    what: 'activation of a revision, event loop blocked',
    'p50 ms': round(warm[Math.floor(warm.length / 2)]!),
    'max ms': round(warm.at(-1)!),
    'first ms': round(blocked[0]!),
    goal: '≤ 20 ms',
  }
}

function withResolvers(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve: () => resolve() }
}

/** Of a process so far, user and system, in milliseconds; the kernel counts in hundredths of a second. */
async function cpuMs(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

async function perSecond(url: string, body: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const outgoing = request(
        url,
        {
          agent,
          method: 'POST',
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        },
        (response) => {
          response.resume()
          response.once('end', () =>
            response.statusCode === 200 ? resolve() : reject(new Error(`status ${response.statusCode}`)),
          )
        },
      )
      outgoing.once('error', reject)
      outgoing.end(body)
    })
  const round = async (count: number) => {
    let left = count
    const startedAt = performance.now()
    await Promise.all(
      Array.from({ length: connections }, async () => {
        while (left-- > 0) await one()
      }),
    )
    return count / ((performance.now() - startedAt) / 1000)
  }
  await round(warmUps)
  const figure = await round(requests)
  agent.destroy()
  return figure
}

async function decisionPoint(): Promise<Row> {
  const user = { id: 'Alice', active: true, roles: ['HR'], attributes: {} }
  const body = JSON.stringify({
    input: { user, context: { purpose: 'SALARY' }, request: { resource: 'file:/data/hr/' } },
  })
  await using ours = await startHrPortcullis({ built: true, changes: { log: { level: 'error' } } })
  const echo = spawn(process.execPath, [fileURLToPath(new URL('support/echo-server.mjs', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(echo.stdout, 'data')) as [Buffer]
  const echoUrl = / on (\S+)/.exec(line.toString())![1]!
  try {
    const figures = { ours: 0, echo: 0 }
    const cpu = { ours: Number.POSITIVE_INFINITY, echo: Number.POSITIVE_INFINITY }
    const turns = [
      { name: 'echo', url: `${echoUrl}/v1/data/access/user`, pid: echo.pid! },
      { name: 'ours', url: `${ours.url}/v1/data/access/user`, pid: ours.pid },
    ] as const
    for (let turn = 0; turn < 3; turn++)
      for (const { name, url, pid } of turns) {
        const before = await cpuMs(pid)
        figures[name] = Math.max(figures[name], await perSecond(url, body))
        cpu[name] = Math.min(cpu[name], ((await cpuMs(pid)) - before) / (requests + warmUps))
      }
    return {
      what: `/v1/data/access/user, ${connections} connections`,
      'requests/s': round(figures.ours),
      'echo requests/s': round(figures.echo),
      ratio: round(figures.ours / figures.echo),
      'cpu µs a request': round(cpu.ours * 1000),
      'echo cpu µs': round(cpu.echo * 1000),
      goal: '≥ 0.8 of the echo',
    }
  } finally {
    echo.kill()
  }
}

async function impact(): Promise<Row> {
  const dataFolder = join(folder.path, 'data')
  await mkdir(dataFolder)
  await generateFile({ path: join(dataFolder, 'employee_file0.avro'), records, seed: 1 })
  const configFile = await writeHrConfig(folder.path, { dataFolder })
  const config = await readConfig(configFile, {})
  const before = await readFile(accessBundle)
  const after = repacked('another').bytes
  await writeFile(join(folder.path, 'candidate.tar.gz'), after)
  const signal = new AbortController().signal
  using composed = await composeImpact({ config, before, after, signal })
  const question = {
    user: parseUserId('Bob'),
    resource: parseResourceId('file:/data/hr/'),
    context: { purpose: 'SALARY' },
  }
  const [format] = await createFormats(config.policy)
  const { deps } = composed
  const user = composed.users.get(question.user)!

  async function guardedRead(): Promise<number> {
    const startedAt = performance.now()
    const { leaf, place } = await deps.catalogue.locate(parseResourceId('file:/data/hr/employee_file0.avro'))
    const source = await deps.readers[0]!.open(place, { signal })
    const counts = { processed: -1, returned: -1 }
    const policyFor = (schema: Parameters<typeof deps.before.engine.prepare>[1]) =>
      deps.before.engine.prepare({ user, context: question.context, leaf, now: deps.now }, schema)
    for await (const _ of format!.guard(source.bytes, { policyFor, counts, signal }));
    if (counts.processed !== records) throw new Error(`${counts.processed} records were read`)
    return performance.now() - startedAt
  }
  async function compare(): Promise<number> {
    const startedAt = performance.now()
    for await (const one of impactOf(deps, [question]))
      if (one.leaves[0]?.records?.records !== records) throw new Error('not every record was compared')
    return performance.now() - startedAt
  }
  const figures = { read: [] as number[], compare: [] as number[] }
  for (let turn = 0; turn < 9; turn++) {
    figures.read.push(await guardedRead())
    figures.compare.push(await compare())
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!
  const [read, compared] = [median(figures.read), median(figures.compare)]
  return {
    what: `impact of both revisions over ${records} records (Bob)`,
    'p50 ms': round(compared),
    'guarded read p50 ms': round(read),
    ratio: round(compared / read),
    goal: '≤ 3 × the guarded read',
  }
}

await report('policies', [await activation(), await impact(), await decisionPoint()])
await folder[Symbol.asyncDispose]()
process.exit()
