/** The effect of a policy change on the HR example, against what guarded reads under either revision really give. */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import avro from 'avsc'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateFile } from '../../examples/hr/generate.ts'
import { createEngineLoader, createFormats } from '../../src/app/adapters.ts'
import { readConfig } from '../../src/app/config.ts'
import { composeImpact, questionsOf } from '../../src/app/impact.ts'
import { buildAccess } from '../../src/bundles/build-access.ts'
import { impactOf, type QuestionImpact } from '../../src/impact/impact.ts'
import { reportOf } from '../../src/impact/report.ts'
import { createCheckout, pinnedOpa, repository } from '../bundles/support/checkout.ts'
import { accessBytes } from '../bundles/support/repack.ts'
import { writeHrConfig } from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'

const records = 60
const run = promisify(execFile)
let folder: Awaited<ReturnType<typeof createTempFolder>>
let configFile: string
let candidate: Buffer

beforeAll(async () => {
  folder = await createTempFolder('impact')
  const dataFolder = join(folder.path, 'data')
  await mkdir(dataFolder)
  for (const name of ['employee_file0.avro', 'employee_file1.avro'])
    await generateFile({ path: join(dataFolder, name), records, seed: name.length })
  configFile = await writeHrConfig(folder.path, { dataFolder })
  await using checkout = await createCheckout({
    'rules/hr/nationality/nationality.rego': (text) => text.replace('"STAFF_REPORT"', '"SALARY"'),
    'rules/hr/first_resource/first_resource.rego': (text) => text.replaceAll('"HR"', '"ESTATES"'),
    // pay is cut to a whole number of thousands where it was hidden: weaker
    'rules/hr/bank_details/bank_details.rego': (text) =>
      text.replace(
        '{"path": "/salaryAmount", "action": "constant", "value": -1}',
        '{"path": "/salaryAmount", "action": "round", "to": 1000}',
      ),
    'rules/hr/record_masking/record_masking.rego': (text) => text.replaceAll('"ESTATES"', '"IT"'),
  })
  const built = await buildAccess(await pinnedOpa(), checkout.path)
  candidate = built.bundles[0]!.bytes
  await writeFile(join(folder.path, 'candidate.tar.gz'), candidate)
}, 120_000)
afterAll(() => folder?.[Symbol.asyncDispose]())

async function impacts(before: Uint8Array, after: Uint8Array): Promise<readonly QuestionImpact[]> {
  const config = await readConfig(configFile, {})
  using impact = await composeImpact({ config, before, after, signal: new AbortController().signal })
  const users = [...impact.users.keys()]
  const questions = await questionsOf({ on: ['file:/data/hr/'], users, purposes: [] }, after)
  return collect(impactOf(impact.deps, questions))
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

/** What a guarded read of each leaf gives, by leaf; undefined: the leaf is not shown. */
async function reads(
  bundle: Uint8Array,
  impact: QuestionImpact,
): Promise<ReadonlyMap<string, readonly Record<string, unknown>[] | undefined>> {
  const config = await readConfig(configFile, {})
  using composed = await composeImpact({ config, before: bundle, after: bundle, signal: new AbortController().signal })
  const { deps } = composed
  const engine = (await createEngineLoader())(bundle)
  const [format] = await createFormats(config.policy)
  const user = composed.users.get(impact.user)!
  const { context, resource } = impact
  const asked = engine.decideUser({ user, context, resource, now: deps.now }).effect === 'permit'
  const found = new Map<string, readonly Record<string, unknown>[] | undefined>()
  for await (const leaf of deps.catalogue.leaves(resource, { signal: deps.signal })) {
    const query = { user, context, leaf, now: deps.now }
    if (!asked || engine.decideResource(query).effect === 'deny') {
      found.set(leaf.id, undefined)
      continue
    }
    const { place } = await deps.catalogue.locate(leaf.id)
    const source = await deps.readers
      .find(({ scheme }) => scheme === place.scheme)!
      .open(place, { signal: deps.signal })
    const guarded = format!.guard(source.bytes, {
      policyFor: (schema) => engine.prepare(query, schema),
      counts: { processed: -1, returned: -1 },
      signal: deps.signal,
    })
    const bytes = Buffer.concat(await collect(guarded))
    const decoder = new avro.streams.BlockDecoder()
    const decoded = collect(decoder as unknown as AsyncIterable<Record<string, unknown>>)
    decoder.end(bytes)
    found.set(leaf.id, await decoded)
  }
  return found
}

test('counts what guarded reads under both revisions give, for every user, purpose and leaf', async () => {
  const all = await impacts(accessBytes, candidate)
  expect(all.length).toBe(16)
  let differing = 0
  for (const impact of all) {
    const [before, after] = [await reads(accessBytes, impact), await reads(candidate, impact)]
    for (const leaf of impact.leaves) {
      const [was, is] = [before.get(leaf.leaf), after.get(leaf.leaf)]
      expect([leaf.seenBefore, leaf.seenAfter]).toEqual([was !== undefined, is !== undefined])
      if (leaf.records === undefined) continue
      expect([leaf.records.visibleBefore, leaf.records.visibleAfter]).toEqual([was?.length ?? 0, is?.length ?? 0])
      expect(leaf.records.records).toBe(records)
      if (leaf.records.gained + leaf.records.lost + leaf.records.masks.size > 0) differing++
      if (was?.length !== records || is?.length !== records) continue
      // every field that differs in what is read is told, in as many records at least
      for (const field of Object.keys(was[0]!)) {
        const changed = was.filter(
          (record, at) => JSON.stringify(record[field]) !== JSON.stringify(is[at]![field]),
        ).length
        const told = [...leaf.records.masks.values()]
          .filter(({ path }) => path === `/${field}` || path.startsWith(`/${field}/`))
          .reduce((most, change) => Math.max(most, change.records), 0)
        expect(`${field} ${told >= changed}`).toBe(`${field} true`)
      }
    }
  }
  expect(differing).toBeGreaterThan(10)
}, 120_000)

test('tells nothing of a revision against itself', async () => {
  const report = reportOf(await impacts(accessBytes, accessBytes))
  expect(report).toMatchObject({ questions: 16, widened: false, groups: [], unread: [] })
})

test('a change and its opposite mirror each other: what is gained one way is lost the other', async () => {
  const totals = (all: readonly QuestionImpact[]) => {
    const leaves = all.flatMap(({ leaves: some }) => some).flatMap((leaf) => leaf.records ?? [])
    const masks = leaves.flatMap((leaf) => [...leaf.masks.values()])
    const sum = (what: string) => masks.filter((mask) => mask.what === what).reduce((n, mask) => n + mask.records, 0)
    const total = (of: 'gained' | 'lost') => leaves.reduce((n, leaf) => n + leaf[of], 0)
    return { gained: total('gained'), lost: total('lost'), masked: sum('masked'), unmasked: sum('unmasked') }
  }
  const there = totals(await impacts(accessBytes, candidate))
  const back = totals(await impacts(candidate, accessBytes))
  expect(back).toEqual({ gained: there.lost, lost: there.gained, masked: there.unmasked, unmasked: there.masked })
  expect(Math.min(there.gained, there.lost, there.masked, there.unmasked)).toBeGreaterThan(0)
})

describe('policy impact', () => {
  async function portcullis(...args: string[]) {
    const base = ['policy', 'impact', '--base', join(repository, 'bundles/access.tar.gz'), '--config', configFile]
    const program = ['--import', 'tsx', join(repository, 'src/cli/main.ts'), ...base, ...args]
    const result = await run(process.execPath, program, { cwd: repository }).catch(
      (thrown: { code: number; stdout: string; stderr: string }) => thrown,
    )
    return { code: 'code' in result ? result.code : 0, stdout: result.stdout, stderr: result.stderr }
  }
  const candidateFile = () => ['--candidate', join(folder.path, 'candidate.tar.gz')]

  test('names example records by a key, and nothing else of them, and exits with 1 where access widens', async () => {
    const { code, stdout } = await portcullis(
      ...candidateFile(),
      '--on',
      'file:/data/hr/',
      '--user',
      'Eve',
      '--key',
      '/uid',
    )
    expect(code).toBe(1)
    expect(stdout).toMatch(/Eve \(IT\), whatever the purpose/)
    expect(stdout).toMatch(/\[wider\] \+60 records visible in employee_file0\.avro .*; such as \d+, \d+/)
    expect((await portcullis(...candidateFile(), '--on', 'file:/data/hr/', '--allow-widening')).code).toBe(0)
  }, 60_000)

  test('takes the requests of an audit log, each once', async () => {
    const log = join(folder.path, 'audit.ndjson')
    const event = {
      kind: 'request.registered',
      userId: 'Eve',
      resourceId: 'file:/data/hr/',
      context: { purpose: 'SALARY' },
    }
    await writeFile(log, `${[event, { kind: 'read.started' }, event].map((line) => JSON.stringify(line)).join('\n')}\n`)
    const { stdout } = await portcullis(...candidateFile(), '--on', log, '--format', 'json')
    expect(JSON.parse(stdout)).toMatchObject({ questions: 1, widened: true, groups: [{ users: ['Eve'] }] })
  }, 60_000)

  test('exits with 2 where something could not be looked at, or there is nothing to compare', async () => {
    await writeFile(join(folder.path, 'data/broken.avro'), 'Obj1, but no more')
    try {
      const broken = await portcullis('--on', 'file:/data/hr/', '--format', 'markdown')
      expect(broken).toMatchObject({ code: 2, stdout: expect.stringContaining('could not be looked at') })
    } finally {
      await writeFile(join(folder.path, 'data/broken.avro'), '')
    }
    await writeFile(join(folder.path, 'empty.ndjson'), '')
    expect(await portcullis('--on', join(folder.path, 'empty.ndjson'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no request in it'),
    })
  }, 60_000)
})
