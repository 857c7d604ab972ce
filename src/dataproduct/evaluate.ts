/** Asks the rules: one input in, the state of each rule and its findings out. An answer of another shape is a fault, never "no findings". */

import { PortcullisError } from '../domain/errors.ts'
import type { Json } from '../domain/json.ts'
import type { Path } from './document.ts'
import { isSeverity, type Severity } from './finding.ts'
import { isRecord } from './rule-info.ts'

export const reportEntrypoint = 'dataproduct/report'

/** What evaluates the rules; its faults are thrown. */
export interface RuleEngine {
  evaluate(input: unknown, entrypoint: string): Json | undefined
}

export type RuleState = 'passed' | 'failed' | 'notEvaluated'

/** A finding as a rule gives it: where it stands is still to be looked up. */
export type RuleFinding = {
  readonly rule: string
  readonly severity: Severity
  readonly message: string
  readonly path: Path
  readonly remedy: string
  readonly regulation: readonly string[]
  /** Of the document among several; undefined where there was only one. */
  readonly file?: string
  readonly related: readonly { readonly file?: string; readonly path: Path; readonly message: string }[]
}

export type RuleReport = {
  readonly states: ReadonlyMap<string, RuleState>
  readonly findings: readonly RuleFinding[]
}

/** Of one evaluation. */
export const findingsMax = 100_000

/** @throws bundle.refused when there are no rules, policy.result_invalid, and what the engine throws */
export function evaluateRules(engine: RuleEngine, input: unknown): RuleReport {
  const answer: unknown = engine.evaluate(input, reportEntrypoint)
  if (!isRecord(answer)) throw invalid('dataproduct/report is undefined for this input')
  const { rules, findings } = answer
  if (!isRecord(rules) || Object.keys(rules).length === 0)
    throw new PortcullisError('bundle.refused', {
      message: 'The policy holds no rules, so nothing can be checked. Name a bundle with rules with --policy.',
    })
  if (!Array.isArray(findings)) throw invalid('dataproduct/report has no list of findings')
  if (findings.length > findingsMax) throw invalid(`more than ${findingsMax} findings`)
  return {
    states: new Map(Object.entries(rules).map(([id, state]) => [id, stateOf(id, state)])),
    findings: findings.map(findingOf),
  }
}

/** Failed anywhere is failed; passed somewhere is passed. */
export function mergeStates(all: Iterable<ReadonlyMap<string, RuleState>>): ReadonlyMap<string, RuleState> {
  const merged = new Map<string, RuleState>()
  for (const states of all)
    for (const [id, state] of states) {
      const known = merged.get(id) ?? 'notEvaluated'
      if (state === 'failed' || known === 'notEvaluated') merged.set(id, state)
      else merged.set(id, known)
    }
  return merged
}

function stateOf(id: string, state: unknown): RuleState {
  if (state === 'passed' || state === 'failed' || state === 'notEvaluated') return state
  throw invalid(`rule ${id} is neither passed, failed nor notEvaluated`)
}

function findingOf(value: unknown): RuleFinding {
  if (!isRecord(value)) throw invalid('a finding is not an object')
  const { rule, severity, path, remedy, regulation, file, related } = value
  const message = value['message'] ?? value['msg']
  if (typeof rule !== 'string' || rule === '') throw invalid('a finding names no rule')
  if (typeof message !== 'string' || !isSeverity(severity))
    throw invalid(`a finding of ${rule} has no message or severity`)
  return {
    rule,
    severity,
    message,
    path: pathOf(path, rule),
    remedy: typeof remedy === 'string' ? remedy : '',
    regulation: Array.isArray(regulation) ? regulation.filter((item) => typeof item === 'string') : [],
    ...(typeof file === 'string' ? { file } : {}),
    related: Array.isArray(related) ? related.filter(isRecord).map((place) => relatedOf(place, rule)) : [],
  }
}

function relatedOf({ file, path, message, msg }: Readonly<Record<string, unknown>>, rule: string) {
  const text = message ?? msg
  return {
    path: pathOf(path, rule),
    message: typeof text === 'string' ? text : 'related',
    ...(typeof file === 'string' ? { file } : {}),
  }
}

function pathOf(value: unknown, rule: string): Path {
  if (value === undefined) return []
  if (Array.isArray(value) && value.every(isSegment)) return value
  throw invalid(`a finding of ${rule} has no path of keys and indexes`)
}

function isSegment(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}

function invalid(why: string): PortcullisError {
  return new PortcullisError('policy.result_invalid', {
    message: `The policy gave an answer of the wrong shape: ${why}.`,
  })
}
