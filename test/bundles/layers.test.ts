/** Over generated layers, in the WASM that serves: a layer below the organisation can only tighten, and what can't be read denies. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from './support/ask.ts'
import { createLayered, type Layered, type LayeredRule, layeredRules } from './support/layered.ts'

const lists = ['user', 'resource_rules', 'record_rules'] as const
type List = (typeof lists)[number]
type Attachment = { readonly resource: string } & { readonly [Name in List]?: readonly (readonly [string, string])[] }
type Layers = {
  readonly organisation: readonly Attachment[]
  readonly domain: Readonly<Record<string, readonly Attachment[]>>
  readonly product: Readonly<Record<string, readonly Attachment[] | Readonly<Record<string, readonly Attachment[]>>>>
}

const leaf = 'file:/data/hr/x.avro'
const keys = ['file:/', 'file:/data/', 'file:/data/hr/', leaf, 'file:/data/hr', 'file:/data/other/', 'file:/data/hr/x']
const ruleIds = Object.keys(layeredRules) as LayeredRule[]

const pair = fc.constantFrom(...ruleIds).map((id) => id.split('.') as [string, string])
const rules = fc.uniqueArray(pair, { maxLength: 4, selector: (given) => given.join('.') })
const attachment: fc.Arbitrary<Attachment> = fc.record(
  { resource: fc.constantFrom(...keys), user: rules, resource_rules: rules, record_rules: rules },
  { requiredKeys: ['resource'] },
)
const attachments = fc.array(attachment, { maxLength: 3 })
const owners = fc.dictionary(fc.constantFrom('hr', 'finance'), attachments, { maxKeys: 2 })
const products = fc.dictionary(
  fc.constantFrom('hr', 'pay'),
  fc.oneof(attachments, fc.dictionary(fc.constantFrom('a', 'b'), attachments)),
  {
    maxKeys: 2,
  },
)
const layers: fc.Arbitrary<Layers> = fc.record({ organisation: attachments, domain: owners, product: products })
/** Rules that do nothing against the user are likelier, or hardly anything would be permitted. */
const attributes = fc.record(
  Object.fromEntries(
    ruleIds.map((id) => [
      id.slice('test.'.length),
      fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constantFrom(false, null)),
    ]),
  ),
)

const questions = ['access/user', 'access/resource', 'access/record', 'access/guard'] as const
const runs = { numRuns: 300 }

let layered: Layered
beforeAll(async () => {
  layered = await createLayered()
}, 120_000)

function inputOf(given: Readonly<Record<string, unknown>>) {
  const user = { id: 'Alice', active: true, roles: [], attributes: given }
  const resource = { id: leaf, type: 'T', format: 'f', attributes: {} }
  return { user, context: { purpose: '' }, request: { resource: leaf }, resource, record: {}, facts: {}, now: 0 }
}

function ask(
  question: (typeof questions)[number],
  given: unknown,
  switched: Readonly<Record<string, unknown>>,
): Answer {
  const input = inputOf(switched)
  if (question !== 'access/guard') return layered.ask(question, given, input)
  return layered.ask(question, given, { ...input, layers: layered.ask('access/attached', given, input) })
}

const pathsOf = ({ masks = [] }: Answer) => new Set(masks.map(({ path }) => path))

/** One more attachment in a layer below the organisation. */
function added(given: Layers, below: string, extra: Attachment): Layers {
  const [kind, owner] = below.split(':') as ['domain' | 'product', string]
  if (kind === 'domain')
    return { ...given, domain: { ...given.domain, [owner]: [...(given.domain[owner] ?? []), extra] } }
  const there = given.product[owner] ?? []
  const product = Array.isArray(there)
    ? [...there, extra]
    : { ...there, a: [...((there as Record<string, Attachment[]>).a ?? []), extra] }
  return { ...given, product: { ...given.product, [owner]: product } }
}

/** The composition written out a second time, in the plainest way. */
function model(
  given: Layers,
  list: List,
  switched: Readonly<Record<string, unknown>>,
): { readonly allow: boolean; readonly masks: ReadonlySet<string> } {
  const all: (readonly [string, readonly Attachment[]])[] = [
    ['organisation', given.organisation],
    ...Object.entries(given.domain),
    ...Object.entries(given.product).flatMap(([owner, own]) =>
      Array.isArray(own) ? [[owner, own] as const] : Object.entries(own as Record<string, Attachment[]>),
    ),
  ]
  const covering = all
    .map(([name, own]) => ({
      isOrganisation: name === 'organisation',
      rules: own
        .filter(({ resource }) => resource === leaf || (resource.endsWith('/') && leaf.startsWith(resource)))
        .flatMap((one) => one[list] ?? [])
        .map((named) => named.join('.') as LayeredRule),
    }))
    .filter((layer) => layer.rules.length > 0)
  const isOn = (rule: LayeredRule) => switched[rule.slice('test.'.length)] === true
  const consents = ({ isOrganisation, rules: named }: (typeof covering)[number]) => {
    const permits = named.filter((rule) => layeredRules[rule] === 'permit')
    const denied = named.some((rule) => layeredRules[rule] === 'deny' && !isOn(rule))
    return !denied && (permits.some(isOn) || (!isOrganisation && permits.length === 0))
  }
  const allow = covering.some(({ isOrganisation }) => isOrganisation) && covering.every(consents)
  const masks = covering.flatMap((layer) => layer.rules).filter((rule) => layeredRules[rule] === 'mask' && !isOn(rule))
  return { allow, masks: new Set(allow ? masks.map((rule) => `/${rule}`) : []) }
}

describe('a layer below the organisation only tightens', () => {
  test.each(questions)('%s: one more attachment never allows more and never unmasks', (question) => {
    let allowed = 0
    fc.assert(
      fc.property(
        layers,
        attributes,
        fc.constantFrom('domain:hr', 'domain:new', 'product:hr', 'product:new'),
        attachment,
        (given, switched, below, extra) => {
          const before = ask(question, given, switched)
          const after = ask(question, added(given, below, extra), switched)
          if (after.allow) {
            allowed += 1
            expect(before.allow).toBe(true)
            expect([...pathsOf(before)].filter((path) => !pathsOf(after).has(path))).toEqual([])
          }
        },
      ),
      runs,
    )
    expect(allowed).toBeGreaterThan(3)
  })

  test.each(questions)(
    '%s: whatever lies below the organisation, it allows nothing that the organisation alone does not',
    (question) => {
      let allowed = 0
      const anything = fc.oneof(fc.jsonValue(), owners, products)
      fc.assert(
        fc.property(
          attachments,
          anything,
          anything,
          fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 1 }),
          attributes,
          (organisation, domain, product, more, switched) => {
            const alone = ask(question, { organisation }, switched)
            const together = ask(question, { ...more, organisation, domain, product }, switched)
            if (together.allow) {
              allowed += 1
              expect(alone.allow).toBe(true)
              expect([...pathsOf(alone)].filter((path) => !pathsOf(together).has(path))).toEqual([])
            }
          },
        ),
        runs,
      )
      expect(allowed).toBeGreaterThan(3)
    },
  )
})

test.each([
  ['access/user', ['user']],
  ['access/resource', ['user', 'resource_rules']],
  ['access/record', ['record_rules']],
  ['access/guard', ['record_rules']],
] as const)('%s answers what the composition says, written out a second time', (question, asked) => {
  let allowed = 0
  fc.assert(
    fc.property(layers, attributes, (given, switched) => {
      const answer = ask(question, given, switched)
      const expected = asked.map((list) => model(given, list, switched))
      expect(answer.allow).toBe(expected.every(({ allow }) => allow))
      expect(answer.allow || answer.reasons.length > 0).toBe(true)
      if (answer.allow) allowed += 1
      if (answer.masks !== undefined) expect(pathsOf(answer)).toEqual(expected[0]!.masks)
    }),
    { numRuns: 1_000 },
  )
  expect(allowed).toBeGreaterThan(10)
})
