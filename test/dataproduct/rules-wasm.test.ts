/** The rules on data products say the same in our engine, compiled to WASM, as OPA says of their sources: of documents in order, of each way to spoil one, of trees and changes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadDataproductPolicy } from '../../src/app/dataproduct-policy.ts'
import { buildDataproduct } from '../../src/bundles/build-dataproduct.ts'
import type { Opa } from '../../src/bundles/opa.ts'
import { type RuleEngine, reportEntrypoint } from '../../src/dataproduct/evaluate.ts'
import { spoiltEverywhere } from './support/spoilt.ts'
import { testOpa } from './support/test-policy.ts'

const repository = new URL('../..', import.meta.url).pathname
const timeoutMs = 300_000
type Report = { readonly rules: Readonly<Record<string, string>>; readonly findings: readonly unknown[] }
type Document = { readonly [key: string]: unknown }

let folder: string
let opa: Opa
let engine: RuleEngine
let contract: Document
let profile: Document

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-rules-wasm-'))
  opa = await testOpa()
  const { bundles, findings } = await buildDataproduct(opa, repository)
  expect(findings).toEqual([])
  const bundle = join(folder, 'dataproduct.tar.gz')
  writeFileSync(bundle, bundles[0]!.bytes)
  writeFileSync(join(folder, 'rego.tar.gz'), bundles[1]!.bytes)
  engine = loadDataproductPolicy({ bundle }).engine
  const fixtures = (await evaluated('data.test.dataproduct.fixtures')) as {
    readonly contract: Document
    readonly profile: Document
  }
  contract = fixtures.contract
  profile = fixtures.profile
}, timeoutMs)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function evaluated(query: string, input?: unknown): Promise<unknown> {
  const file = join(folder, 'input.json')
  writeFileSync(file, JSON.stringify(input ?? null))
  const sources =
    input === undefined
      ? ['-d', join(repository, 'opa-tests/dataproduct/fixtures.rego')]
      : ['-b', join(folder, 'rego.tar.gz')]
  const { ok, stdout, stderr } = await opa.run(['eval', ...sources, '-i', file, '--format', 'raw', query])
  if (!ok) throw new Error(stderr)
  return JSON.parse(stdout)
}

/** Many inputs in one run of OPA. */
async function reportsByOpa(inputs: readonly unknown[]): Promise<readonly Report[]> {
  const query = '[report | some case in input.cases; report := data.dataproduct.report with input as case]'
  return (await evaluated(query, { cases: inputs })) as readonly Report[]
}

async function expectTheSame(inputs: readonly unknown[]): Promise<readonly Report[]> {
  const reports = await reportsByOpa(inputs)
  expect(reports).toHaveLength(inputs.length)
  const different = inputs.flatMap((input, index) => {
    const ours = linesOf(engine.evaluate(input, reportEntrypoint) as Report)
    const theirs = linesOf(reports[index]!)
    const apart = [...ours.filter((line) => !theirs.includes(line)), ...theirs.filter((line) => !ours.includes(line))]
    return apart.length === 0 && ours.join() !== theirs.join()
      ? [[index, 'another order']]
      : apart.length === 0
        ? []
        : [[index, ...apart]]
  })
  expect(different).toEqual([])
  return reports
}

function linesOf({ rules, findings }: Report): readonly string[] {
  return [
    ...findings.map((finding) => JSON.stringify(finding)),
    ...Object.entries(rules).map(([id, state]) => `${id} ${state}`),
  ]
}

function spoilt(document: unknown): readonly unknown[] {
  return spoiltEverywhere(document).map((each) => each.document)
}

function every(items: readonly unknown[], step: number): readonly unknown[] {
  return items.filter((_, index) => index % step === 0)
}

function tree(...documents: readonly unknown[]) {
  return documents.map((contents, index) => ({ path: `f${index}.yaml`, contents }))
}

test(
  'a contract and a product, in order and spoilt in each place, get the same report',
  async () => {
    const inputs = [contract, profile, ...every(spoilt(contract), 9), ...every(spoilt(profile), 5)]
    const reports = await expectTheSame(inputs)
    const failed = new Set(
      reports.flatMap(({ rules }) => Object.entries(rules).flatMap(([id, state]) => (state === 'failed' ? [id] : []))),
    )
    expect(failed.size).toBeGreaterThan(20)
  },
  timeoutMs,
)

test(
  'inputs of every other shape get the same report',
  async () => {
    await expectTheSame([
      null,
      true,
      17,
      'text',
      [],
      {},
      [[]],
      [null],
      { kind: 'DataContract' },
      { kind: 'DataProduct' },
      { dataProduct: null },
    ])
  },
  timeoutMs,
)

test(
  'trees and changes get the same report',
  async () => {
    const changes = every(spoilt(contract), 47).map((after) => [
      { path: 'change', contents: { kind: 'Change', base: tree(contract, profile), current: tree(after, profile) } },
    ])
    const trees = every(spoilt(profile), 35).map((product) => tree(contract, product))
    const reports = await expectTheSame([tree(contract, profile), ...trees, ...changes])
    expect(reports.some(({ rules }) => rules['CHG-02'] === 'failed')).toBe(true)
  },
  timeoutMs,
)
