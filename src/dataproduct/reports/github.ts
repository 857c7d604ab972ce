/** Annotations as workflow commands of GitHub Actions. */
import { byPlace, bySeverity, type Finding, type Severity } from '../finding.ts'
import { describeCounts, plural, ruleCounts, severityCounts } from '../report.ts'
import type { FormatReport } from './report-format.ts'
import { shown } from './shown.ts'

/** GitHub shows so many of each level for one step, and drops the rest without a word. */
export const annotationsMax = 10

const levels = { critical: 'error', error: 'error', warning: 'warning', info: 'notice' } as const satisfies Record<
  Severity,
  string
>

export const formatGithub: FormatReport = ({ findings, problems, states, files }) => {
  const open = findings
    .filter(({ waiver }) => waiver === undefined)
    .sort((left, right) => bySeverity(left.severity, right.severity) || byPlace(left, right))
  const lines = problems.slice(0, annotationsMax).map(({ file, message }) => {
    const place = file === undefined ? '' : `file=${property(file)},`
    return `::error ${place}title=Could not be checked::${data(message)}`
  })
  const left: Record<(typeof levels)[Severity], number> = {
    error: annotationsMax - lines.length,
    warning: annotationsMax,
    notice: annotationsMax,
  }
  let omitted = Math.max(0, problems.length - annotationsMax)
  for (const finding of open) {
    const level = levels[finding.severity]
    if (left[level] > 0) lines.push(annotation(level, finding))
    else omitted += 1
    left[level] -= 1
  }
  const counts = ruleCounts(states)
  const said = describeCounts(severityCounts(findings)) || 'No findings'
  lines.push(
    `${said} in ${plural(files.length, 'file')}; rules: ${counts.passed} passed, ${counts.failed} failed, ${counts.notEvaluated} not evaluated.`,
  )
  if (omitted > 0)
    lines.push(`${omitted} more than GitHub shows as annotations: the summary of this job lists all of them.`)
  return `${lines.join('\n')}\n`
}

function annotation(level: string, { file, line, endLine, column, endColumn, rule, message, remedy }: Finding): string {
  // GitHub refuses columns of a range of several lines
  const columns = line === endLine ? `,col=${column},endColumn=${Math.max(column, endColumn)}` : ''
  const place = `file=${property(file)},line=${Math.max(1, line)},endLine=${Math.max(1, endLine)}${columns}`
  return `::${level} ${place},title=${property(rule)}::${data(remedy === '' ? message : `${shown(message)}\n${shown(remedy)}`)}`
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
