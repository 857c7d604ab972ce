import { describe, expect, test } from 'vitest'
import { matchesGlob } from '../../src/dataproduct/glob.ts'
import { exitCodeOf, type Report } from '../../src/dataproduct/report.ts'
import { useTestPolicy } from './support/check.ts'
import { badContract, goodContract, goodWaiver, waiversOf } from './support/documents.ts'

const small = useTestPolicy()

const lastDay = Date.UTC(2026, 11, 31, 23, 59)

function check(
  waivers: readonly Readonly<Record<string, unknown>>[],
  { now = lastDay, contract = badContract, paths = ['.'], named = false } = {},
) {
  const files = {
    'hr/employees.yaml': contract,
    [named ? 'elsewhere/w.txt' : 'waivers.json']: waiversOf(...waivers),
  }
  return small.check(files, { paths, now, ...(named ? { waivers: ['elsewhere/w.txt'] } : {}) })
}

const said = (report: Report) =>
  report.findings
    .filter(({ rule }) => rule !== 'INT-01')
    .map(({ rule, waiver, file, line }) =>
      rule.startsWith('WVR') ? `${rule} ${file}:${line}` : `${rule}${waiver === undefined ? '' : ' waived'}`,
    )

describe('a waiver', () => {
  test('marks the finding of its rule and scope, which stays and no longer counts', async () => {
    const report = await check([goodWaiver])
    expect(said(report)).toEqual(['DES-01 waived', 'CLS-01', 'CLS-01'])
    expect(report.findings.find(({ waiver }) => waiver !== undefined)?.waiver).toEqual({
      reason: 'The purpose is being written.',
      owner: 'alice@example.com',
      ticket: 'HR-12',
      expires: '2026-12-31',
      file: 'waivers.json',
      line: expect.any(Number),
    })
    expect([exitCodeOf(report, 'warning'), exitCodeOf(report, 'never')]).toEqual([1, 0])
    expect(report.states['WVR-01']).toBe('passed')
  })

  test('of one path covers what stands there and nothing else', async () => {
    const path = ['schema', 0, 'properties', 1]
    const report = await check([{ ...goodWaiver, rule: 'CLS-01', scope: { file: 'hr/*.yaml', path } }])
    expect(said(report)).toEqual(['DES-01', 'CLS-01', 'CLS-01 waived'])
    const all = await check([
      { ...goodWaiver, rule: 'CLS-01', scope: { file: 'hr/*.yaml', path: ['schema', 0, 'properties', '*'] } },
    ])
    expect(said(all)).toEqual(['DES-01', 'CLS-01 waived', 'CLS-01 waived'])
  })

  test('of a product covers its contract', async () => {
    const contract = badContract.replace('status: active\n', 'status: active\ndataProduct: payroll\n')
    expect(said(await check([{ ...goodWaiver, scope: { product: 'payroll' } }], { contract }))).toContain(
      'DES-01 waived',
    )
    expect(said(await check([{ ...goodWaiver, scope: { product: 'other' } }], { contract }))).toEqual([
      'DES-01',
      'CLS-01',
      'CLS-01',
      'WVR-02 waivers.json:5',
    ])
  })

  test('that has expired no longer covers, and is a finding at its last day', async () => {
    const report = await check([goodWaiver], { now: lastDay + 60_000 })
    expect(said(report)).toEqual(['DES-01', 'CLS-01', 'CLS-01', 'WVR-01 waivers.json:13'])
    expect(report.states['WVR-01']).toBe('failed')
  })

  test('that covers nothing is a finding', async () => {
    expect(said(await check([goodWaiver], { contract: goodContract }))).toEqual(['WVR-02 waivers.json:5'])
  })

  test('is not called unused where its rule or its file was not looked at', async () => {
    expect(said(await check([{ ...goodWaiver, rule: 'CHG-01' }], { contract: goodContract }))).toEqual([])
    const elsewhere = { ...goodWaiver, scope: { file: 'other/x.yaml' } }
    expect(
      said(await check([elsewhere], { contract: goodContract, paths: ['hr/employees.yaml', 'waivers.json'] })),
    ).toEqual([])
    expect(said(await check([elsewhere], { contract: goodContract }))).toEqual(['WVR-02 waivers.json:5'])
  })

  test('in a file that is named beside the paths counts too', async () => {
    expect(said(await check([goodWaiver], { named: true }))).toContain('DES-01 waived')
  })

  test.each([
    ['a folder without any', 'hr'],
    ['a document that is checked itself', 'hr/employees.yaml'],
    ['what is not there', 'nowhere.yaml'],
  ])('that is looked for in %s could not be read', async (_, path) => {
    const report = await small.check({ 'hr/employees.yaml': goodContract }, { now: lastDay, waivers: [path] })
    expect(report.problems).toEqual([{ file: path, message: expect.any(String) }])
    expect(exitCodeOf(report, 'never')).toBe(2)
  })

  test.each([
    ['without a reason', { ...goodWaiver, reason: ' ' }],
    ['without an owner', { ...goodWaiver, owner: undefined }],
    ['without a ticket', { ...goodWaiver, ticket: 12 }],
    ['without an end', { ...goodWaiver, expires: null }],
    ['with an end that is no day', { ...goodWaiver, expires: '2026-02-30' }],
    ['of a rule that does not exist', { ...goodWaiver, rule: 'NO-1' }],
    ['of a critical rule', { ...goodWaiver, rule: 'SEC-01' }],
    ['of a rule on waivers', { ...goodWaiver, rule: 'WVR-01' }],
    ['with an unknown key', { ...goodWaiver, expire: '2026-12-31' }],
    ['without a scope', { ...goodWaiver, scope: undefined }],
    ['of everything', { ...goodWaiver, scope: {} }],
    ['of a path in no file', { ...goodWaiver, scope: { path: ['schema'] } }],
    ['with an unknown scope', { ...goodWaiver, scope: { file: '**', team: 'hr' } }],
    ['with a scope of the wrong type', { ...goodWaiver, scope: { file: 7 } }],
  ])('%s waives nothing and is a finding', async (_, waiver) => {
    const report = await check([waiver])
    expect(said(report).filter((text) => text.endsWith('waived'))).toEqual([])
    expect(said(report).some((text) => text.startsWith('WVR-03'))).toBe(true)
    expect(exitCodeOf(report, 'error')).toBe(1)
  })

  test('never covers a critical finding, even if the rule is milder by its own word', async () => {
    const contract = `${badContract}servers:\n  - server: x\n    type: local\n    path: /x\n    format: csv\n    password: hunter2\n`
    const rules = small
      .policy()
      .rules.map((rule) => (rule.id === 'SEC-01' ? { ...rule, severity: 'error' as const } : rule))
    const files = { 'hr/employees.yaml': contract, 'waivers.json': waiversOf({ ...goodWaiver, rule: 'SEC-01' }) }
    const report = await small.check(files, { rules, now: lastDay })
    expect(said(report)).toContain('SEC-01')
    expect(said(report)).not.toContain('SEC-01 waived')
  })
})

test.each([
  ['**', 'a/b/c.yaml', true],
  ['**/*.yaml', 'c.yaml', true],
  ['a/**/c.yaml', 'a/c.yaml', true],
  ['a/*/c.yaml', 'a/b/x/c.yaml', false],
  ['a/*.yaml', 'a/.yaml', true],
  ['a', 'a/b', false],
  ['*a*b*', 'xxaxxbxx', true],
  ['*a*b*', 'xxbxxaxx', false],
  ['a.yaml', 'aXyaml', false],
])('the pattern %s on %s', (pattern, path, matches) => {
  expect(matchesGlob(pattern, path)).toBe(matches)
})
