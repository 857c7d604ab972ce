/** A proof that is remembered is the one that would be made anew. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Leaf } from '../../src/domain/records.ts'
import { parseResourceId } from '../../src/domain/resource-id.ts'
import { leafMembers, membersButId } from '../../src/policy/opa-wasm/access-input.ts'
import { readBundle } from '../../src/policy/opa-wasm/bundle.ts'
import { createDependences, type Dependence, type Dependences } from '../../src/policy/opa-wasm/dependence.ts'
import { createProofs, keyLengthMax, proofsMax } from '../../src/policy/opa-wasm/proofs.ts'
import type { LeafQuery } from '../../src/policy/policy-engine.ts'
import { accessBundle, hrMetadata, leaf, query, user, visible } from './support/access.ts'
import { generatedBundle, generatedLeaves, generateRules } from './support/generated-rules.ts'

const sorted = (dependence: Dependence | undefined) =>
  dependence && { fields: dependence.fields && [...dependence.fields].sort(), facts: [...dependence.facts].sort() }

/** As `prepare` asks: what is known of the read, and the same with what may be shared taken apart. */
function ask(dependences: Dependences, asked: LeafQuery, layers: string, facts: readonly string[]) {
  const members = `{${leafMembers(asked)},"now":${asked.now},"layers":${layers}}`
  const shared = `${membersButId(asked)},"layers":${layers}`
  return {
    remembered: sorted(dependences.ofRead({ members, shared, resource: asked.leaf.id, now: asked.now }, facts)),
    anew: sorted(dependences.of(members, facts)),
  }
}

describe('a remembered proof', () => {
  let generated: Dependences
  beforeAll(() => {
    generated = createDependences({ ...readBundle(generatedBundle(generateRules(20_260_101))), builtins: [] })!
  }, 120_000)

  test('is what the plan says of that read, whatever was asked before, over made-up rules, users, contexts, leaves and times', () => {
    const person = fc.record({
      id: fc.constantFrom('ann', 'ben', 'cem'),
      level: fc.constantFrom<number | string>(1, 2, 'high'),
      roles: fc.constantFrom<readonly string[]>([], ['HR']),
    })
    const leafOf = fc.record({
      id: fc.nat(generatedLeaves).map((index) => parseResourceId(`file:/gen/${index}`)),
      mediaType: fc.constantFrom('application/avro', 'text/csv'),
      attributes: fc.constantFrom<Leaf['attributes']>({}, { a: 'b' }),
    })
    const outcomes = new Set<string>()
    fc.assert(
      fc.property(
        person,
        fc.constantFrom('P', 'Q', ''),
        leafOf,
        fc.nat(3),
        fc.nat(generatedLeaves - 1),
        ({ id, level, roles }, purpose, given, now, rule) => {
          const asked: LeafQuery = {
            user: { ...user(id, { level }), roles },
            context: { purpose },
            leaf: { ...leaf, ...given },
            now,
          }
          const names = ['is_one', 'has_two', 'letter', 'small'].map((fact) => `gen.r${2 * rule}/${fact}`)
          const layers = `[{"name":"organisation","rules":[["gen","r${2 * rule}"]]}]`
          const { remembered, anew } = ask(generated, asked, layers, names)
          expect(remembered).toEqual(anew)
          outcomes.add(JSON.stringify(anew))
        },
      ),
      { numRuns: 3_000, seed: 20_261_125 },
    )
    expect(outcomes.size).toBeGreaterThan(20)
  }, 120_000)

  const layers =
    '[{"name":"organisation:","rules":[["org","purpose"]]},{"name":"domain:hr","rules":[["hr","visible"]]}]'
  test.each([
    ['the id', 'permit contains "x" if { endswith(input.resource.id, "/one"); input.record.a == 1 }'],
    [
      'the id under another name',
      'permit contains "x" if { r := input.resource; r.id == "file:/data/hr/one"; input.record.a }',
    ],
    [
      'the id behind a function',
      'permit contains "x" if { _one(input.resource); input.record.a }\n\n_one(r) if endswith(r.id, "/one")',
    ],
    [
      'a member of the resource by a name that is made',
      'permit contains "x" if { k := concat("", ["i", "d"]); endswith(input.resource[k], "one"); input.record.a }',
    ],
    [
      'any member of the resource',
      'permit contains "x" if { some k; input.resource[k] == "file:/data/hr/one"; input.record.a }',
    ],
    [
      'the resource whole',
      'permit contains "x" if { object.get(input.resource, "id", "") == "file:/data/hr/one"; input.record.a }',
    ],
    [
      'the resource in a collection',
      'permit contains "x" if { l := [input.resource]; l[0].id == "file:/data/hr/one"; input.record.a }',
    ],
    [
      'the resource in a set',
      'permit contains "x" if { some r in {input.resource}; endswith(r.id, "one"); input.record.a }',
    ],
    [
      'the resource by a comparison',
      'permit contains "x" if { r := {"id": "file:/data/hr/one"}; object.union(input.resource, r) == input.resource; input.record.a }',
    ],
    [
      'the input by a name that is made',
      'permit contains "x" if { some k in ["resource", "user"]; input[k].id == "file:/data/hr/one"; input.record.a }',
    ],
    ['the time', 'permit contains "x" if { input.now > 1000; input.record.a == 1 }'],
    [
      'the time under another name',
      'permit contains "x" if { n := input.now; [n, 1][0] == 2000; input.record.a == 1 }',
    ],
    ['whether the time is there', 'permit contains "x" if { not is_number(input.now); input.record.a == 1 }'],
    ['neither', 'permit contains "x" if { input.resource.type == "Employee"; input.record.a == 1 }'],
  ])('of rules that look at %s is of that read', (_, rego) => {
    const bundle = readBundle(accessBundle({ rules: visible(rego), metadata: hrMetadata }))
    const dependences = createDependences({ ...bundle, builtins: [] })!
    const reads = ['file:/data/hr/one', 'file:/data/hr/two', 'file:/data/hr/one', 'file:/data/hr/two/one'].flatMap(
      (id) =>
        [1_000, 2_000].map((now) => ({
          ...query(user('Bob'), 'SALARY', now),
          leaf: { ...leaf, id: parseResourceId(id) },
        })),
    )
    for (const read of [...reads, ...reads.toReversed()]) {
      const { remembered, anew } = ask(dependences, read, layers, [])
      expect(remembered).toEqual(anew)
    }
  })
})

describe('proofs', () => {
  const key = (shared: string, resource = '"a"', now = '1') => ({ shared, resource, now })

  test('are made once for reads that differ in what was not looked at, and anew for those that differ in what was', () => {
    const proofs = createProofs<string>()
    let made = 0
    const of = (shared: string, resource: string, now: string) =>
      proofs.of(key(shared, resource, now), (onLook) => {
        made++
        if (shared.includes('id')) onLook('resource')
        if (shared.includes('now')) onLook('now')
        return `${shared}${shared.includes('id') ? resource : ''}${shared.includes('now') ? now : ''}`
      })
    for (let round = 0; round < 2; round++)
      for (const shared of ['none', 'id', 'now', 'id now'])
        for (const resource of ['"a"', '"b"'])
          for (const now of ['1', '2'])
            expect(of(shared, resource, now)).toBe(
              `${shared}${shared.includes('id') ? resource : ''}${shared.includes('now') ? now : ''}`,
            )
    expect(made).toBe(1 + 2 + 2 + 4)
  })

  test('that failed are made again, and those asked for longest ago or too long to keep are not kept', () => {
    const proofs = createProofs<number>()
    let made = 0
    const make = () => ++made
    expect(() =>
      proofs.of(key('x'), () => {
        throw new Error('no proof')
      }),
    ).toThrow('no proof')
    expect(proofs.of(key('x'), make)).toBe(1)
    for (let index = 0; index < proofsMax - 1; index++) proofs.of(key(`y${index}`), make)
    expect(proofs.of(key('x'), make)).toBe(1)
    proofs.of(key('z'), make)
    expect(proofs.of(key('x'), make)).toBe(1)
    made = 10_000
    expect(proofs.of(key('y0'), make)).toBe(10_001)
    const long = key('l'.repeat(keyLengthMax))
    expect([proofs.of(long, make), proofs.of(long, make)]).toEqual([10_002, 10_003])
  })
})
