import { describe, expect, test } from 'vitest'
import { fingerprintOf } from '../../../src/dataproduct/finding.ts'
import { excerptOf } from '../../../src/dataproduct/reports/excerpt.ts'
import { formatGithub } from '../../../src/dataproduct/reports/github.ts'
import { formatGitlab } from '../../../src/dataproduct/reports/gitlab.ts'
import { formatJunit } from '../../../src/dataproduct/reports/junit.ts'
import { formatMarkdown } from '../../../src/dataproduct/reports/markdown.ts'
import { formatSarif } from '../../../src/dataproduct/reports/sarif.ts'
import { formatText } from '../../../src/dataproduct/reports/text.ts'
import { context, emptyReport, finding, fullReport } from '../support/reports.ts'

const only = (...findings: readonly ReturnType<typeof finding>[]) => ({ ...emptyReport, findings })

describe('text', () => {
  test('groups by file, and shows each finding with its line, a mark, remedy and regulation', () => {
    const report = {
      ...only(finding({ endColumn: 18 })),
      states: { 'ACC-01': 'failed', 'OWN-01': 'passed', 'REF-01': 'notEvaluated' },
    } as const
    expect(formatText(report, context)).toBe(`hr/product.yaml
  4:5  error  The port has no access policy.  ACC-01
      4 |   - name: payroll
        |     ^^^^^^^^^^^^^
        = remedy: Name one.
        = because of: GDPR 25(2), ISO 27001 A.5.15

✗ 1 error in 1 file.
  Rules: 1 passed, 1 failed, 1 not evaluated. Compared with aaaaaaaaaaaa.
  Policy ffffffffffff.
`)
  })

  test('says what to do once for each rule in a file', () => {
    const text = formatText(
      only(finding({}), finding({ line: 9, endLine: 9 }), finding({ file: 'other.yaml' })),
      context,
    )
    expect(text.match(/= remedy: Name one\./g)).toHaveLength(2)
    expect(text.match(/The port has no access policy\./g)).toHaveLength(3)
  })

  test('says of a waived finding who waived it until when, and does not count it', () => {
    const waived = fullReport.findings.filter(({ waiver }) => waiver !== undefined)
    const text = formatText(only(...waived), context)
    expect(text).toContain('waived info')
    expect(text).toContain('until 2026-12-31 by alice@example.com (HR-12): Being written.')
    expect(text).toContain('✓ No findings, 1 waived in 1 file.')
  })

  test('has colours only when told so, and passes none on from files', () => {
    const report = only(finding({ message: 'red \u001b[31m \u202eback', file: 'a\u001b.yaml' }))
    expect(formatText(report, context)).not.toMatch(/\u001b|\u202e/)
    expect(formatText(report, context)).toContain('red \\u001b[31m \\u202eback')
    expect(formatText(report, { ...context, color: true })).toContain('\u001b[31merror')
  })

  test('says what could not be checked and what was passed over', () => {
    const text = formatText(fullReport, context)
    expect(text).toContain('Could not be checked\n  hr/ü b.yaml: It could not be checked.\n')
    expect(text).toContain('2 files passed over')
    expect(text).toContain('chart.yaml')
    expect(text).toContain('✗ 1 critical finding, 3 errors, 1 warning, 1 waived, 2 problems in 2 files.')
  })

  test('never begins a line with what a CI runner would obey', () => {
    const lines = formatText(fullReport, { ...context, sourceLine: () => '::error::obey ##vso[task.x]y' }).split('\n')
    expect(lines.filter((line) => /^\s*::|##\w*\[/.test(line))).toEqual([])
  })
})

describe('the mark below a source line', () => {
  test.each([
    ['name: x', 7, 8, { line: 'name: x', mark: '      ^' }],
    ['\tname: x', 2, 6, { line: ' name: x', mark: ' ^^^^' }],
    ['名前: x', 5, 6, { line: '名前: x', mark: '      ^' }],
    ['ab', 9, 9, { line: 'ab', mark: '  ^' }],
    ['', 1, 1, { line: '', mark: '^' }],
  ])('of %j from %i to %i', (line, column, end, expected) => {
    expect(excerptOf(line, column, end, 80)).toEqual(expected)
  })

  test('stands below the place even when the line is cut', () => {
    const { line, mark } = excerptOf(`${'a'.repeat(500)}HERE${'b'.repeat(500)}`, 501, 505, 60)
    expect(line.length).toBeLessThan(70)
    expect(line.slice(mark.indexOf('^'), mark.lastIndexOf('^') + 1)).toBe('HERE')
  })
})

describe('GitHub annotations', () => {
  test('carry place, rule, message and remedy, escaped', () => {
    const report = only(finding({ file: 'a,b:c.yaml', message: '100 % of\n::error::it', remedy: '' }))
    expect(formatGithub(report, context).split('\n')[0]).toBe(
      '::error file=a%2Cb%3Ac.yaml,line=4,endLine=4,col=5,endColumn=9,title=ACC-01::100 %25 of%0A::error::it',
    )
  })

  test('leave columns out of a range of several lines', () => {
    expect(formatGithub(only(finding({ endLine: 6 })), context)).toContain('line=4,endLine=6,title=')
  })

  test('are at most ten of each level, the gravest first, and the rest is counted', () => {
    const many = Array.from({ length: 15 }, (_, index) =>
      finding({ message: `error ${index}`, line: index + 1, endLine: index + 1 }),
    )
    const report = only(
      ...many,
      finding({ severity: 'critical', message: 'grave', line: 99, endLine: 99 }),
      finding({ severity: 'warning' }),
    )
    const lines = formatGithub(report, context).split('\n')
    expect(lines.filter((line) => line.startsWith('::error'))).toHaveLength(10)
    expect(lines[0]).toContain('grave')
    expect(lines.filter((line) => line.startsWith('::warning'))).toHaveLength(1)
    expect(lines.join('\n')).toContain('6 more than GitHub shows')
  })

  test('say what could not be checked, and nothing of what is waived', () => {
    const text = formatGithub(fullReport, context)
    expect(text).toContain('::error file=hr/ü b.yaml,title=Could not be checked::It could not be checked.')
    expect(text).not.toContain('A waived note.')
    expect(text.split('\n').filter((line) => /^(?!::(?:error|warning|notice) ).*::/.test(line))).toEqual([])
  })
})

describe('JUnit', () => {
  const xml = formatJunit(fullReport, context)

  test('keeps failures, errors and what was not evaluated apart, and counts what passed', () => {
    expect(xml).toContain('<testsuite name="hr/product.yaml" tests="6" failures="3" errors="0" skipped="1"')
    expect(xml).toContain('<testsuite name="hr/ü b.yaml" tests="3" failures="1" errors="1" skipped="0"')
    expect(xml).toContain(
      '<testcase name="INT-01: The document conforms to the schema of its own version" classname="hr/product.yaml" file="hr/product.yaml" time="0"/>',
    )
  })

  test('does not fail for a warning, and tells it', () => {
    const warning = xml.slice(
      xml.indexOf('<testcase name="DES-01'),
      xml.indexOf('</testcase>', xml.indexOf('<testcase name="DES-01')),
    )
    expect(warning).toContain('<system-out>')
    expect(warning).not.toContain('<failure')
  })

  test('holds no character that XML forbids', () => {
    expect(xml).not.toMatch(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u)
  })
})

describe('SARIF', () => {
  type Place = {
    readonly artifactLocation: { readonly uri: string; readonly uriBaseId: string }
    readonly region: { readonly startLine: number }
  }
  type Result = {
    readonly ruleId: string
    readonly ruleIndex: number
    readonly locations: readonly { readonly physicalLocation: Place }[]
    readonly partialFingerprints: object
    readonly suppressions?: readonly object[]
  }
  type Run = {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
    readonly results: readonly Result[]
    readonly invocations: readonly object[]
  }
  const run = (JSON.parse(formatSarif(fullReport, context)) as { readonly runs: readonly [Run] }).runs[0]

  test('describes each rule once and points to it', () => {
    const { rules } = run.tool.driver
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length)
    for (const { ruleId, ruleIndex } of run.results) expect(rules[ruleIndex]!.id).toBe(ruleId)
  })

  test('has places from line 1 below the root of the repository', () => {
    for (const { locations } of run.results) {
      const { artifactLocation, region } = locations[0]!.physicalLocation
      expect(artifactLocation.uriBaseId).toBe('%SRCROOT%')
      expect(artifactLocation.uri).not.toMatch(/^\.?\/| /)
      expect(region.startLine).toBeGreaterThanOrEqual(1)
    }
  })

  test('keeps waived findings as suppressed, and fingerprints of all', () => {
    const suppressed = run.results.filter((result) => result.suppressions !== undefined)
    expect(suppressed).toMatchObject([
      {
        ruleId: 'NOTE-1',
        suppressions: [{ kind: 'external', status: 'accepted', justification: expect.stringContaining('HR-12') }],
      },
    ])
    expect(new Set(run.results.map((result) => JSON.stringify(result.partialFingerprints))).size).toBe(
      run.results.length,
    )
  })

  test('says that the run did not succeed where something could not be checked', () => {
    expect(run.invocations[0]).toMatchObject({
      executionSuccessful: false,
      toolExecutionNotifications: [{ level: 'error' }, { level: 'error' }],
    })
  })
})

describe('GitLab code quality', () => {
  test('leaves out what is waived, and gives paths without ./', () => {
    const issues = JSON.parse(formatGitlab(fullReport, context)) as { check_name: string; location: { path: string } }[]
    expect(issues.map(({ check_name }) => check_name)).not.toContain('NOTE-1')
    expect(JSON.parse(formatGitlab(only(finding({ file: './a.yaml' })), context))).toMatchObject([
      { location: { path: 'a.yaml' } },
    ])
  })
})

describe('Markdown', () => {
  test('is tables of which no cell can break out', () => {
    const text = formatMarkdown(fullReport, context)
    const rows = text.split('\n').filter((line) => line.startsWith('|'))
    const cells = (row: string) => row.replaceAll('\\|', '').split('|').length
    const [open, waived] = [rows.filter((row) => cells(row) === 7), rows.filter((row) => cells(row) === 8)]
    expect(open.length).toBe(2 + 5)
    expect(waived.length).toBe(2 + 1)
    expect(open.length + waived.length).toBe(rows.length)
    expect(text).not.toMatch(/<b>|@team/)
  })
})

test('a fingerprint names items of lists by their own name', () => {
  const document = { ports: [{ name: 'a' }, { name: 'b' }] }
  const turned = { ports: [{ name: 'b' }, { name: 'a' }] }
  expect(fingerprintOf('R', 'f', ['ports', 0, 'x'], document)).toBe(fingerprintOf('R', 'f', ['ports', 1, 'x'], turned))
  expect(fingerprintOf('R', 'f', ['ports', 0, 'x'], document)).not.toBe(
    fingerprintOf('R', 'f', ['ports', 0, 'x'], turned),
  )
  const twins = { ports: [{ name: 'a' }, { name: 'a' }] }
  expect(fingerprintOf('R', 'f', ['ports', 0], twins)).not.toBe(fingerprintOf('R', 'f', ['ports', 1], twins))
})
