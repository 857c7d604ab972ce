/** Coverage by traffic: over many decisions, which bodies of which rules fired, and which never did. */

import type { Place, Statement } from '../plan/ir.ts'
import type { Explainer } from './explainer.ts'
import type { Question } from './question.ts'
import { callsIn, type RuleKind, ruleOf, within } from './why.ts'

export type BodyCoverage = {
  readonly rule: string
  readonly kind: RuleKind
  readonly place: string
  readonly title?: string
  /** Evaluations in which the rule was asked. */
  readonly asked: number
  /** Those in which this body added something. */
  readonly fired: number
}
export type TrafficCoverage = {
  readonly revision: string
  readonly decisions: number
  readonly permits: number
  /** Decisions about a leaf whose record decides and was not given: record rules were not asked. */
  readonly withoutRecord: number
  /** Evaluations that the plan could not be followed through, or came to another answer than WASM: nothing is counted of them. */
  readonly unfollowed: number
  readonly differing: number
  readonly bodies: readonly BodyCoverage[]
}

export function measureCoverage(explainer: Explainer, questions: Iterable<Question>): TrafficCoverage {
  const bodies = new Map<Statement, { rule: string; kind: RuleKind; at: Place; func: string; fired: number }>()
  const asked = new Map<string, number>()
  for (const func of explainer.plan.funcs.values()) {
    const rule = ruleOf(func.name)
    if (rule === undefined) continue
    for (const block of func.blocks)
      for (const statement of within(block))
        if (statement.op === 'SetAdd') bodies.set(statement, { ...rule, at: statement.at, func: func.name, fired: 0 })
  }
  const totals = { decisions: 0, permits: 0, withoutRecord: 0, unfollowed: 0, differing: 0 }
  for (const question of questions) {
    const verdict = explainer.decide(question)
    totals.decisions++
    if (verdict.allow) totals.permits++
    if (verdict.masks === undefined) totals.withoutRecord++
    for (const stage of verdict.stages) {
      const { trace, agreement } = explainer.trace(stage)
      if (agreement === 'differs') totals.differing++
      if (agreement !== 'agrees' || trace.kind === 'unknown') {
        if (agreement !== 'differs') totals.unfollowed++
        continue
      }
      count(trace.steps)
    }
  }

  function count(steps: Parameters<typeof callsIn>[0]): void {
    const reached = new Set<string>()
    const fired = new Set<Statement>()
    for (const { func, steps: inner } of callsIn(steps)) {
      reached.add(func.name)
      for (const { statement } of inner) if (bodies.has(statement)) fired.add(statement)
    }
    for (const name of reached) asked.set(name, (asked.get(name) ?? 0) + 1)
    for (const statement of fired) bodies.get(statement)!.fired++
  }

  return {
    revision: explainer.revision,
    ...totals,
    bodies: [...bodies.values()]
      .map(({ rule, kind, at, func, fired }) => {
        const title = explainer.sources.title(at)
        const place = explainer.sources.place(at)
        return { rule, kind, place, ...(title === undefined ? {} : { title }), asked: asked.get(func) ?? 0, fired }
      })
      .sort((a, b) => (a.rule === b.rule ? (a.place < b.place ? -1 : 1) : a.rule < b.rule ? -1 : 1)),
  }
}
