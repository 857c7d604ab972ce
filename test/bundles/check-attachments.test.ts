/** An attachment that would not do what it says is refused at build, with the line. */
import { beforeAll, describe, expect, test } from 'vitest'
import { checkAttachments } from '../../src/bundles/check/check-attachments.ts'
import { checkPolicies } from '../../src/bundles/check/check-policies.ts'
import type { CheckedRule } from '../../src/bundles/check/check-rule.ts'
import { readSources, type Source } from '../../src/bundles/sources.ts'
import { stageSources } from '../../src/bundles/stage.ts'
import { pinnedOpa, repository } from './support/checkout.ts'

const domain = 'attachments/domain/hr/data.json'
const organisation = 'attachments/organisation/data.json'
const prefixes = 'attachments/prefixes/data.json'

let sources: readonly Source[]
let rules: ReadonlyMap<string, CheckedRule>
beforeAll(async () => {
  const opa = await pinnedOpa()
  const read = await readSources(repository)
  await using stage = await stageSources(opa, read.sources)
  sources = read.sources
  rules = (await checkPolicies(opa, read, stage.sources)).rules
}, 120_000)

/** With this text at the path, or no such file: `path:line code` of each. */
function allFindings(path: string, text: string | undefined): readonly string[] {
  const others = sources.filter((source) => source.path !== path)
  const given = text === undefined ? [] : [{ path, file: `policies/${path}`, bytes: Buffer.from(text) }]
  return checkAttachments([...others, ...given], rules)
    .filter(({ code }) => code !== 'rule.unattached')
    .map(({ file, line, code }) => `${file.slice('policies/'.length)}:${line} ${code}`)
}

/** Of this file, without its name. */
function findings(path: string, text: string): readonly string[] {
  return allFindings(path, text).flatMap((found) =>
    found.startsWith(`${path}:`) ? [found.slice(path.length + 1)] : [],
  )
}

const attachment = (members: Readonly<Record<string, unknown>>) =>
  JSON.stringify([{ resource: 'file:/data/hr/', record_rules: [['hr', 'nationality']], ...members }], null, 2)

test('a rule that does not exist', () => {
  expect(
    findings(
      domain,
      attachment({
        record_rules: [
          ['hr', 'nationality'],
          ['hr', 'absent'],
        ],
      }),
    ),
  ).toEqual(['9 attachment.rule_missing'])
})

test('a pattern, which there is none of: it would be the one leaf of that name, and nothing else would be masked', () => {
  expect(findings(domain, attachment({ resource: 'file:/data/hr/*' }))).toEqual(['3 attachment.key_literal'])
})

describe('a place outside the prefixes that the organisation gave', () => {
  test.each(['file:/data/', 'file:/data/finance/', 'file:/data/hr2/', 'file:/data/hr', 's3://data/hr/'])(
    '%s',
    (resource) => {
      expect(findings(domain, attachment({ resource }))).toEqual(['3 attachment.outside_prefix'])
    },
  )

  test('a layer that was given none', () => {
    expect(findings('attachments/domain/finance/data.json', attachment({}))).toEqual(['3 attachment.outside_prefix'])
    expect(findings('attachments/product/hr/employees/data.json', attachment({}))).toEqual([
      '3 attachment.outside_prefix',
    ])
  })

  test('below a prefix is inside', () => {
    expect(findings(domain, attachment({ resource: 'file:/data/hr/x/' }))).toEqual([])
    expect(findings(domain, attachment({ resource: 'file:/data/hr/x.avro' }))).toEqual([])
  })

  test('the organisation attaches anywhere', () => {
    expect(findings(organisation, attachment({ resource: 'file:/', record_rules: [['org', 'purpose']] }))).toEqual([])
  })
})

describe('a key that is not canonical', () => {
  test.each([
    'file:///data/hr/',
    'file:/data/hr/../finance/',
    'file:/data//hr/',
    'file:/data/hr/.',
    'file:/data/hr/%2f',
    'FILE:/data/hr/',
    '/data/hr/',
    '',
    'file:/data/hr/?x',
    'unknown:/data/hr/',
  ])('%s', (resource) => {
    expect(findings(domain, attachment({ resource }))).toEqual(['3 attachment.key_not_canonical'])
  })
})

describe('a malformed attachment', () => {
  test.each([
    ['an object', '{}', '1 attachment.malformed'],
    ['text', '"x"', '1 attachment.malformed'],
    ['no JSON', '[\n{,}]', '2 attachment.malformed'],
    [
      'a member that is there twice',
      '[{"resource": "file:/data/hr/",\n"resource": "file:/data/hr/x/", "user": []}]',
      '2 attachment.malformed',
    ],
    ['an item that is no object', '[\n"file:/data/hr/"]', '2 attachment.malformed'],
    ['no resource', '[{"record_rules": []}]', '1 attachment.malformed'],
    ['no list', '[{"resource": "file:/data/hr/"}]', '1 attachment.malformed'],
    ['a resource that is no text', attachment({ resource: ['file:/data/hr/'] }), '3 attachment.malformed'],
    ['a list that is none', attachment({ record_rules: 'hr.nationality' }), '4 attachment.malformed'],
    ['a list that is null', attachment({ record_rules: null }), '4 attachment.malformed'],
    ['a rule as text', attachment({ record_rules: ['hr.nationality'] }), '5 attachment.malformed'],
    ['a rule of one part', attachment({ record_rules: [['nationality']] }), '5 attachment.malformed'],
    ['a rule of three parts', attachment({ record_rules: [['hr', 'nationality', 'x']] }), '5 attachment.malformed'],
    ['a list by another name', attachment({ records: [] }), '10 attachment.list_unknown'],
    ['a field that names a layer', attachment({ layer: 'organisation' }), '10 attachment.layer_in_field'],
    [
      'a mask where nothing is masked',
      attachment({ resource_rules: [['hr', 'nationality']] }),
      '11 attachment.rule_ineffective',
    ],
  ])('%s', (_, text, finding) => {
    expect(findings(domain, text)).toEqual([finding])
  })

  test.each([
    'attachments/data.json',
    'attachments/domain/data.json',
    'attachments/domain/hr/x/data.json',
    'attachments/team/hr/data.json',
    'attachments/organisation/x/data.json',
  ])('one where no layer can lie: %s', (path) => {
    expect(findings(path, '[]')).toContain('1 attachment.misplaced')
  })
})

describe('malformed prefixes', () => {
  test.each([
    ['a list', '[]', '1 attachment.malformed'],
    ['another kind of owner', '{"domain": {"hr": ["file:/data/hr/"]},\n"team": {}}', '2 attachment.malformed'],
    ['a prefix that is no list', '{"domain": {"hr": "file:/data/hr/"}}', '1 attachment.malformed'],
    [
      'a prefix that is not canonical',
      '{"domain": {"hr": ["file:/data/hr/",\n"file:/data/hr/../"]}}',
      '2 attachment.key_not_canonical',
    ],
  ])('%s', (_, text, finding) => {
    expect(findings(prefixes, text)).toEqual([finding])
  })

  test('without them, no domain attaches anything', () => {
    expect(allFindings(prefixes, undefined)).toEqual([`${domain}:3 attachment.outside_prefix`])
  })
})
