/** One rule told to people: what it asks for, why, and what to do about a finding of it. */
import { compare } from './finding.ts'
import type { RuleInfo } from './rule-info.ts'

const scopes = {
  document: 'each document by itself',
  tree: 'all documents of the check together',
  change: 'what changed against --base',
  check: 'held by portcullis check itself',
} as const satisfies Record<RuleInfo['scope'], string>

/** Plain text of several lines; undefined when there is no such rule. Case and a missing hyphen are forgiven. */
export function explainRule(id: string, rules: readonly RuleInfo[]): string | undefined {
  const asked = fold(id)
  const rule = rules.find((each) => fold(each.id) === asked)
  if (rule === undefined) return undefined
  const before =
    rule.severityBefore === undefined || rule.effectiveFrom === undefined
      ? ''
      : ` from ${rule.effectiveFrom}, before that ${rule.severityBefore}`
  const facts: readonly (readonly [string, string])[] = [
    ['Severity', `${rule.severity}${before}${rule.severity === 'critical' ? ', cannot be waived' : ''}`],
    ['Looks at', scopes[rule.scope]],
    ['Because of', rule.regulation.join(', ') || 'our own house rules'],
    ['Remedy', rule.remedy],
  ]
  const lines = facts.filter(([, text]) => text !== '').map(([name, text]) => `  ${name.padEnd(12)}${text}`)
  return [
    `${rule.id}  ${rule.title}`,
    '',
    ...(rule.description === '' ? [] : [rule.description, '']),
    ...lines,
    '',
  ].join('\n')
}

/** Ids that begin alike, for who mistyped one. */
export function similarRules(id: string, rules: readonly RuleInfo[]): readonly string[] {
  const family = fold(id).slice(0, 3)
  return rules
    .map((rule) => rule.id)
    .filter((each) => family !== '' && fold(each).startsWith(family))
    .sort(compare)
}

function fold(id: string): string {
  return id.toUpperCase().replaceAll(/[^A-Z0-9]/gu, '')
}
