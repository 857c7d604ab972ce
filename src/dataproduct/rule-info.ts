/** What is known of each rule: of the rules in the policy bundle by its manifest, of those that the check itself holds by this list. */
import { compare, isSeverity, type Severity } from './finding.ts'

/** `document`: one document by itself; `tree`: all documents together; `change`: against a base; `check`: held by the check itself. */
export type RuleScope = 'document' | 'tree' | 'change' | 'check'

export type RuleInfo = {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly severity: Severity
  readonly regulation: readonly string[]
  readonly remedy: string
  readonly scope: RuleScope
  /** The day from which the severity holds, as YYYY-MM-DD; before it, `severityBefore` does. */
  readonly effectiveFrom?: string
  readonly severityBefore?: Severity
  /** Of the answer `dataproduct/validation`. */
  readonly code?: string
}

export const schemaRule = 'INT-01'

export const ownRules = {
  [schemaRule]: {
    id: schemaRule,
    title: 'The document conforms to the schema of its own version',
    description:
      'The file is one or more YAML or JSON documents; each has a known apiVersion, conforms to the schema of that version, and has no unknown and no duplicate key.',
    severity: 'error',
    regulation: ['EU Data Act Art. 33'],
    remedy: 'Correct the document at the place named; the schemas lie in schemas/dataproduct/.',
    scope: 'check',
  },
  'WVR-01': {
    id: 'WVR-01',
    title: 'No waiver has expired',
    description: 'A waiver holds up to and including the day `expires`; after it the finding counts again.',
    severity: 'error',
    regulation: ['GDPR 5(2)'],
    remedy: 'Remedy what was waived and remove the waiver, or have it prolonged by its owner.',
    scope: 'check',
  },
  'WVR-02': {
    id: 'WVR-02',
    title: 'Every waiver is used',
    description: 'A waiver that matches no finding only waits to hide a later one.',
    severity: 'warning',
    regulation: ['GDPR 5(2)'],
    remedy: 'Remove the waiver.',
    scope: 'check',
  },
  'WVR-03': {
    id: 'WVR-03',
    title: 'Every waiver is well formed, and none is of a critical rule',
    description:
      'A waiver names a known rule that is not critical, a scope, a reason, an owner, a ticket, and the day on which it expires.',
    severity: 'error',
    regulation: ['GDPR 5(2)'],
    remedy: 'Complete the waiver (docs/check.md, "Waivers"), or remove it.',
    scope: 'check',
  },
  'CTL-01': {
    id: 'CTL-01',
    title: "The product's control port accepts the configuration",
    description:
      'With --online, the policy server that the product itself names is asked for its verdict; what it refuses is a finding.',
    severity: 'error',
    regulation: ['ISO 27001 A.8.3'],
    remedy: 'Do what the control port says, or ask the team that runs it.',
    scope: 'check',
  },
} as const satisfies Readonly<Record<string, RuleInfo>>

export type OwnRule = keyof typeof ownRules

/** The rules of a bundle by the member `rules` of its manifest's metadata, with our own, in the order of their ids. What is malformed is left out. */
export function readRules(metadata: unknown): readonly RuleInfo[] {
  const found = new Map<string, RuleInfo>(Object.entries(ownRules))
  if (isRecord(metadata) && isRecord(metadata['rules']))
    for (const [id, value] of Object.entries(metadata['rules'])) {
      const rule = ruleOf(id, value)
      if (rule !== undefined) found.set(id, rule)
    }
  return [...found.values()].sort((left, right) => compare(left.id, right.id))
}

function ruleOf(id: string, value: unknown): RuleInfo | undefined {
  if (!isRecord(value)) return undefined
  const { severity, scope, regulation, effectiveFrom, severityBefore, code } = value
  if (!isSeverity(severity) || (scope !== 'document' && scope !== 'tree' && scope !== 'change')) return undefined
  return {
    id,
    title: textOf(value['title']),
    description: textOf(value['description']),
    severity,
    regulation: Array.isArray(regulation) ? regulation.filter((item) => typeof item === 'string') : [],
    remedy: textOf(value['remedy']),
    scope,
    ...(typeof effectiveFrom === 'string' ? { effectiveFrom } : {}),
    ...(isSeverity(severityBefore) ? { severityBefore } : {}),
    ...(typeof code === 'string' ? { code } : {}),
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
