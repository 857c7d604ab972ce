/** A source that is in the wrong place, says nothing of itself, or that OPA refuses, is refused at build. */
import { describe, expect, test } from 'vitest'
import { buildAccess } from '../../src/bundles/build-access.ts'
import { createCheckout, lint, pinnedOpa, rulePath, ruleText } from './support/checkout.ts'

const id = 'org.odd'
const path = rulePath(id)
const attach = {
  'attachments/organisation/data.json': (text: string) =>
    text.replace('"record_rules": [["org", "purpose"]]', '"record_rules": [["org", "purpose"], ["org", "odd"]]'),
}

async function findings(body: string): Promise<readonly string[]> {
  const found = await lint({ [path]: ruleText(id, body), ...attach })
  return found.map((finding) => finding.replace(`${path}:`, ''))
}

test('the policies as they are have no finding and no warning', async () => {
  expect(await lint({})).toEqual([])
})

describe('a rule without METADATA, or in the wrong place', () => {
  test('no METADATA', async () => {
    expect(await lint({ [path]: 'package rules.org.odd\n\npermit contains "odd.yes"\n', ...attach })).toContain(
      `${path}:1 rule.undocumented`,
    )
  })

  test.each(['title', 'description', 'custom'])('METADATA without %s', async (member) => {
    const text = ruleText(id, 'permit contains "odd.yes"')
    const without = text.replace(
      member === 'custom' ? /# custom:\n# {3}code:.*\n/ : new RegExp(`# ${member}:.*\\n`),
      '',
    )
    expect((await lint({ [path]: without, ...attach })).map((finding) => finding.replace(/:\d+/, ''))).toContain(
      `${path} rule.undocumented`,
    )
  })

  test('another package than the folder', async () => {
    expect(await lint({ [path]: ruleText('org.other', 'permit contains "odd.yes"'), ...attach })).toContain(
      `${path}:6 rule.misplaced`,
    )
  })

  test('a file that OPA would load from elsewhere, or not at all', async () => {
    expect(await lint({ 'rules/org/notes.md': 'x', 'attachments/domain/hr/extra.json': '[]' })).toEqual([
      'attachments/domain/hr/extra.json:1 source.unexpected',
      'rules/org/notes.md:1 source.unexpected',
    ])
  })

  test('data among the rules, which could pose as one', async () => {
    expect(await lint({ 'rules/org/posed/data.json': '{"permit": ["yes"]}' })).toContain(
      'rules/org/posed/data.json:1 source.unexpected',
    )
  })
})

test('a shared function that is proved by absence', async () => {
  const found = await lint({ 'lib/odd/odd.rego': 'package lib.odd\n\ngood(user) if not user.suspended\n' })
  expect(found).toContain('lib/odd/odd.rego:3 rule.proof_by_absence')
})

describe('what OPA itself refuses', () => {
  test('a source that does not parse', async () => {
    expect(await findings('permit contains if')).toContain('8 source.invalid')
  })

  test('a misspelt field of the input', async () => {
    expect(
      await findings(
        'permit contains "odd.yes" if input.context.purpos == "x"\n\npermit contains "odd.no" if input.usr.id == "x"',
      ),
    ).toEqual(expect.arrayContaining(['10 source.invalid']))
  })

  test.each([
    'http.send({"method": "GET", "url": "http://localhost"})',
    'net.lookup_ip_addr("localhost")',
    'opa.runtime()',
    'rand.intn("x", 2)',
    'time.now_ns()',
    'uuid.rfc4122("x")',
    'trace("x")',
    'io.jwt.decode_verify("x", {})',
  ])('a call of %s', async (call) => {
    expect(await findings(`permit contains "odd.yes" if ${call} != 1`)).toContain('8 source.invalid')
  })
})

test('an attachment of a rule that does not exist forbids the build', async () => {
  await using checkout = await createCheckout({
    'attachments/domain/hr/data.json': (text) => text.replace('"nationality"', '"nationalty"'),
  })
  const { findings: found, bundles } = await buildAccess(await pinnedOpa(), checkout.path)
  expect(found.map(({ code }) => code).sort()).toEqual(['attachment.rule_missing', 'rule.unattached'])
  expect(bundles).toEqual([])
})

test('a rule that is attached nowhere is a warning, and forbids nothing', async () => {
  const changes = { [path]: ruleText(id, 'permit contains "odd.yes"') }
  expect(await lint(changes)).toEqual([`warning: ${path}:6 rule.unattached`])
  await using checkout = await createCheckout(changes)
  const { bundles } = await buildAccess(await pinnedOpa(), checkout.path)
  expect(bundles.map(({ name }) => name)).toEqual(['access.tar.gz', 'access-rego.tar.gz'])
})

test('a finding forbids the build', async () => {
  await using checkout = await createCheckout({
    [path]: ruleText(id, 'deny contains "odd.no" if input.user.suspended'),
    ...attach,
  })
  const { findings: found, bundles } = await buildAccess(await pinnedOpa(), checkout.path)
  expect(found.map(({ code }) => code)).toContain('rule.can_be_undefined')
  expect(bundles).toEqual([])
})
