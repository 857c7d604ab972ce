/** The report as Markdown, for the summary of a CI job or a comment. */
import { byPlace, bySeverity, type Finding } from '../finding.ts'
import { describeCounts, plural, type Report, ruleCounts, severityCounts } from '../report.ts'
import type { FormatReport } from './report-format.ts'
import { shown } from './shown.ts'

/** A job's summary takes 1 MiB; beyond this many the table would not be read anyway. */
export const markdownFindingsMax = 500

export const formatMarkdown: FormatReport = (report) => {
  const { findings, problems, files, states, passedOver, policy } = report
  const open = findings.filter(({ waiver }) => waiver === undefined).sort(byGravity)
  const waived = findings.filter(({ waiver }) => waiver !== undefined)
  const counts = ruleCounts(states)
  const parts = [
    '## Data products',
    `**${describeCounts(severityCounts(findings)) || 'No findings'}** in ${plural(files.length, 'file')}. Rules: ${counts.passed} passed, ${counts.failed} failed, ${counts.notEvaluated} not evaluated. ${plural(passedOver, 'file')} passed over.`,
  ]
  if (problems.length > 0) parts.push('### Could not be checked', problemList(report))
  if (open.length > 0) parts.push(table(['Severity', 'Rule', 'Place', 'Finding', 'Remedy'], open.map(row)))
  if (waived.length > 0)
    parts.push('### Waived', table(['Rule', 'Place', 'Finding', 'Until', 'By', 'Reason'], waived.map(waivedRow)))
  if (policy.revision !== '') parts.push(`Policy \`${policy.revision.slice(0, 12)}\``)
  return `${parts.join('\n\n')}\n`
}

function problemList({ problems }: Report): string {
  return problems
    .map(({ file, message }) => `- ${file === undefined ? '' : `${code(file)}: `}${escaped(message)}`)
    .join('\n')
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const more = rows.length - markdownFindingsMax
  return [
    line(heads),
    line(heads.map(() => '---')),
    ...rows.slice(0, markdownFindingsMax).map(line),
    ...(more > 0 ? ['', `… and ${more} more.`] : []),
  ].join('\n')
}

function row(finding: Finding): readonly string[] {
  return [finding.severity, finding.rule, place(finding), escaped(finding.message), escaped(finding.remedy)]
}

function waivedRow(finding: Finding): readonly string[] {
  const { expires = '', owner = '', reason = '' } = finding.waiver ?? {}
  return [finding.rule, place(finding), ...[finding.message, expires, owner, reason].map(escaped)]
}

function place({ file, line }: Finding): string {
  return code(`${file}:${line}`)
}

function code(text: string): string {
  return `\`${shown(text).replaceAll('`', "'").replaceAll('|', '\\|')}\``
}

/** Nothing of it is markup, a mention or a link. */
function escaped(text: string): string {
  return shown(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_{}[\]()#+!|~]/gu, '\\$&')
    .replaceAll('@', '&#64;')
}

function byGravity(left: Finding, right: Finding): number {
  return bySeverity(left.severity, right.severity) || byPlace(left, right)
}
