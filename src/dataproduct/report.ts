/** The answer of a check, whatever form it is written in. */
import type { DocumentKind } from './document.ts'
import type { RuleState } from './evaluate.ts'
import { bySeverity, type Finding, type Severity } from './finding.ts'
import type { RuleInfo } from './rule-info.ts'
import type { Problem } from './source-files.ts'

export type CheckedFile = {
  readonly file: string
  /** Of its documents, in order. */
  readonly kinds: readonly DocumentKind[]
  /** `notChecked`: something of it could not be checked; `problems` says what. */
  readonly status: 'checked' | 'notChecked'
  /** Of each rule that looks at documents one by one. */
  readonly rules: Readonly<Record<string, RuleState>>
}

export type Report = {
  /** ISO 8601, UTC. */
  readonly evaluatedAt: string
  readonly policy: { readonly revision: string; readonly rules: readonly RuleInfo[] }
  /** The commit compared with. */
  readonly base?: string
  /** Over everything: a rule has failed when it has a finding anywhere, and passed when it was evaluated and has none. */
  readonly states: Readonly<Record<string, RuleState>>
  /** Of the rules that look at all documents together, or at the change. */
  readonly treeStates: Readonly<Record<string, RuleState>>
  readonly files: readonly CheckedFile[]
  /** Files in folders that are no documents of ours. */
  readonly passedOver: number
  /** Those among them that are not even YAML or JSON. */
  readonly unreadable: readonly string[]
  /** By file and line. */
  readonly findings: readonly Finding[]
  /** What could not be checked. */
  readonly problems: readonly Problem[]
}

export const failOnLevels = ['critical', 'error', 'warning', 'info', 'never'] as const
export type FailOn = (typeof failOnLevels)[number]

export function ruleCounts(states: Report['states']): Readonly<Record<RuleState, number>> {
  const counts = { passed: 0, failed: 0, notEvaluated: 0 }
  for (const state of Object.values(states)) counts[state] += 1
  return counts
}

/** Of the findings that no waiver covers. */
export function severityCounts(findings: readonly Finding[]): Readonly<Record<Severity, number>> {
  const counts = { critical: 0, error: 0, warning: 0, info: 0 }
  for (const { severity, waiver } of findings) if (waiver === undefined) counts[severity] += 1
  return counts
}

/** 0 in order, 1 findings at or above `failOn`, 2 something could not be checked, which is said whatever was found. */
export function exitCodeOf({ findings, problems }: Report, failOn: FailOn): 0 | 1 | 2 {
  if (problems.length > 0) return 2
  if (failOn === 'never') return 0
  return findings.some(({ severity, waiver }) => waiver === undefined && bySeverity(severity, failOn) <= 0) ? 1 : 0
}

/** `3 errors`, `1 file`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** `2 errors, 1 warning`; empty when there is none. */
export function describeCounts(counts: Readonly<Record<Severity, number>>): string {
  const names: readonly (readonly [Severity, string])[] = [
    ['critical', 'critical finding'],
    ['error', 'error'],
    ['warning', 'warning'],
    ['info', 'note'],
  ]
  return names
    .filter(([severity]) => counts[severity] > 0)
    .map(([severity, noun]) => plural(counts[severity], noun))
    .join(', ')
}
