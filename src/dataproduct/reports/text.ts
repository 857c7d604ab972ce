/** The report for people: by file, each finding with its source line, and a summary that says what was and what was not looked at. */
import pc from 'picocolors'
import type { Finding, Severity } from '../finding.ts'
import { groupBy } from '../group-by.ts'
import { describeCounts, exitCodeOf, plural, type Report, ruleCounts, severityCounts } from '../report.ts'
import { excerptOf } from './excerpt.ts'
import type { FormatContext, FormatReport } from './report-format.ts'
import { shown } from './shown.ts'

const excerptColumnsMin = 40
const noteColumnsMin = 30
const margin = '      '
const unreadableShownMax = 5

type Colors = ReturnType<typeof pc.createColors>

export const formatText: FormatReport = (report, context) => {
  const colors = pc.createColors(context.color)
  const byFile = groupBy(report.findings, ({ file }) => file)
  const groups = [...byFile].map(([file, findings]) => fileGroup(file, findings, context, colors))
  const problems = problemGroup(report, colors)
  return `${[...groups, ...problems, summary(report, context, colors)].join('\n')}\n`
}

function fileGroup(file: string, findings: readonly Finding[], context: FormatContext, colors: Colors): string {
  const told = new Set<string>()
  const blocks = findings.map((finding) => {
    const advice = `${finding.rule} ${finding.remedy}`
    const isNew = !told.has(advice)
    if (finding.waiver === undefined) told.add(advice)
    return findingBlock(finding, isNew, context, colors)
  })
  return `${colors.underline(colors.bold(shown(file)))}\n${blocks.join('\n')}`
}

/** What to do and why is told once for each rule in a file: the rest would be repetition. */
function findingBlock(finding: Finding, isNew: boolean, context: FormatContext, colors: Colors): string {
  const { rule, severity, message, line, column, remedy, regulation, related = [], waiver } = finding
  const name = waiver === undefined ? paint(severity, colors)(severity) : colors.dim(`waived ${severity}`)
  const lines = [`  ${colors.dim(`${line}:${column}`)}  ${name}  ${shown(message)}  ${colors.cyan(rule)}`]
  const gutter = String(line).length
  lines.push(...sourceLines(finding, gutter, context, colors))
  const note = (label: string, text: string) => lines.push(...noteLines(label, text, gutter, context.width, colors))
  for (const place of related) note('see', `${place.file}:${place.line}:${place.column}: ${place.message}`)
  if (waiver === undefined && isNew) {
    if (remedy !== '') note('remedy', remedy)
    if (regulation.length > 0) note('because of', regulation.join(', '))
  } else if (waiver !== undefined) {
    const ticket = waiver.ticket === undefined ? '' : ` (${waiver.ticket})`
    note('waived', `until ${waiver.expires} by ${waiver.owner}${ticket}: ${waiver.reason}`)
  }
  return `${lines.join('\n')}\n`
}

function sourceLines(finding: Finding, gutter: number, context: FormatContext, colors: Colors): readonly string[] {
  const { file, line, column, endLine, endColumn, severity, waiver } = finding
  const text = context.sourceLine(file, line)
  if (text === undefined || text.trim() === '') return []
  const width = Math.max(excerptColumnsMin, context.width - gutter - margin.length - 4)
  const end = endLine === line ? endColumn : text.length + 1
  const excerpt = excerptOf(text, column, end, width)
  const color = waiver === undefined ? paint(severity, colors) : colors.dim
  const bar = colors.dim('|')
  return [
    `${margin}${colors.dim(String(line))} ${bar} ${excerpt.line}`,
    `${margin}${' '.repeat(gutter)} ${bar} ${color(excerpt.mark)}`,
  ]
}

/** Broken between words to the width there is; what follows stands below the first word. */
function noteLines(label: string, text: string, gutter: number, width: number, colors: Colors): readonly string[] {
  const indent = `${margin}${' '.repeat(gutter)} `
  const head = `= ${label}: `
  const columns = Math.max(noteColumnsMin, width - indent.length - head.length)
  const lines: string[] = ['']
  for (const word of shown(text).split(' ')) {
    const last = lines.at(-1)!
    if (last !== '' && last.length + 1 + word.length > columns) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines.map((line, index) => `${indent}${index === 0 ? colors.dim(head) : ' '.repeat(head.length)}${line}`)
}

function problemGroup({ problems }: Report, colors: Colors): readonly string[] {
  if (problems.length === 0) return []
  const lines = problems.map(
    ({ file, message }) => `  ${file === undefined ? '' : `${colors.bold(shown(file))}: `}${shown(message)}`,
  )
  return [`${colors.red(colors.bold('Could not be checked'))}\n${lines.join('\n')}\n`]
}

function summary(report: Report, { failOn }: FormatContext, colors: Colors): string {
  const { findings, files, passedOver, unreadable, problems, policy, base } = report
  const exitCode = exitCodeOf(report, failOn)
  const said = describeCounts(severityCounts(findings))
  const waived = findings.filter(({ waiver }) => waiver !== undefined).length
  const counts = ruleCounts(report.states)
  const headline = [
    said === '' ? 'No findings' : said,
    ...(waived > 0 ? [`${waived} waived`] : []),
    ...(problems.length > 0 ? [plural(problems.length, 'problem')] : []),
  ].join(', ')
  const mark = exitCode === 0 ? colors.green('✓') : colors.red('✗')
  const lines = [
    `${mark} ${colors.bold(`${headline} in ${plural(files.length, 'file')}.`)}`,
    `  Rules: ${counts.passed} passed, ${counts.failed} failed, ${counts.notEvaluated} not evaluated.${
      base === undefined ? ' Changes were not looked at (--base <git ref>).' : ` Compared with ${base.slice(0, 12)}.`
    }`,
  ]
  if (passedOver > 0) lines.push(`  ${plural(passedOver, 'file')} passed over: no data product, no contract.`)
  if (unreadable.length > 0) {
    const names = unreadable.slice(0, unreadableShownMax).map(shown).join(', ')
    const more = unreadable.length > unreadableShownMax ? ` and ${unreadable.length - unreadableShownMax} more` : ''
    lines.push(`  ${colors.yellow('Not readable as YAML or JSON')}, passed over: ${names}${more}.`)
  }
  if (policy.revision !== '') lines.push(colors.dim(`  Policy ${policy.revision.slice(0, 12)}.`))
  return lines.join('\n')
}

function paint(severity: Severity, colors: Colors): (text: string) => string {
  if (severity === 'warning') return colors.yellow
  if (severity === 'info') return colors.blue
  return severity === 'critical' ? (text) => colors.bold(colors.red(text)) : colors.red
}
