/** SARIF 2.1.0, as code scanning services read it. */
import { byPlace, bySeverity, type Finding, type Severity } from '../finding.ts'
import type { Report } from '../report.ts'
import type { RuleInfo } from '../rule-info.ts'
import type { FormatReport } from './report-format.ts'
import { shownPath } from './shown.ts'

/** GitHub takes no more results in a run, and no more tags of a rule. */
export const resultsMax = 25_000
const tagsMax = 10

const levels = { critical: 'error', error: 'error', warning: 'warning', info: 'note' } as const satisfies Record<
  Severity,
  string
>
/** How GitHub ranks alerts. */
const securitySeverity = { critical: '9.5', error: '7.5', warning: '4.5', info: '1.0' } as const satisfies Record<
  Severity,
  string
>

export const formatSarif: FormatReport = (report, { version }) => {
  const rules = rulesOf(report)
  const indexes = new Map(rules.map(({ id }, index) => [id, index]))
  const findings = [...report.findings].sort(byGravity).slice(0, resultsMax).sort(byPlace)
  const run = {
    tool: { driver: { name: 'Portcullis', version, rules: rules.map(descriptorOf) } },
    automationDetails: { id: 'portcullis/check/' },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { '%SRCROOT%': { description: { text: 'The root of the repository.' } } },
    invocations: [invocationOf(report)],
    results: findings.map((finding) => resultOf(finding, indexes.get(finding.rule)!)),
    properties: { policyRevision: report.policy.revision, ruleStates: report.states },
  }
  return `${JSON.stringify({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }, undefined, 2)}\n`
}

/** All that are known, and those that only a finding names. */
function rulesOf({ policy, findings }: Report): readonly RuleInfo[] {
  const known = new Map(policy.rules.map((rule) => [rule.id, rule]))
  for (const { rule: id, severity, remedy, regulation } of findings)
    if (!known.has(id))
      known.set(id, { id, title: id, description: '', severity, regulation, remedy, scope: 'document' })
  return [...known.values()]
}

function descriptorOf({ id, title, description, severity, regulation, remedy }: RuleInfo) {
  return {
    id,
    ...(title === '' ? {} : { shortDescription: { text: title } }),
    fullDescription: { text: description || title || id },
    help: { text: [remedy, regulation.join(', ')].filter((text) => text !== '').join('\n') || title || id },
    defaultConfiguration: { level: levels[severity] },
    properties: {
      tags: ['data-product', ...regulation].slice(0, tagsMax),
      'security-severity': securitySeverity[severity],
    },
  }
}

function invocationOf({ problems, evaluatedAt }: Report) {
  return {
    executionSuccessful: problems.length === 0,
    endTimeUtc: evaluatedAt,
    toolExecutionNotifications: problems.map(({ file, message }) => ({
      level: 'error',
      message: { text: message },
      ...(file === undefined ? {} : { locations: [{ physicalLocation: { artifactLocation: artifactOf(file) } }] }),
    })),
  }
}

function resultOf(finding: Finding, ruleIndex: number) {
  const { rule, severity, message, remedy, path, file, fingerprint, related, waiver } = finding
  return {
    ruleId: rule,
    ruleIndex,
    level: levels[severity],
    message: { text: remedy === '' ? message : `${message} ${remedy}` },
    locations: [
      {
        physicalLocation: placeOf(file, finding),
        ...(path.length > 0 ? { logicalLocations: [{ fullyQualifiedName: shownPath(path) }] } : {}),
      },
    ],
    partialFingerprints: { 'portcullis/v1': fingerprint },
    ...(related === undefined
      ? {}
      : {
          relatedLocations: related.map((place, id) => ({
            id,
            message: { text: place.message },
            physicalLocation: placeOf(place.file, place),
          })),
        }),
    ...(waiver === undefined
      ? {}
      : {
          suppressions: [
            {
              kind: 'external',
              status: 'accepted',
              justification: `${waiver.reason} (${[waiver.owner, waiver.ticket, `until ${waiver.expires}`].filter(Boolean).join(', ')})`,
              location: {
                physicalLocation: {
                  artifactLocation: artifactOf(waiver.file),
                  region: { startLine: Math.max(1, waiver.line) },
                },
              },
            },
          ],
        }),
    properties: { severity, path, regulation: finding.regulation },
  }
}

function placeOf(
  file: string,
  { line, column, endLine, endColumn }: Pick<Finding, 'line' | 'column' | 'endLine' | 'endColumn'>,
) {
  const [startLine, startColumn] = [Math.max(1, line), Math.max(1, column)]
  return {
    artifactLocation: artifactOf(file),
    region: {
      startLine,
      startColumn,
      endLine: Math.max(startLine, endLine),
      endColumn: endLine > startLine ? Math.max(1, endColumn) : Math.max(startColumn, endColumn),
    },
  }
}

function artifactOf(file: string) {
  const uri = file.split('/').map(encodeURIComponent).join('/')
  return file.startsWith('/') ? { uri: `file://${uri}` } : { uri, uriBaseId: '%SRCROOT%' }
}

function byGravity(left: Finding, right: Finding): number {
  return bySeverity(left.severity, right.severity) || byPlace(left, right)
}
