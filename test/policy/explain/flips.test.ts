/** Every change that is proposed turns the decision of the engine that serves, and nothing smaller that was tried does. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../../src/domain/json.ts'
import { applyChange, type Change, describeChange } from '../../../src/policy/opa-wasm/explain/changes.ts'
import { flipDecisionsMax, searchFlips, type Target } from '../../../src/policy/opa-wasm/explain/flips.ts'
import type { Question } from '../../../src/policy/opa-wasm/explain/question.ts'
import { asked, explainer, questions, served, vocabulary } from './hr-questions.ts'

const runs = { numRuns: 150, seed: 11 }
const search = (question: Question) => searchFlips(explainer.decide, question, vocabulary)

/** A fact is changed by changing the record that it is computed of. */
function changed(question: Question, change: Change): Question {
  if (change.kind !== 'fact') return applyChange(question, change)
  const { id } = question.user as { id: string }
  return { ...question, record: { manager: change.value ? [{ uid: id, managers: null }] : [] } }
}

function isTurned(question: Question, target: Target): boolean {
  const { allow, masks } = served(question)
  if (target.kind === 'denial') return allow
  const paths = (masks as readonly { path: string }[]).map(({ path }) => path)
  return (
    allow &&
    !paths.some(
      (path) => path === target.path || path.startsWith(`${target.path}/`) || target.path.startsWith(`${path}/`),
    )
  )
}

/** Written out by itself, so that the search is not compared with its own list. */
function* singles(question: Question): Generator<Question> {
  const { user, context } = question as unknown as {
    user: { roles: readonly string[]; active: boolean; attributes: { training?: unknown } }
    context: object
  }
  for (const purpose of ['SALARY', 'DUTY_OF_CARE', 'STAFF_REPORT'])
    yield { ...question, context: { ...context, purpose } }
  const withUser = (changes: object): Question => ({ ...question, user: { ...user, ...changes } as unknown as Json })
  yield withUser({ active: !user.active })
  for (const role of ['HR', 'ESTATES'])
    yield withUser({
      roles: user.roles.includes(role) ? user.roles.filter((other) => other !== role) : [...user.roles, role],
    })
  const { training } = user.attributes
  if (training === undefined || Array.isArray(training))
    yield withUser({
      attributes: { training: [...((training as readonly string[]) ?? []), 'PAYROLL_TRAINING_COURSE'] },
    })
}

function waysOf(question: Question): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    search(question).flips.map(({ targets, ways }) => [
      targets.map((target) => (target.kind === 'mask' ? target.path : 'denial')).join(' '),
      ways.map((way) => way.map(describeChange).join(' & ')),
    ]),
  )
}

describe('the smallest change', () => {
  test('really turns what it is said to turn, on generated questions', () => {
    const sizes = new Map<number, number>()
    fc.assert(
      fc.property(questions, (question) => {
        for (const { targets, ways } of search(question).flips)
          for (const way of ways) {
            sizes.set(way.length, (sizes.get(way.length) ?? 0) + 1)
            const turned = way.reduce(changed, question)
            for (const target of targets)
              expect(isTurned(turned, target), way.map(describeChange).join(' & ')).toBe(true)
          }
      }),
      runs,
    )
    expect(Math.min(sizes.get(1) ?? 0, sizes.get(2) ?? 0)).toBeGreaterThan(20)
  })

  test('is none of two where one of the same changes is enough', () => {
    fc.assert(
      fc.property(questions, (question) => {
        for (const { targets, ways } of search(question).flips)
          for (const way of ways)
            if (way.length > 1)
              for (const change of way)
                for (const target of targets) expect(isTurned(changed(question, change), target)).toBe(false)
      }),
      runs,
    )
  })

  test('is none of two where any one change of purpose, role, training, or account is enough', () => {
    fc.assert(
      fc.property(questions, (question) => {
        const pairs = search(question).flips.filter(({ ways }) => ways[0]!.length > 1)
        for (const single of singles(question))
          for (const { targets } of pairs) for (const target of targets) expect(isTurned(single, target)).toBe(false)
      }),
      runs,
    )
  })

  test('of a record that is denied is a role, or another record', () => {
    expect(waysOf(asked('Eve', 'DUTY_OF_CARE', { manager: [] }))).toEqual({
      denial: ['"HR" in user.roles', '"ESTATES" in user.roles', 'a record with /manager/**/uid equal to "Eve"'],
    })
  })

  test('of a suspended account is the account being active', () => {
    expect(waysOf(asked('Mallory', 'SALARY'))).toEqual({ denial: ['user.active = true'] })
  })

  test('takes two changes where one is not enough', () => {
    expect(waysOf(asked('Bob', 'SALARY'))['/bankDetails /salaryAmount /salaryBonus /taxCode']).toEqual([
      '"HR" in user.roles & "PAYROLL_TRAINING_COURSE" in user.attributes.training',
    ])
  })

  test('is not claimed where nothing that was tried turns it', () => {
    const nowhere = {
      ...asked('Alice', 'SALARY'),
      resource: { id: 'file:/elsewhere/x', type: 'x', format: 'x', attributes: {} },
    }
    const { flips, stuck, complete } = search(nowhere)
    expect({ flips, stuck, complete }).toEqual({
      flips: [],
      stuck: [{ kind: 'denial' }],
      complete: { one: true, two: true },
    })
  })

  test('is not claimed to be the smallest by a search that was cut short', () => {
    const many: readonly Json[] = Array.from({ length: flipDecisionsMax + 10 }, (_, index) => `ROLE_${index}`)
    const { decisions, complete, stuck } = searchFlips(
      explainer.decide,
      asked('Eve', ''),
      new Map([['user.roles', many]]),
    )
    expect({ decisions, complete, stuck }).toEqual({
      decisions: flipDecisionsMax,
      complete: { one: false, two: false },
      stuck: [{ kind: 'denial' }],
    })
  }, 120_000)

  test('is not looked for where everything is given', () => {
    expect(
      search({
        ...asked('Alice', 'SALARY'),
        resource: { id: 'file:/data/x.csv', type: 'x', format: 'x', attributes: {} },
      }),
    ).toMatchObject({ flips: [], stuck: [], decisions: 0 })
  })
})
