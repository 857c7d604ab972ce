/** Over generated layers, in the WASM that serves: a layer below the organisation can only tighten, and what can't be read denies. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test, vi } from 'vitest'
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
/** The machine may be busy. */
const timeoutMs = 120_000

vi.setConfig({ testTimeout: timeoutMs })

let layered: Layered
beforeAll(async () => {
  layered = await createLayered()
}, timeoutMs)

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

type Own = readonly Attachment[]
/** Layers that are generated above have other names than `new`. */
const newLayers: Readonly<Record<string, (given: Layers, own: Own) => Layers>> = {
  'domain:new': (given, own) => ({ ...given, domain: { ...given.domain, new: own } }),
  'product:new': (given, own) => ({ ...given, product: { ...given.product, new: own } }),
  'product:new/a': (given, own) => ({ ...given, product: { ...given.product, new: { a: own } } }),
}

/** One more attachment in a layer that may be there. */
const oldLayers: Readonly<Record<string, (given: Layers, extra: Attachment) => Layers>> = {
  organisation: (given, extra) => ({ ...given, organisation: [...given.organisation, extra] }),
  'domain:hr': (given, extra) => ({ ...given, domain: { ...given.domain, hr: [...(given.domain.hr ?? []), extra] } }),
  'product:hr': (given, extra) => {
    const there = given.product.hr ?? []
    return Array.isArray(there) ? { ...given, product: { ...given.product, hr: [...there, extra] } } : given
  },
}

function withoutPermits(extra: Attachment): Attachment {
  const own = lists.map((list) => [list, extra[list]?.filter(([, name]) => !name.startsWith('permits'))] as const)
  return { ...extra, ...Object.fromEntries(own.filter(([, named]) => named !== undefined)) }
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
  /** How often something was allowed after the change: a property that never sees that shows nothing. */
  function tightens<Change>(
    question: (typeof questions)[number],
    changes: fc.Arbitrary<Change>,
    change: (given: Layers, made: Change) => Layers,
  ): number {
    let allowed = 0
    fc.assert(
      fc.property(layers, attributes, changes, (given, switched, made) => {
        const after = ask(question, change(given, made), switched)
        if (!after.allow) return
        const before = ask(question, given, switched)
        allowed += 1
        expect(before.allow).toBe(true)
        expect([...pathsOf(before)].filter((path) => !pathsOf(after).has(path))).toEqual([])
      }),
      runs,
    )
    return allowed
  }

  test.each(questions)('%s: one more layer never allows more and never unmasks', (question) => {
    const changes = fc.tuple(fc.constantFrom(...Object.keys(newLayers)), attachments)
    expect(tightens(question, changes, (given, [layer, own]) => newLayers[layer]!(given, own))).toBeGreaterThan(0)
  })

  test.each(questions)(
    '%s: one more denial or mask, in whichever layer, never allows more and never unmasks',
    (question) => {
      const changes = fc.tuple(fc.constantFrom(...Object.keys(oldLayers)), attachment.map(withoutPermits))
      expect(tightens(question, changes, (given, [layer, extra]) => oldLayers[layer]!(given, extra))).toBeGreaterThan(0)
    },
  )

  test.each(questions)(
    '%s: whatever lies below the organisation, it allows nothing that the organisation alone does not',
    (question) => {
      let allowed = 0
      // mostly what can be read, or next to nothing would be allowed
      const or = (good: fc.Arbitrary<unknown>) => fc.oneof({ weight: 5, arbitrary: good }, fc.jsonValue())
      const others = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1, maxKeys: 1 })
      fc.assert(
        fc.property(
          attachments,
          or(owners),
          or(products),
          fc.oneof({ weight: 5, arbitrary: fc.constant({}) }, others),
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
      expect(allowed).toBeGreaterThan(0)
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
  expect(allowed).toBeGreaterThan(0)
})
