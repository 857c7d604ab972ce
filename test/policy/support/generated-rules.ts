/** Access rules and records made up at random, so that fast ways of deciding can be compared with the plain one on policies that nobody had in mind. */
import fc from 'fast-check'
import type { Sources } from './opa.ts'
import { bundleOf, productSources } from './product-bundle.ts'

/** Leaves `file:/gen/0` and so on, each with rules of its own. */
export const generatedLeaves = 60

const scalar = fc.constantFrom('1', '2', '"a"', '"b"', 'null', 'true')
const field = fc.constantFrom('a', 'b', 's', 'o', 'list')
const facts = {
  is_one: { path: '/a', equals: { value: 1 } },
  has_two: { any: '/list/*', equals: { value: 2 } },
  is_self: { path: '/s', equals: 'user.id' },
  deep: { exists: '/o/g' },
  letter: { get: '/s' },
  small: { path: '/b', compare: '<', to: { value: 2 } },
}

const template = (make: (f: string, g: string, c: string) => string) =>
  fc.tuple(field, field, scalar).map((given) => make(...given))

/** Expressions that read single fields. `rule` stands for the rule's own name, VAR for a variable. */
const onFields: readonly fc.Arbitrary<string>[] = [
  template((f, _, c) => `input.record.${f} == ${c}`),
  template((f, _, c) => `input.record.${f} != ${c}`),
  template((f, _, c) => `input.record["${f}"] > ${c}`),
  template((f) => `not input.record.${f}`),
  template((f, g) => `input.record.${f} == input.record.${g}`),
  template((_, __, c) => `input.record.o.g == ${c}`),
  template((_, __, c) => `some VAR in input.record.list; VAR == ${c}`),
  template((f) => `count(input.record.${f}) > 1`),
  template(() => 'every VAR in input.record.list { VAR != 1 }'),
  template((f, g, c) => `some VAR in ["${f}", "${g}"]; input.record[VAR] == ${c}`),
  template((f, g) => `VAR := [input.record.${f}, input.user.id]; VAR[_] == input.record.${g}`),
  template((f) => `is_string(input.record.${f})`),
  template((f, _, c) => `VAR := {y | some y in [input.record.${f}, 1]}; ${c} in VAR`),
  template((f) => `startswith(input.record.${f}, "a")`),
  template((f, _, c) => `data.gen.table[input.record.${f}] == ${c}`),
  template((f) => `sprintf("%v", [input.record.${f}]) == "1"`),
]

/** Expressions that have all of the record in their hands, or look as if they had. */
const onRecord: readonly fc.Arbitrary<string>[] = [
  template((_, __, c) => `some VAR; input.record[VAR] == ${c}`),
  template((_, __, c) => `walk(input.record, [_, VAR]); VAR == ${c}`),
  template((f, _, c) => `VAR := input.record; VAR.${f} == ${c}`),
  template((f, _, c) => `VAR := {"r": input.record}; VAR.r.${f} == ${c}`),
  template((f, _, c) => `VAR := [input.record]; VAR[0].${f} == ${c}`),
  template((f, _, c) => `object.get(input.record, "${f}", null) == ${c}`),
  template((_, __, c) => `input.record == {"a": ${c}}`),
  template(() => 'is_object(input.record)'),
  template((f, _, c) => `field_of(input.record, "${f}") == ${c}`),
  template((f, _, c) => `a_of(input.record).whole.${f} == ${c}`),
  template((f, _, c) => `input.record.${f} == ${c} with input.record as {"a": 1}`),
  template((f, _, c) => `VAR := input; VAR.record.${f} == ${c}`),
  template((f) => `VAR := "user"; input[VAR] with input.context as {"k": "${f}"}`),
  template((_, __, c) => `[v | v := input.record[_]][0] == ${c}`),
]

const onFacts: readonly fc.Arbitrary<string>[] = [
  fc.constantFrom(...Object.keys(facts)).map((fact) => `input.facts["rule"].${fact} == true`),
  fc.constantFrom(...Object.keys(facts)).map((fact) => `not input.facts["rule"].${fact}`),
  template((_, __, c) => `input.facts["rule"].letter == ${c}`),
  fc.constant('some VAR; input.facts["rule"][VAR] == true'),
  fc.constant('input.facts["gen.none"].small'),
]

const onRequest: readonly fc.Arbitrary<string>[] = [
  fc.constantFrom('ann', 'ben').map((id) => `input.user.id == "${id}"`),
  fc.constantFrom('P', 'Q').map((purpose) => `input.context.purpose == "${purpose}"`),
  fc.constant('"HR" in input.user.roles'),
  fc.constant('input.user.attributes.level > 1'),
  fc.constant('endswith(input.resource.id, "1")'),
  fc.constant('data.gen.table[input.user.id] == 1'),
  fc.constant('count(input.layers) > 0'),
]

/** A rule is about the request alone, about facts, about fields, or about anything. */
const condition = fc.constantFrom(
  onRequest,
  [...onRequest, ...onFacts],
  [...onRequest, ...onFields],
  [...onFacts, ...onFields],
  [...onRequest, ...onFacts, ...onFields, ...onRecord],
)
const body = (of: readonly fc.Arbitrary<string>[]) =>
  fc
    .array(fc.oneof(...of), { minLength: 1, maxLength: 3 })
    .map((lines) => lines.map((line, index) => line.replaceAll('VAR', `x${index}`)).join('\n\t'))

const rule = condition.chain((of) =>
  fc.record({
    permit: body(of),
    deny: body(of),
    mask: body(of),
    helper: body(of),
    other: body(of),
    one: fc.boolean(),
    path: field,
  }),
)

/** Permits that turn on what is easily overlooked: a field that is absent leads on to another one that nothing else reads. */
const traps = [
  'not input.record.a\n\tinput.record.b == 1',
  'not input.record.list\n\tinput.record.s == "a"',
  'not input.record.o.g\n\tinput.record.s == "b"',
  'not is_string(input.record.a)\n\tinput.record.b == 2',
  'not input.facts["rule"].letter\n\tinput.facts["rule"].is_one == true',
  'input.facts["rule"].letter != "a"\n\tinput.facts["rule"].small == true',
  'count([1 | some x in input.record.list; x == 1]) == 0\n\tinput.record.b == 1',
  'count({1 | _ = input.record.a}) == 0\n\tinput.record.b == 1',
  'count({1 | _ = input.facts["rule"].letter}) == 0\n\tinput.facts["rule"].is_one == true',
  'every x in input.record.list { x == 1 }\n\tinput.record.a == 1',
  'x := [v | v := input.record]\n\tx[0].s == "a"',
  'x := {"in": {"deep": input.record}}\n\tx["in"].deep.s == "a"',
  'x := {k | some k in ["a", "b"]; input.record[k] == 1}\n\tcount(x) == 1\n\tinput.record.s != "a"',
  'x := object.get({"r": input.record}, "r", {})\n\tx.b == 1',
  'some x in [input.record, {"b": 1}]\n\tx.b == 1\n\tx.a == 1',
]

export type Generated = { readonly sources: Sources; readonly metadata: Readonly<Record<string, unknown>> }

export function generateRules(seed: number, leaves = generatedLeaves): Generated {
  const neutral = 'input.user.id == "nobody"'
  const rules = fc.sample(rule, { seed, numRuns: leaves * 2 }).map((made, index) => {
    const trap = index % 2 === 0 ? traps[index / 2] : undefined
    if (trap === undefined) return made
    return { ...made, permit: trap, one: false, deny: neutral, mask: neutral, helper: 'input.user', other: neutral }
  })
  const sources: Record<string, string> = {}
  const metadata: Record<string, unknown> = {}
  for (const [path, text] of Object.entries(productSources())) if (path.startsWith('access/')) sources[path] = text
  for (const [index, { permit, deny, mask, helper, other, one, path }] of rules.entries()) {
    const name = `r${index}`
    metadata[`gen.${name}`] = { title: name, facts }
    sources[`rules/gen/${name}/${name}.rego`] = `package rules.gen.${name}

permit contains "p" if {
	${one ? 'input.user' : permit}
}

deny contains "d" if {
	_helper
	${deny}
}

mask contains {"path": "/${path}", "action": "null"} if not _helper

mask contains {"path": "/s", "action": "truncate", "to": 1} if {
	${mask}
}

default _helper := false

_helper if {
	${helper}
} else if {
	${other}
}

field_of(r, k) := r[k]

a_of(r) := {"a": r.a, "whole": r}
`.replaceAll('"rule"', `"gen.${name}"`)
  }
  const attachment = (index: number) => ({
    resource: `file:/gen/${index}`,
    user: [],
    resource_rules: [],
    record_rules: [['gen', `r${2 * index}`], ...(index % 3 === 0 ? [['gen', `r${2 * index + 1}`]] : [])],
  })
  sources['attachments/organisation/data.json'] = JSON.stringify(
    Array.from({ length: leaves }, (_, index) => attachment(index)),
  )
  sources['gen/data.json'] = JSON.stringify({ table: { a: 1, ann: 1, b: 2 } })
  return { sources, metadata }
}

export function generatedBundle({ sources, metadata }: Generated): Buffer {
  return bundleOf(sources, metadata, ['access', 'attachments', 'rules', 'gen'])
}

const value = fc.constantFrom<unknown>(1, 2, 3, 'a', 'b', 'ann', null, true)

export const generatedRecord: fc.Arbitrary<Record<string, unknown>> = fc.record(
  {
    a: value,
    b: fc.constantFrom<unknown>(1, 2, 'a', null),
    s: fc.constantFrom<unknown>('a', 'ab', 'ann', 'b', 1),
    o: fc.constantFrom<unknown>({ g: 1 }, { g: 'a' }, {}, 1),
    list: fc.oneof(fc.array(value, { maxLength: 3 }), fc.constant(null)),
    unread: fc.array(value, { maxLength: 2 }),
  },
  { requiredKeys: [] },
)
