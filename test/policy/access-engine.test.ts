/** The engine where something is missing, malformed or refused: each such thing denies, and says by its code why. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RecordSchema } from '../../src/domain/record-policy.ts'
import { loadAccessEngine } from '../../src/policy/opa-wasm/engine.ts'
import { readTarGz } from '../../src/policy/opa-wasm/tar.ts'
import { hrFiles, readEmployees } from '../e2e/hr-truth.ts'
import { accessBundle, hrAttachments, leaf, maskRules, openSchema, query, user, visible } from './support/access.ts'
import { hrQuery, loadHrEngine } from './support/hr.ts'
import { tarGz } from './support/opa.ts'
import { hrRules } from './support/rego.ts'
import { withCode } from './support/with-code.ts'

function load(parts: Parameters<typeof accessBundle>[0] = {}, options: object = {}) {
  return loadAccessEngine({ bundle: accessBundle(parts), masks: maskRules, ...options })
}

describe('a schema', () => {
  const accepts = (verdict: ReturnType<RecordSchema['accepts']>): RecordSchema => ({
    ...openSchema,
    accepts: () => verdict,
  })

  test('that does not know a masked field, or cannot express its mask, refuses the read beforehand where the mask is known', () => {
    const engine = loadHrEngine()
    for (const [verdict, code] of [
      ['path_unknown', 'mask.path_unknown'],
      ['not_expressible', 'mask.not_expressible'],
    ] as const)
      expect(() => engine.prepare(hrQuery('Alice', ''), accepts(verdict))).toThrow(withCode(code))
  })

  test('that does so ends the read at the first record with such a mask, where masks hang on records', () => {
    const policy = loadHrEngine().prepare(hrQuery('Bob', ''), accepts('path_unknown'))
    if (policy.kind !== 'by-facts') throw new Error(policy.kind)
    expect(() => policy.decide([false])).toThrow(withCode('mask.path_unknown'))
  })

  test('that cannot compute a declared fact denies', () => {
    expect(loadHrEngine().prepare(hrQuery('Bob', ''), { ...openSchema, canCompute: () => false })).toEqual({
      kind: 'deny',
      reasons: ['hr.duty_of_care', 'hr.record_masking', 'hr.zip_code'].map((rule) => ({
        code: 'fact.unavailable',
        rule,
      })),
    })
  })
})

describe('facts', () => {
  test('that several rules declare alike are asked for once', () => {
    const policy = loadHrEngine().prepare(hrQuery('Bob', ''), openSchema)
    expect(policy).toMatchObject({
      kind: 'by-facts',
      facts: [{ op: 'any', path: '/manager/**/uid', operand: 'Bob' }],
    })
  })

  test('give equal decisions as the same object', () => {
    const policy = loadHrEngine().prepare(hrQuery('Bob', ''), openSchema)
    if (policy.kind !== 'by-facts') throw new Error(policy.kind)
    expect(policy.decide([true])).toBe(policy.decide([true]))
    expect(policy.decide([true])).not.toEqual(policy.decide([false]))
    // what is no truth value is not taken for one
    expect(policy.decide(['true'])).toBe(policy.decide([false]))
  })
})

describe('a policy that fails', () => {
  const rules = visible(`permit contains "a" if input.record.n == 1

deny contains "b" if _score == 2

_score := 1 if input.record.a

_score := 2 if input.record.b`)
  const good = Buffer.from('{"n": 1}')

  test.each([
    ['fast', true],
    ['plainly', false],
  ])('fails for that record alone, however often, when it is decided %s', (_, fast) => {
    const policy = load({ rules }, { fast }).prepare(query(user('Bob'), 'SALARY'), openSchema)
    if (policy.kind !== 'by-record') throw new Error(policy.kind)
    const permitted = policy.decide(good)
    expect(permitted).toMatchObject({ drop: false })
    for (let index = 0; index < 600; index++)
      expect(() => policy.decide(Buffer.from(`{"n": 1, "a": ${index}, "b": true}`))).toThrow(withCode('policy.failed'))
    expect(policy.decide(good)).toEqual(permitted)
  })

  test('denies users and leaves, with the code as reason', () => {
    const users = {
      ...hrRules,
      'rules/org/active/active.rego':
        'package rules.org.active\n\npermit contains x if x := _two\n\n_two := "1" if input.user\n\n_two := "2" if input.context\n',
    }
    const engine = load({ rules: users })
    const asked = query(user('Bob'), 'SALARY')
    expect(engine.decideUser({ ...asked, resource: leaf.id })).toMatchObject({
      effect: 'deny',
      reasons: [{ code: 'policy.failed' }],
    })
    expect(engine.decideResource(asked)).toMatchObject({ effect: 'permit' })
  })

  test('by running for too long is ended', () => {
    const long = visible(
      'permit contains "x" if count([1 | some i in numbers.range(1, 100000); some j in numbers.range(1, 100000); i * j < input.record.n]) == 0',
    )
    const policy = load({ rules: long }, { limits: { timeMsMax: 100 } }).prepare(
      query(user('Bob'), 'SALARY'),
      openSchema,
    )
    if (policy.kind !== 'by-record') throw new Error(policy.kind)
    expect(() => policy.decide(Buffer.from('{"n": 1}'))).toThrow(withCode('policy.limit'))
    expect(() => policy.decide(Buffer.from('{"n": 2}'))).toThrow(withCode('policy.limit'))
  })

  test('by a mask that is not well formed ends the read', () => {
    const masks = {
      ...hrRules,
      'rules/hr/bank_details/bank_details.rego':
        'package rules.hr.bank_details\n\nmask contains {"path": "/bank", "action": "shred"}\n',
    }
    const attachments = {
      ...hrAttachments,
      domain: {
        hr: [
          {
            ...hrAttachments.domain.hr[0],
            record_rules: [
              ['org', 'purpose'],
              ['hr', 'bank_details'],
            ],
          },
        ],
      },
    }
    expect(() => load({ rules: masks, attachments }).prepare(query(user('Bob'), ''), openSchema)).toThrow(
      withCode('mask.malformed'),
    )
  })
})

describe('input', () => {
  test('that cannot be printed as JSON denies', () => {
    const engine = loadHrEngine()
    const asked = hrQuery('Alice', 'SALARY')
    const odd = { ...asked, user: { ...asked.user, attributes: { level: Number.NaN } } }
    const reasons = [{ code: 'policy.input_invalid' }]
    expect(engine.decideUser({ ...odd, resource: asked.leaf.id })).toMatchObject({ effect: 'deny', reasons })
    expect(engine.decideResource(odd)).toMatchObject({ effect: 'deny', reasons })
    expect(engine.prepare(odd, openSchema)).toEqual({ kind: 'deny', reasons })
  })

  test('of any kind is never taken for less than it is: no attribute makes a stranger somebody', () => {
    const engine = loadHrEngine()
    const asked = hrQuery('Eve', 'SALARY')
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), fc.string(), (attributes, purpose) => {
        const odd = {
          ...asked,
          context: { purpose },
          user: { ...asked.user, attributes: attributes as typeof asked.user.attributes },
        }
        const policy = engine.prepare(odd, openSchema)
        if (policy.kind !== 'by-facts') throw new Error(policy.kind)
        expect(policy.decide([false])).toEqual({ drop: true })
      }),
      { numRuns: 40 },
    )
  })
})

describe('reads that are checked', () => {
  test('are decided twice, give the plain answer, and end where the two differ', async () => {
    const differences: string[] = []
    const checked = { checkedShare: 1, onDifference: () => differences.push('!') }
    const [employee] = await readEmployees(hrFiles[0])
    const record = Buffer.from(JSON.stringify(employee))
    const policy = loadHrEngine(checked).prepare(hrQuery('Bob', ''), openSchema)
    if (policy.kind !== 'by-record') throw new Error(policy.kind)
    expect(policy.fields).toBeUndefined()
    expect(policy.decide(record)).toMatchObject({ drop: false })
    expect(differences).toEqual([])

    // a bundle whose plan reads another field than its module does, and is else the module's own: what is read off the plan is wrong
    const own = readTarGz(accessBundle())
    const plan = own.get('plan.json')!.toString()
    const strings = (JSON.parse(plan) as { static: { strings: readonly { value: string }[] } }).static.strings
    const key = (name: string) =>
      `"key":{"type":"string_index","value":${strings.findIndex(({ value }) => value === name)}}`
    expect(plan).toContain(key('manager'))
    const crossed = tarGz({ ...Object.fromEntries(own), 'plan.json': plan.replaceAll(key('manager'), key('uid')) })
    const misled = loadAccessEngine({ bundle: crossed, masks: maskRules, ...checked }).prepare(
      query(user('Bob'), 'SALARY'),
      openSchema,
    )
    if (misled.kind !== 'by-record') throw new Error(misled.kind)
    expect(() => misled.decide(Buffer.from(JSON.stringify({ ...employee, manager: [{ uid: 'Bob' }] })))).toThrow(
      withCode('policy.layers_differ'),
    )
    expect(differences).toEqual(['!'])
  })

  test('are chosen by chance', () => {
    const kinds = [0.1, 0.3].map(
      (chance) =>
        loadHrEngine({ checkedShare: 0.2, random: () => chance }).prepare(hrQuery('Bob', ''), openSchema).kind,
    )
    expect(kinds).toEqual(['by-record', 'by-facts'])
  })
})
