/** A rule that could fail open is refused at build, with the line. */
import { beforeAll, describe, expect, test } from 'vitest'
import { lint, rulePath, ruleText } from './support/checkout.ts'

/** What the rule is, its body, which begins on line 8, and what has to be found in it. */
type Case = readonly [name: string, body: string, finding: string]

const accepted: readonly (readonly [name: string, body: string])[] = [
  ['a constant permit', 'permit contains "odd.yes"'],
  ['a permit with a condition', 'permit contains "odd.yes" if input.context.purpose == "SALARY"'],
  ['a permit that compares with false', 'permit contains "odd.yes" if startswith(input.resource.id, "x") == false'],
  [
    'a denial on the negation of a helper with a default',
    'deny contains "odd.no" if not _ok\n\ndefault _ok := false\n\n_ok if input.user.active == true',
  ],
  [
    'a denial with code and title',
    'deny contains {"code": "odd.no", "title": "No"} if not _ok\n\ndefault _ok := false\n\n_ok if input.user.active == true',
  ],
  [
    'a denial on the negation of a function with a default',
    'deny contains "odd.no" if {\n\tsome field in ["a", "b"]\n\tnot _ok(field)\n}\n\ndefault _ok(_) := false\n\n_ok(field) if input.user.attributes[field] == true',
  ],
  ['a permit that is told in the audit log', 'permit contains {"code": "odd.yes", "title": "Yes", "audit": true}'],
  ['an unconditional mask', 'mask contains {"path": "/a", "action": "null"}'],
  ['masks over constants', 'mask contains {"path": path, "action": "null"} if some path in ["/a", "/b/*/c"]'],
  [
    'masks over the fields of a contract',
    'deny contains "odd.no" if not _described\n\ndefault _described := false\n\n_described if is_array(input.resource.fields)\n\nmask contains {"path": field.path, "action": "null"} if {\n\tsome field in input.resource.fields\n\tnot _ok(field.classification)\n}\n\ndefault _ok(_) := false\n\n_ok(classification) if classification == "public"',
  ],
]

const notSets: readonly Case[] = [
  ['permit as a boolean', 'permit if true', '8 rule.export_not_set'],
  ['permit as a value', 'permit := {"odd.yes"}', '8 rule.export_not_set'],
  ['permit as a list', 'permit := ["odd.yes"]', '8 rule.export_not_set'],
  ['permit with a default', 'default permit := false', '8 rule.export_not_set'],
  ['deny as a boolean', 'deny if not _ok\n\ndefault _ok := false', '8 rule.export_not_set'],
  ['deny as a partial object', 'deny["odd.no"] := true', '8 rule.export_not_set'],
  ['deny as an object of sets', 'deny.x contains "odd.no"', '8 rule.export_not_set'],
  ['mask as a list', 'mask := [{"path": "/a", "action": "null"}]', '8 rule.export_not_set'],
  ['mask as a function', 'mask(x) := x', '8 rule.export_not_set'],
]

const notOurs: readonly Case[] = [
  ['a misspelt denial', 'permit contains "odd.yes"\n\ndenny contains "odd.no"', '10 rule.export_unknown'],
  [
    'a helper without an underscore',
    'permit contains "odd.yes" if ok\n\nok if input.user.active',
    '10 rule.export_unknown',
  ],
  ['nothing at all', '_ok := true', '1 rule.export_unknown'],
]

const canBeUndefined: readonly Case[] = [
  ['a comparison', 'deny contains "odd.no" if input.user.active == false', '8 rule.can_be_undefined'],
  ['an inequality', 'deny contains "odd.no" if input.context.purpose != "SALARY"', '8 rule.can_be_undefined'],
  ['a reference', 'deny contains "odd.no" if input.user.suspended', '8 rule.can_be_undefined'],
  ['not over the input itself', 'deny contains "odd.no" if not input.user.active', '8 rule.can_be_undefined'],
  [
    'not over a built-in',
    'deny contains "odd.no" if not startswith(input.resource.id, "x")',
    '8 rule.can_be_undefined',
  ],
  [
    'not over a function of another package',
    'import data.lib.users\n\ndeny contains "odd.no" if not users.has_role(input.user, "HR")',
    '10 rule.can_be_undefined',
  ],
  [
    'a helper of which the argument can be undefined',
    'deny contains "odd.no" if not _ok(input.user.id)\n\ndefault _ok(_) := false\n\n_ok(x) if x == "Alice"',
    '8 rule.can_be_undefined',
  ],
  [
    'a helper that has to be true',
    'deny contains "odd.no" if _bad\n\ndefault _bad := false\n\n_bad if input.user.bad == true',
    '8 rule.can_be_undefined',
  ],
  ['iteration over the input', 'deny contains "odd.no" if some role in input.user.roles', '8 rule.can_be_undefined'],
  [
    'iteration over the record',
    'mask contains {"path": field, "action": "null"} if some field in input.record.fields',
    '8 rule.can_be_undefined',
  ],
  [
    'iteration over nothing',
    'mask contains {"path": field, "action": "null"} if some field in []',
    '8 rule.can_be_undefined',
  ],
  ['a reason out of the input', 'deny contains input.user.id', '8 rule.can_be_undefined'],
  [
    'a mask out of the input',
    'mask contains {"path": input.resource.path, "action": "null"}',
    '8 rule.can_be_undefined',
  ],
  [
    'a body under with',
    'deny contains "odd.no" if not _ok with input as {}\n\ndefault _ok := false\n\n_ok if input.user.active',
    '8 rule.can_be_undefined',
  ],
  ['every', 'deny contains "odd.no" if every role in input.user.roles { role != "HR" }', '8 rule.can_be_undefined'],
  [
    'a helper without a default',
    'deny contains "odd.no" if not _ok\n\n_ok := false if input.user.active == true',
    '8 rule.helper_not_total',
  ],
  [
    'a helper with another default',
    'deny contains "odd.no" if not _ok\n\ndefault _ok := true\n\n_ok := false if input.user.active',
    '8 rule.helper_not_total',
  ],
  ['a helper that does not exist', 'deny contains "odd.no" if not _ok', '8 rule.helper_not_total'],
  [
    'a list of constants without a default',
    'mask contains {"path": field, "action": "null"} if some field in _fields\n\n_fields := ["/a"] if input.user.active',
    '8 rule.can_be_undefined',
  ],
]

const provedByAbsence: readonly Case[] = [
  ['a permit on not', 'permit contains "odd.yes" if not input.user.suspended', '8 rule.proof_by_absence'],
  [
    'a permit on the negation of a helper',
    'permit contains "odd.yes" if not _bad\n\ndefault _bad := false\n\n_bad if input.user.bad',
    '8 rule.proof_by_absence',
  ],
  [
    'a helper on not',
    'deny contains "odd.no" if not _ok\n\ndefault _ok := false\n\n_ok if not input.user.suspended',
    '12 rule.proof_by_absence',
  ],
  [
    'not inside a comprehension',
    'permit contains "odd.yes" if count([1 | not input.user.suspended]) == 1',
    '8 rule.proof_by_absence',
  ],
  ...[
    'count({r | some r in input.user.roles; r == "BLOCKED"}) == 0',
    '0 == count([r | some r in input.user.roles])',
    'count([r | some r in input.user.roles]) < 1',
    '({r | some r in input.user.roles} & {"BLOCKED"}) == set()',
    'every r in [x | some x in input.user.roles] { r != "BLOCKED" }',
    'every r in object.get(input.user, "roles", []) { r != "BLOCKED" }',
    'object.get(input.user.attributes, "suspended", false) == false',
  ].map(
    (condition): Case => [
      condition,
      `deny contains "odd.no" if not _ok\n\ndefault _ok := false\n\n_ok if ${condition}`,
      '12 rule.proof_by_absence',
    ],
  ),
]

const alwaysHolds: readonly Case[] = [
  '{r | some r in input.user.roles}',
  '[r | some r in input.user.roles]',
  'count(input.user.roles)',
  '"no"',
  '0',
].map((value) => [
  value,
  `deny contains "odd.no" if not _ok\n\ndefault _ok := false\n\n_ok := ${value}`,
  '8 rule.helper_always_holds',
])

const contractMask = 'mask contains {"path": field.path, "action": "null"} if some field in input.resource.fields'
const sound = 'deny contains "odd.no" if not _ok\n\ndefault _ok := false\n\n_ok if input.user.active == true'

const contractUnchecked: readonly Case[] = [
  ['no denial', contractMask, '8 rule.contract_unchecked'],
  ['another denial', `${contractMask}\n\n${sound}`, '8 rule.contract_unchecked'],
]

const masks: readonly (readonly [name: string, mask: string])[] = [
  ['an unknown action', '{"path": "/a", "action": "blur"}'],
  ['no action', '{"path": "/a"}'],
  ['no path', '{"action": "null"}'],
  ['a path that is no pointer', '{"path": "a", "action": "null"}'],
  ['the whole record', '{"path": "/", "action": "null"}'],
  ['a constant without a value', '{"path": "/a", "action": "constant"}'],
  ['partial without a side', '{"path": "/a", "action": "partial", "fill": "*"}'],
  ['partial with a negative count', '{"path": "/a", "action": "partial", "fill": "*", "maskLast": -1}'],
  ['truncate to text', '{"path": "/a", "action": "truncate", "to": "3"}'],
  ['date to a day', '{"path": "/a", "action": "date", "to": "day"}'],
  ['round to nothing', '{"path": "/a", "action": "round", "to": 0}'],
  ['a parameter of another action', '{"path": "/a", "action": "null", "fill": "*"}'],
  ['text', '"/a"'],
  [
    'in a list of constants',
    'field if some field in [{"path": "/a", "action": "null"}, {"path": "/b", "action": "blur"}]',
  ],
]

const reasons: readonly (readonly [name: string, body: string])[] = [
  ['not dotted lower case', 'permit contains "Yes, you may"'],
  ['an object without a code', 'deny contains {"title": "No"}'],
  ['an object with other members', 'deny contains {"code": "odd.no", "user": "x"}'],
  ['a number', 'permit contains 1'],
  ['a denial that is marked for the audit log', 'deny contains {"code": "odd.no", "audit": true}'],
  ['a permit that is marked by something else than true', 'permit contains {"code": "odd.yes", "audit": "true"}'],
]

const badFacts = [
  '{}',
  '{get: a}',
  '{any: /a}',
  '{any: /a, equals: record.id}',
  '{exists: /a/**/b/**/c}',
  '{path: /a, compare: "~", to: {value: 3}}',
  'yes',
]
const goodFacts = [
  '{get: /a}',
  '{exists: /a/*}',
  '{any: /a/**/b, equals: user.id}',
  '{path: /a, compare: "<", to: {value: 3}}',
]

const readsFact = (id: string) => `permit contains "odd.yes" if input.facts["${id}"].known == true`
const withFact = (id: string, fact: string) =>
  ruleText(id, readsFact(id)).replace(`#   code: ${id}\n`, `#   code: ${id}\n#   facts:\n#     known: ${fact}\n`)

const refused = [
  ...notSets,
  ...notOurs,
  ...canBeUndefined,
  ...provedByAbsence,
  ...alwaysHolds,
  ...contractUnchecked,
  ...masks.map(([name, mask]) => [name, `mask contains ${mask}`, '8 mask.malformed'] as const),
  ...reasons.map(([name, body]) => [name, body, '8 reason.malformed'] as const),
]

/** Ids of the rules, one a text. */
const idsOf = (count: number) => Array.from({ length: count }, (_, index) => `odd.r${index}`)

/** All in one checkout, each attached by the organisation. */
async function lintAll(texts: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const attachment = { resource: 'file:/odd/', record_rules: [...texts.keys()].map((id) => id.split('.')) }
  return lint({
    ...Object.fromEntries([...texts].map(([id, text]) => [rulePath(id), text])),
    'attachments/organisation/data.json': JSON.stringify([attachment]),
  })
}

describe('refused', () => {
  let found: readonly string[]
  const ids = idsOf(refused.length)
  beforeAll(async () => {
    found = await lintAll(new Map(refused.map(([, body], index) => [ids[index]!, ruleText(ids[index]!, body)])))
  }, 120_000)
  const findingsOf = (body: string) => {
    const path = rulePath(ids[refused.findIndex((one) => one[1] === body)]!)
    return found.filter((finding) => finding.startsWith(`${path}:`)).map((finding) => finding.slice(path.length + 1))
  }
  const each = (title: string, cases: readonly Case[]) =>
    describe(title, () => {
      test.each(cases)('%s', (_, body, finding) => expect(findingsOf(body)).toContain(finding))
    })

  each('an export that is not a partial set', notSets)
  each('an export that is none of ours', notOurs)
  each('a denial or a mask whose body can go undefined', canBeUndefined)
  each('what is proved by absence', provedByAbsence)
  each('a denial under a helper that is never false', alwaysHolds)
  each('what reads the fields of a contract and does not deny a leaf without one', contractUnchecked)

  describe('a mask that cannot be carried out', () => {
    test.each(masks)('%s', (_, mask) =>
      expect(findingsOf(`mask contains ${mask}`).join()).toMatch(/\d+ mask\.malformed/),
    )
  })
  describe('a reason that nobody can look up', () => {
    test.each(reasons)('%s', (_, body) => expect(findingsOf(body)).toContain('8 reason.malformed'))
  })
})

describe('facts', () => {
  let found: readonly string[]
  const ids = idsOf(badFacts.length + 1)
  beforeAll(async () => {
    const texts = badFacts.map((fact, index) => [ids[index]!, withFact(ids[index]!, fact)] as const)
    const undeclared = ids[badFacts.length]!
    found = await lintAll(new Map([...texts, [undeclared, ruleText(undeclared, readsFact(undeclared))]]))
  }, 120_000)
  const findingsOf = (index: number) =>
    found
      .filter((finding) => finding.startsWith(`${rulePath(ids[index]!)}:`))
      .map((finding) => finding.split(' ').at(-1))

  test.each(badFacts)('refused: %s, which cannot be computed', (fact) => {
    expect(findingsOf(badFacts.indexOf(fact))).toContain('fact.malformed')
  })

  test('refused: one that is read without being declared', () => {
    expect(findingsOf(badFacts.length)).toContain('fact.undeclared')
  })
})

test('accepted: what cannot go undefined, proves something, and can be carried out', async () => {
  const ids = idsOf(accepted.length + goodFacts.length)
  const texts = [
    ...accepted.map(([, body], index) => ruleText(ids[index]!, body)),
    ...goodFacts.map((fact, index) => withFact(ids[accepted.length + index]!, fact)),
  ]
  const found = await lintAll(new Map(ids.map((id, index) => [id, texts[index]!])))
  expect(found.filter((finding) => !finding.startsWith('warning: '))).toEqual([])
})
