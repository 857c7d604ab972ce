/** JUnit XML: a suite a file, a test case a rule; errors fail, warnings are told in the output of a case that passes. */
import type { RuleState } from '../evaluate.ts'
import type { Finding } from '../finding.ts'
import { groupBy } from '../group-by.ts'
import type { Report } from '../report.ts'
import type { FormatReport } from './report-format.ts'
import { shownPath } from './shown.ts'

/** The suite of what belongs to no single file. */
const togetherName = 'all documents together'

type Case = {
  readonly rule: string
  readonly title: string
  readonly state: RuleState
  readonly findings: readonly Finding[]
}
type Suite = {
  readonly name: string
  readonly file?: string
  readonly cases: readonly Case[]
  readonly problems: readonly string[]
}

export const formatJunit: FormatReport = (report) => {
  const suites = suitesOf(report)
  const printed = suites.map((suite) => printSuite(suite, report.evaluatedAt))
  const total = (name: 'tests' | 'failures' | 'errors' | 'skipped') =>
    printed.reduce((sum, { counts }) => sum + counts[name], 0)
  const head = `<testsuites name="portcullis check" tests="${total('tests')}" failures="${total('failures')}" errors="${total('errors')}">`
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}\n${printed.map(({ xml }) => xml).join('')}</testsuites>\n`
}

function suitesOf(report: Report): readonly Suite[] {
  const titles = new Map(report.policy.rules.map(({ id, title }) => [id, title]))
  const byFile = groupBy(report.findings, ({ file }) => file)
  const problemsOf = groupBy(report.problems, ({ file }) => file ?? togetherName)
  const names = new Set([...report.files.map(({ file }) => file), ...byFile.keys(), ...problemsOf.keys()])
  names.delete(togetherName)
  const states = new Map(report.files.map(({ file, rules }) => [file, rules]))
  const together = casesOf(report.treeStates, [], titles)
  const suites = [...names].map((file) => ({
    name: file,
    file,
    cases: casesOf(states.get(file) ?? {}, byFile.get(file) ?? [], titles, report.treeStates),
    problems: (problemsOf.get(file) ?? []).map(({ message }) => message),
  }))
  const general = (problemsOf.get(togetherName) ?? []).map(({ message }) => message)
  return [...suites, { name: togetherName, cases: together, problems: general }]
}

/** Rules that look at all documents stand in a file's suite only where they found something in it; passed, they stand in the last suite. */
function casesOf(
  states: Readonly<Record<string, RuleState>>,
  findings: readonly Finding[],
  titles: ReadonlyMap<string, string>,
  elsewhere: Readonly<Record<string, RuleState>> = {},
): readonly Case[] {
  const byRule = groupBy(findings, ({ rule }) => rule)
  const rules = new Set([...Object.keys(states).filter((rule) => !Object.hasOwn(elsewhere, rule)), ...byRule.keys()])
  return [...rules].sort().flatMap((rule): readonly Case[] => {
    const found = byRule.get(rule) ?? []
    const state = found.length > 0 ? 'failed' : (states[rule] ?? 'notEvaluated')
    // in the last suite: what failed stands with its file
    if (state === 'failed' && found.length === 0) return []
    return [{ rule, title: titles.get(rule) ?? '', state, findings: found }]
  })
}

function printSuite({ name, file, cases, problems }: Suite, timestamp: string) {
  const counts = { tests: cases.length + problems.length, failures: 0, errors: problems.length, skipped: 0 }
  const place = file === undefined ? '' : ` file="${attribute(file)}"`
  const printed = cases.map((each) => {
    const { xml, outcome } = printCase(each, name, place)
    if (outcome !== 'passed') counts[outcome] += 1
    return xml
  })
  const faults = problems.map(
    (message) =>
      `    <testcase name="could be checked" classname="${attribute(name)}"${place} time="0">\n      <error message="${attribute(message)}" type="notChecked"/>\n    </testcase>\n`,
  )
  const { tests, failures, errors, skipped } = counts
  const head = `  <testsuite name="${attribute(name)}" tests="${tests}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="0" timestamp="${timestamp.slice(0, 19)}">\n`
  return { xml: `${head}${printed.join('')}${faults.join('')}  </testsuite>\n`, counts }
}

function printCase({ rule, title, state, findings }: Case, suite: string, place: string) {
  const open = findings.filter(({ waiver }) => waiver === undefined)
  const grave = open.filter(({ severity }) => severity === 'critical' || severity === 'error')
  const line = place === '' || findings[0] === undefined ? '' : ` line="${findings[0].line}"`
  const name = title === '' ? rule : `${rule}: ${title}`
  const head = `    <testcase name="${attribute(name)}" classname="${attribute(suite)}"${place}${line} time="0"`
  const close = (inner: string) => (inner === '' ? `${head}/>\n` : `${head}>\n${inner}    </testcase>\n`)
  if (grave.length > 0) {
    const message = grave.map(({ message: each }) => each).join(' / ')
    const type = grave[0]!.severity
    return {
      outcome: 'failures' as const,
      xml: close(
        `      <failure message="${attribute(message)}" type="${type}">${element(grave.map(describe).join('\n\n'))}</failure>\n`,
      ),
    }
  }
  if (state === 'notEvaluated')
    return { outcome: 'skipped' as const, xml: close('      <skipped message="does not apply here"/>\n') }
  const waived = findings.find(({ waiver }) => waiver !== undefined)?.waiver
  if (open.length === 0 && waived !== undefined) {
    const message = `waived until ${waived.expires} by ${waived.owner}: ${waived.reason}`
    return { outcome: 'skipped' as const, xml: close(`      <skipped message="${attribute(message)}"/>\n`) }
  }
  const output = open.length === 0 ? '' : `      <system-out>${element(open.map(describe).join('\n\n'))}</system-out>\n`
  return { outcome: 'passed' as const, xml: close(output) }
}

function describe({ file, line, column, severity, message, path, remedy, regulation }: Finding): string {
  return [
    `${file}:${line}:${column}: ${severity}: ${message}`,
    ...(path.length > 0 ? [`at ${shownPath(path)}`] : []),
    ...(remedy === '' ? [] : [`remedy: ${remedy}`]),
    ...(regulation.length > 0 ? [`because of: ${regulation.join(', ')}`] : []),
  ].join('\n')
}

/** What XML 1.0 can't hold at all, not even escaped, is replaced. */
function element(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}

function attribute(text: string): string {
  return element(text)
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\r', '&#13;')
    .replaceAll('\t', '&#9;')
}
