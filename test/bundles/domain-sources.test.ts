/** Domains that keep their policies in git repositories of their own: pinned, below their own layer, and only tightening. */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildAccess } from '../../src/bundles/build-access.ts'
import { lintPolicies } from '../../src/bundles/lint.ts'
import { readBundle } from '../../src/policy/opa-wasm/bundle.ts'
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts'
import { pinnedOpa, ruleText } from './support/checkout.ts'
import { accessOf, change, createProductCheckout, type FileChanges, productFile } from './support/product-checkout.ts'

const attached = (resource: string, rule: readonly string[]) => JSON.stringify([{ resource, record_rules: [rule] }])
const hides = (path: string) =>
  `mask contains {"path": "${path}", "action": "null"} if not _open\n\ndefault _open := false\n\n_open if input.user.id == "nobody"\n`

let finance: Repository
let sales: Repository
beforeAll(async () => {
  finance = await createRepository({
    'policies/rules/finance/ledger/ledger.rego': ruleText('finance.ledger', hides('/amount')),
    'policies/attachments/domain/finance/data.json': attached('file:/data/finance/', ['finance', 'ledger']),
    'README.md': 'Policies of finance.\n',
  })
  sales = await createRepository({
    'policies/rules/sales/leads/leads.rego': ruleText('sales.leads', hides('/email')),
    'policies/attachments/domain/sales/data.json': attached('file:/data/sales/', ['sales', 'leads']),
  })
}, 60_000)
afterAll(async () => {
  await finance?.folder[Symbol.asyncDispose]()
  await sales?.folder[Symbol.asyncDispose]()
})

type Repository = { readonly folder: TempFolder; readonly commit: string }

async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  const identity = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', '-c', 'commit.gpgsign=false']
  return (await promisify(execFile)('git', [...identity, ...args], { cwd })).stdout.trim()
}

async function commit(folder: string, files: FileChanges): Promise<string> {
  await change(folder, files)
  await git(folder, 'add', '--all')
  await git(folder, 'commit', '--quiet', '-m', 'Policies')
  return git(folder, 'rev-parse', 'HEAD')
}

async function createRepository(files: FileChanges): Promise<Repository> {
  const folder = await createTempFolder('domain')
  await git(folder.path, 'init', '--quiet')
  return { folder, commit: await commit(folder.path, files) }
}

function manifest(...domains: readonly (readonly [name: string, folder: string, commit: string])[]): FileChanges {
  const items = domains.map(
    ([domain, repository, pinned]) =>
      `  - domain: ${domain}\n    repository: ${JSON.stringify(repository)}\n    commit: ${JSON.stringify(pinned)}\n`,
  )
  return { 'policies.yaml': (text) => `${text}domains:\n${items.join('')}` }
}

const prefixes = {
  'attachments/prefixes/data.json': (text: string) =>
    text.replace('"domain": {', '"domain": {"finance": ["file:/data/finance/"], "sales": ["file:/data/sales/"],'),
}

test('the rules and attachments of two repositories are taken in as they were at the pinned commits', async () => {
  // what came after the pinned commit is not looked at
  const later = await commit(finance.folder.path, {
    'policies/rules/finance/ledger/ledger.rego': ruleText('finance.ledger', hides('/account')),
  })
  const both = (pinned: string) =>
    manifest(['finance', finance.folder.path, pinned], ['sales', `file://${sales.folder.path}`, sales.commit])
  await using checkout = await createProductCheckout(both(finance.commit), prefixes)
  const bundle = readBundle(await accessOf(checkout.path))
  const data = JSON.parse(bundle.data.toString())
  expect(Object.keys(data.attachments.domain).sort()).toEqual(['finance', 'hr', 'sales'])
  const rule = [...bundle.files].find(([path]) => path.endsWith('rules/finance/ledger/ledger.rego'))
  expect(rule?.[1].toString()).toContain('/amount')
  await using newer = await createProductCheckout(both(later), prefixes)
  const moved = readBundle(await accessOf(newer.path))
  expect(moved.revision).not.toBe(bundle.revision)
}, 120_000)

test('a rule of a domain is checked like any other, and named by repository and commit', async () => {
  await using other = await createTempFolder('domain')
  await git(other.path, 'init', '--quiet')
  const pinned = await commit(other.path, {
    'policies/rules/finance/open/open.rego': ruleText('finance.open', 'mask contains input.record.mask\n'),
  })
  await using checkout = await createProductCheckout(manifest(['finance', other.path, pinned]), prefixes)
  const found = await lintPolicies(await pinnedOpa(), checkout.path)
  const problem = found.find(({ code }) => code === 'rule.can_be_undefined')
  expect(problem?.file).toBe(`${other.path}@${pinned.slice(0, 12)}:policies/rules/finance/open/open.rego`)
}, 60_000)

test.each([
  ['another layer', 'policies/attachments/organisation/data.json', '[]', 'domain.outside'],
  ['a layer of another domain', 'policies/attachments/domain/hr/data.json', '[]', 'domain.outside'],
  ['its own prefixes', 'policies/attachments/prefixes/data.json', '{}', 'domain.outside'],
  [
    'a rule of another domain',
    'policies/rules/hr/zip_code/zip_code.rego',
    'package rules.hr.zip_code',
    'domain.outside',
  ],
  ['the composition', 'policies/access/access.rego', 'package access', 'domain.outside'],
  ['what OPA would load besides', 'policies/rules/finance/extra.yaml', 'a: 1', 'domain.outside'],
  [
    'a place outside its prefix',
    'policies/attachments/domain/finance/data.json',
    attached('file:/data/hr/', ['org', 'active']),
    'attachment.outside_prefix',
  ],
])(
  'a domain that brings %s is refused',
  async (_, path, text, code) => {
    await using other = await createTempFolder('domain')
    await git(other.path, 'init', '--quiet')
    const pinned = await commit(other.path, { [path]: text })
    await using checkout = await createProductCheckout(manifest(['finance', other.path, pinned]), prefixes)
    const { findings, bundles } = await buildAccess(await pinnedOpa(), checkout.path)
    expect(findings.map((finding) => finding.code)).toContain(code)
    expect(bundles).toEqual([])
  },
  60_000,
)

test('a commit that is not there, and an address that would run a command, end the build', async () => {
  const opa = await pinnedOpa()
  for (const [address, pinned] of [
    [finance.folder.path, '0'.repeat(40)],
    [join(finance.folder.path, 'absent'), finance.commit],
    ['ext::sh -c touch% /tmp/never', finance.commit],
  ] as const) {
    await using checkout = await createProductCheckout(manifest(['finance', address, pinned]))
    await expect(buildAccess(opa, checkout.path)).rejects.toMatchObject({ code: 'tool.failed' })
  }
}, 60_000)

test('a product that names an older revision of the policies is warned, with what changed since', async () => {
  const opa = await pinnedOpa()
  await using checkout = await createProductCheckout()
  const built = await buildAccess(opa, checkout.path)
  const [{ revision, bytes, name }] = built.bundles as [{ revision: string; bytes: Buffer; name: string }]
  await git(checkout.path, 'init', '--quiet')
  await mkdir(join(checkout.path, 'bundles'))
  await writeFile(join(checkout.path, 'bundles', name), bytes)
  await commit(checkout.path, { 'bundles/bundles.lock.json': JSON.stringify({ bundles: { [name]: { revision } } }) })
  const naming = (named: string) => (text: string) =>
    text.replace(
      'customProperties:\n',
      `customProperties:\n  - property: policyRevision\n    value: ${JSON.stringify(named)}\n`,
    )
  await change(checkout.path, { [productFile]: naming(revision.slice(0, 12)) })
  expect((await buildAccess(opa, checkout.path)).findings).toEqual([])
  await change(checkout.path, {
    'policies/attachments/domain/hr/data.json': (text) => text.replace('["hr", "nationality"],', ''),
  })
  const { findings, bundles } = await buildAccess(opa, checkout.path)
  expect(bundles).toHaveLength(2)
  const warning = findings.find(({ code }) => code === 'product.revision_older')
  expect(warning?.file).toBe(productFile)
  expect(warning?.message).toContain('hr.nationality')
  await change(checkout.path, { [productFile]: (text) => text.replace(revision.slice(0, 12), 'ffffffffffff') })
  const unknown = await buildAccess(opa, checkout.path)
  expect(unknown.findings.map(({ code }) => code)).toContain('product.revision_unknown')
}, 120_000)
