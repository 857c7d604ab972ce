/** GitLab's code quality report: a list of issues with stable fingerprints. Waived findings are left out: the form has no place for them. */
import type { Severity } from '../finding.ts'
import type { FormatReport } from './report-format.ts'

const gitlabSeverity = {
  critical: 'blocker',
  error: 'critical',
  warning: 'minor',
  info: 'info',
} as const satisfies Record<Severity, string>

export const formatGitlab: FormatReport = ({ findings }) => {
  const issues = findings
    .filter(({ waiver }) => waiver === undefined)
    .map(({ rule, severity, message, remedy, file, line, endLine, fingerprint }) => ({
      description: remedy === '' ? message : `${message} ${remedy}`,
      check_name: rule,
      fingerprint,
      severity: gitlabSeverity[severity],
      location: {
        path: file.replace(/^(?:\.\/)+/u, ''),
        lines: { begin: Math.max(1, line), end: Math.max(1, endLine) },
      },
    }))
  return `${JSON.stringify(issues, undefined, 2)}\n`
}
