/** What products say becomes attachments and contracts of the bundle, or a finding at the line that says it. */
import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readAccessSources } from '../../src/bundles/products/access-sources.ts'
import { readBundle } from '../../src/policy/opa-wasm/bundle.ts'
import {
  accessOf,
  createProductCheckout,
  type FileChanges,
  findingsOf,
  productFile,
  productFolder,
  reportContract,
} from './support/product-checkout.ts'

const attached = 'attachments/product/hr/hr-employees/data.json'

async function sourcesOf(files: FileChanges = {}) {
  await using checkout = await createProductCheckout(files)
  const { sources, findings } = await readAccessSources(checkout.path)
  const json = (path: string) => JSON.parse(sources.find((source) => source.path === path)?.bytes.toString() ?? 'null')
  return { findings, attachments: json(attached), contracts: json('contracts/data.json') }
}

async function lineOf(file: string, text: string): Promise<number> {
  const lines = (await readFile(new URL(`../../${file}`, import.meta.url), 'utf8')).split('\n')
  return lines.findLastIndex((line) => line.includes(text)) + 1
}

test('each port attaches its policy to its resources, in the layer of its product', async () => {
  const { findings, attachments } = await sourcesOf()
  expect(findings).toEqual([])
  expect(attachments).toEqual([
    { resource: 'file:/data/hr/', record_rules: [['hr', 'bank_details']] },
    { resource: 'file:/data/hr-reports/', record_rules: [['org', 'classification']] },
  ])
})

test('the fields of the contract are there by resource, nested ones and those of items too', async () => {
  const { contracts } = await sourcesOf()
  expect(Object.keys(contracts)).toEqual(['file:/data/hr-reports/', 'file:/data/hr/'])
  expect(contracts['file:/data/hr/']).toMatchObject({
    product: 'hr/hr-employees',
    fields: {
      '/uid': 'internal',
      '/bankDetails/sortCode': 'restricted',
      '/contactNumbers/*/number': 'confidential',
      '/workLocation/address/zipCode': 'confidential',
    },
  })
  // a container without a level of its own is what its parts are
  expect(Object.keys(contracts['file:/data/hr/'].fields)).not.toContain('/contactNumbers/*')
})

test('a rule can be attached in other lists, and a field without a level is there without one', async () => {
  const { attachments, contracts } = await sourcesOf({
    [productFile]: (text) =>
      text.replace('hr.bank_details, default', 'hr.first_resource, attach: [resource, user], default'),
    [reportContract]: (text) => text.replace(/(description: Department\.\n) +classification: internal\n/u, '$1'),
  })
  expect(attachments[0]).toEqual({
    resource: 'file:/data/hr/',
    resource_rules: [['hr', 'first_resource']],
    user: [['hr', 'first_resource']],
  })
  expect(contracts['file:/data/hr-reports/'].fields['/department']).toBe('')
})

describe('a map in a contract', () => {
  const department =
    /(\n {6}- name: department\n) {8}logicalType: string\n( {8}description: Department\.\n) {8}classification: internal\n/u
  const withMap = (levels: { readonly map?: string; readonly key?: string; readonly value?: string }) => {
    const said = (level: string | undefined) => (level === undefined ? '' : `, classification: ${level}`)
    const inner = `{ name: inner, logicalType: string${said(levels.value)} }`
    const [key, value] = [
      `{ logicalType: string${said(levels.key)} }`,
      `{ logicalType: object, properties: [${inner}] }`,
    ]
    const own = levels.map === undefined ? '' : `        classification: ${levels.map}\n`
    return (text: string) =>
      text
        .replace('apiVersion: v3.1.0', 'apiVersion: v3.2.0')
        .replace(department, `$1        logicalType: map\n$2${own}        map: { key: ${key}, value: ${value} }\n`)
  }

  test.each([
    [{ map: 'internal' }, 'internal'],
    [{ map: 'internal', value: 'internal' }, 'internal'],
    [{ key: 'restricted', value: 'restricted' }, 'restricted'],
    [{}, ''],
  ])('%j is one field of that classification', async (levels, expected) => {
    const { findings, contracts } = await sourcesOf({ [reportContract]: withMap(levels) })
    expect(findings).toEqual([])
    const { fields } = contracts['file:/data/hr-reports/']
    expect(Object.entries(fields).filter(([path]) => path.startsWith('/department'))).toEqual([
      ['/department', expected],
    ])
  })

  test.each([
    [{ map: 'internal', value: 'restricted' }],
    [{ map: 'restricted', key: 'internal' }],
    [{ value: 'internal' }],
  ])('%j is refused: a part would be read at the level of another', async (levels) => {
    const { findings, attachments } = await sourcesOf({ [reportContract]: withMap(levels) })
    expect(findings).toMatchObject([{ code: 'contract.unusable' }])
    expect(findings[0]!.message).toMatch(
      /has a map with several classifications \(.*staff-report\.contract\.yaml:\d+\)/u,
    )
    expect(attachments).toHaveLength(1)
  })
})

test('our own profile says the same with members of its own', async () => {
  const profile = `dataProduct:
  name: hr-employees
  domain: hr
  outputPorts:
    - name: report
      contractId: 7c0e8a52-3f14-4b9e-9d1a-5d6f0e2b7a02
      resources: ["file:/data/hr-reports/"]
      accessPolicy: {package: rules.org.classification, default: deny}
`
  const { findings, attachments, contracts } = await sourcesOf({ [productFile]: profile })
  expect(findings).toEqual([])
  expect(attachments).toEqual([{ resource: 'file:/data/hr-reports/', record_rules: [['org', 'classification']] }])
  expect(Object.keys(contracts)).toEqual(['file:/data/hr-reports/'])
})

test('the bundle carries both, the same bytes each time, and its revision follows a classification', async () => {
  await using one = await createProductCheckout()
  await using same = await createProductCheckout()
  await using other = await createProductCheckout({
    [reportContract]: (text) => text.replace('classification: internal', 'classification: restricted'),
  })
  const [first, again, changed] = await Promise.all([one, same, other].map(({ path }) => accessOf(path)))
  expect(gunzipSync(first!).equals(gunzipSync(again!))).toBe(true)
  const [before, after] = [readBundle(first!), readBundle(changed!)]
  expect(before.roots).toContain('contracts')
  expect(JSON.parse(before.data.toString()).contracts['file:/data/hr-reports/'].fields['/department']).toBe('internal')
  expect(JSON.parse(after.data.toString()).contracts['file:/data/hr-reports/'].fields['/department']).toBe('restricted')
  expect(after.revision).not.toBe(before.revision)
}, 120_000)

describe('a product that cannot be enforced is refused, at the line that says so', () => {
  const port = 'name: staff-report'
  const policy = 'value: {package: org.classification'
  const resource = 'value: ["file:/data/hr-reports/"]'
  const contract = 'contractId: 7c0e8a52-3f14-4b9e-9d1a-5d6f0e2b7a02'
  test.each([
    [
      'a policy that the bundle lacks',
      policy,
      policy.replace('classification', 'absent'),
      'attachment.rule_missing',
      policy,
    ],
    ['no policy', / {2,}- property: accessPolicy\n.*org\.classification.*\n/u, '', 'product.policy_missing', port],
    ['a policy that is no rule', policy, 'value: {package: everything', 'product.policy_malformed', policy],
    ['an unknown list', policy, `${policy}, attach: [records]`, 'product.policy_malformed', policy],
    [
      'a mask in a list that does not carry it out',
      policy,
      `${policy}, attach: resource`,
      'attachment.rule_ineffective',
      policy,
    ],
    ['a resource outside its prefix', resource, 'value: ["file:/data/pay/"]', 'attachment.outside_prefix', resource],
    ['an id that is not canonical', resource, 'value: ["file:/data//hr/"]', 'attachment.key_not_canonical', resource],
    ['no list of resources', resource, 'value: []', 'product.resources_malformed', resource],
    ['a resource below another one', resource, 'value: ["file:/data/hr/reports/"]', 'product.resource_twice', resource],
    ['a contract that is not there', contract, `${contract}-old`, 'contract.unresolved', contract],
    ['no contract', new RegExp(` +${contract}\n`, 'u'), '', 'contract.unresolved', port],
    [
      'a schema object that is not there',
      resource,
      'value: [{id: "file:/data/hr-reports/", object: pay}]',
      'contract.unusable',
      contract,
    ],
    ['no domain', /^domain: hr\n/mu, '', 'product.unnamed', 'apiVersion'],
    [
      'a key that the standard does not have',
      `      - property: classification\n`,
      `      - propert: classification\n`,
      'product.invalid',
      'property: classification',
    ],
  ] as const)(
    '%s',
    async (_, from, to, code, at) => {
      const found = await findingsOf({ [productFile]: (text) => replaceLast(text, from, to) })
      const line = await lineOf(productFile, at)
      const said = found.find((finding) => finding.endsWith(` ${code}`))
      expect(found.join('\n')).toContain(code)
      const [, where] = /:(\d+) /u.exec(said!)!
      // what was taken away above moves a line by two at most
      expect(Math.abs(Number(where) - line)).toBeLessThanOrEqual(2)
      expect(said).toContain(productFile)
    },
    120_000,
  )
})

test('a product that is attached by hand, too, is refused', async () => {
  const found = await findingsOf({}, { [attached]: '[]' })
  expect(found.some((finding) => finding.endsWith('product.conflict'))).toBe(true)
}, 60_000)

test('two contracts of one id, and a contract whose text is broken', async () => {
  const contract = await readFile(new URL(`../../${reportContract}`, import.meta.url), 'utf8')
  const twice = await findingsOf({ [`${productFolder}/copy.contract.yaml`]: contract })
  expect(twice.filter((finding) => finding.endsWith('contract.unresolved'))).toHaveLength(1)
  const broken = await findingsOf({ [reportContract]: (text) => `${text}\nname: again\n` })
  expect(broken.some((finding) => finding.startsWith(reportContract) && finding.endsWith('product.invalid'))).toBe(true)
}, 60_000)

describe('policies.yaml', () => {
  test.each([
    ['nothing', '', 1, 'manifest.malformed'],
    ['another key', 'products: []\nproduct: []\n', 2, 'manifest.malformed'],
    ['a folder outside', 'products:\n  - ../elsewhere\n', 2, 'manifest.malformed'],
    ['no list', 'products: here\n', 1, 'manifest.malformed'],
    ['a folder that is not there', 'products:\n  - nowhere\n', 1, 'product.invalid'],
    ['a branch', 'domains:\n  - domain: fin\n    repository: ../fin\n    commit: main\n', 4, 'domain.unpinned'],
  ])('with %s', async (_, text, line, code) => {
    const { findings } = await sourcesOf({ 'policies.yaml': () => text })
    expect(findings.map((finding) => [finding.line, finding.code])).toEqual([[line, code]])
  })

  test('is not needed where products/ or nothing is there', async () => {
    const { findings, attachments } = await sourcesOf({ 'policies.yaml': () => 'products: []\n' })
    expect([findings, attachments]).toEqual([[], null])
  })
})

function replaceLast(text: string, from: string | RegExp, to: string): string {
  if (typeof from !== 'string') return text.replace(from, to)
  const at = text.lastIndexOf(from)
  return at < 0 ? text : text.slice(0, at) + to + text.slice(at + from.length)
}
