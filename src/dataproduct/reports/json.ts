/** The report as JSON, as schemas/dataproduct/report.json describes it. */
import type { Finding } from '../finding.ts'
import { exitCodeOf, type Report, ruleCounts } from '../report.ts'
import type { FormatReport } from './report-format.ts'

/** Raised when a reader of the former form could misread the new one. */
export const reportVersion = 1

export const formatJson: FormatReport = (report, { failOn, version }) =>
  `${JSON.stringify(jsonReport(report, failOn, version), undefined, 2)}\n`

function jsonReport(report: Report, failOn: Parameters<typeof exitCodeOf>[1], version: string) {
  const { evaluatedAt, policy, base, states, files, passedOver, unreadable, findings, problems } = report
  return {
    reportVersion,
    tool: { name: 'portcullis', version },
    evaluatedAt,
    policy: { revision: policy.revision },
    ...(base === undefined ? {} : { base }),
    failOn,
    exitCode: exitCodeOf(report, failOn),
    rules: ruleCounts(states),
    ruleStates: states,
    files: files.map(({ file, kinds, status, rules }) => ({
      file,
      kinds,
      status,
      rules: ruleCounts(rules),
      ruleStates: rules,
    })),
    passedOver,
    unreadable,
    findings: findings.map(jsonFinding),
    problems,
  }
}

function jsonFinding(finding: Finding) {
  const { rule, severity, message, path, file, line, column, endLine, endColumn } = finding
  const { remedy, regulation, fingerprint, related, waiver } = finding
  return {
    rule,
    severity,
    message,
    path,
    file,
    line,
    column,
    endLine,
    endColumn,
    remedy,
    regulation,
    fingerprint,
    ...(related === undefined ? {} : { related }),
    ...(waiver === undefined ? {} : { waiver }),
  }
}
