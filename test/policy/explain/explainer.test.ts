/** Explanations say what the engine decided, and point at the lines that made it decide so. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createExplainer } from '../../../src/policy/opa-wasm/explain/explainer.ts'
import type { Condition, Field, RuleOutcome } from '../../../src/policy/opa-wasm/explain/why.ts'
import { readTarGz } from '../../../src/policy/opa-wasm/tar.ts'
import { maskRules } from '../support/access.ts'
import { accessBundleFile } from '../support/hr.ts'
import { tarGz } from '../support/opa.ts'
import { asked, explainer, questions, rules, served } from './hr-questions.ts'

const runs = { numRuns: 300, seed: 7 }

function lineAt(place: string): string {
  const [, file, row] = /^(.*):(\d+)$/.exec(place)!
  const path = fileURLToPath(new URL(`../../../${file}`, import.meta.url))
  return readFileSync(path, 'utf8').split('\n')[Number(row) - 1]!
}

function conditionsOf(outcomes: readonly { because: readonly Condition[] }[]): readonly Condition[] {
  return outcomes.flatMap(({ because }) => because.flatMap((inner) => [inner, ...conditionsOf([inner])]))
}

describe('an explanation', () => {
  test('comes to the verdict and the masks of the engine that serves, on generated questions', () => {
    const seen = { permits: 0, denials: 0, masks: 0 }
    fc.assert(
      fc.property(questions, (question) => {
        const { allow, masks, stages } = explainer.explain(question)
        expect({ allow, masks: masks!.map(({ mask }) => mask) }).toEqual(served(question))
        expect(stages.map(({ agreement }) => agreement)).toEqual(stages.map(() => 'agrees'))
        seen[allow ? 'permits' : 'denials']++
        seen.masks += masks!.length
      }),
      runs,
    )
    expect(Math.min(seen.permits, seen.denials, seen.masks)).toBeGreaterThan(20)
  })

  test('names a rule that fired for each denial by a rule, and for each mask', () => {
    fc.assert(
      fc.property(questions, (question) => {
        const { stages, masks } = explainer.explain(question)
        const { reasons, outcomes } = stages.at(-1)!
        const fired = outcomes.filter(({ value }) => value !== undefined)
        for (const { rule } of reasons)
          if (rule !== undefined) expect(fired).toContainEqual(expect.objectContaining({ rule, kind: 'deny' }))
        for (const { mask, rules: by } of masks!) {
          expect(by.length, mask.path).toBeGreaterThan(0)
          for (const { kind, value } of by)
            expect({ kind, value: (value as { path: string }).path.startsWith('/') }).toEqual({
              kind: 'mask',
              value: true,
            })
        }
      }),
      runs,
    )
  })

  test('points at lines of the policies that hold the rule, and the condition', () => {
    fc.assert(
      fc.property(questions, (question) => {
        const outcomes: readonly RuleOutcome[] = explainer.explain(question).stages.flatMap((stage) => stage.outcomes)
        for (const { place, kind } of outcomes) expect(lineAt(place)).toMatch(new RegExp(`^${kind} contains `))
        for (const { place, line } of conditionsOf(outcomes)) expect(lineAt(place).trim()).toBe(line)
      }),
      { ...runs, numRuns: 100 },
    )
  })

  test('looks at no field that the rule is not known to read', () => {
    const readable = new Set([...rules.values()].flatMap(({ fields }) => [...fields]))
    fc.assert(
      fc.property(questions, (question) => {
        const outcomes = explainer.explain(question).stages.flatMap((stage) => stage.outcomes)
        const read = conditionsOf(outcomes).flatMap(({ fields }): readonly Field[] => fields)
        // where a field is missing, what leads to it was looked at
        const isKnown = (path: string) =>
          [...readable].some((field) => field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`))
        expect(read.filter(({ path }) => !isKnown(path))).toEqual([])
      }),
      runs,
    )
  })

  test('of a denial tells each helper that failed, at its line, with what the input held', () => {
    const { stages } = explainer.explain(asked('Eve', 'SALARY', { manager: [{ uid: 'Bob', managers: null }] }))
    const rule = 'rules/hr/record_masking/record_masking.rego'
    const denial = stages.at(-1)!.outcomes.find(({ kind, value }) => kind === 'deny' && value !== undefined)
    expect(denial).toMatchObject({
      rule: 'hr.record_masking',
      place: `policies/${rule}:16`,
      title: 'The user has nothing to do with this employee',
      value: 'hr.record_masking',
    })
    const failures = conditionsOf([denial!]).filter(({ held, because }) => !held && because.length === 0)
    expect(failures.map(({ line, fields }) => [line, fields])).toEqual([
      ['users.has_role(input.user, "HR")', [{ path: 'user.roles', value: ['IT'] }]],
      [
        'input.facts["hr.record_masking"].manages == true',
        [{ path: 'facts["hr.record_masking"].manages', value: false }],
      ],
      ['users.has_role(input.user, "ESTATES")', [{ path: 'user.roles', value: ['IT'] }]],
    ])
  })

  test('without the record says what of it decides, and with masks that are the same for all names them', () => {
    const { record: _, ...bob } = asked('Bob', 'SALARY')
    const { masks, dependsOn } = explainer.explain(bob)
    expect({ masks, dependsOn }).toEqual({
      masks: undefined,
      dependsOn: ['hr.record_masking/manages'],
    })
    const { record: _none, ...alice } = asked('Alice', 'SALARY')
    expect(explainer.explain(alice).masks?.map(({ mask }) => mask.path)).toEqual([
      '/contactNumbers',
      '/emergencyContacts',
      '/nationality',
      '/sex',
    ])
  })

  test('says that it does not hold where the plan comes to something else than the engine', () => {
    const files = readTarGz(readFileSync(accessBundleFile))
    const plan = files.get('plan.json')!.toString('utf8').replaceAll('"ESTATES"', '"GARDENS"')
    const changed = tarGz(Object.fromEntries([...files, ['plan.json', Buffer.from(plan)]]))
    const other = createExplainer({ bundle: changed, masks: maskRules })
    const question = asked('Bob', 'SALARY')
    const { allow, stages } = other.explain(question)
    expect(allow).toBe(served(question).allow)
    expect(stages.map(({ agreement }) => agreement)).toEqual(['agrees', 'differs'])
  })
})
