/** A report with everything a format has to cope with: each severity, a waiver, related places, problems, and texts that are markup or commands elsewhere. */
import { type Finding, fingerprintOf } from '../../../src/dataproduct/finding.ts'
import type { Report } from '../../../src/dataproduct/report.ts'
import type { FormatContext } from '../../../src/dataproduct/reports/report-format.ts'
import { readRules } from '../../../src/dataproduct/rule-info.ts'

export const rules = readRules({
  rules: Object.fromEntries(
    (
      [
        ['ACC-01', 'error', 'document'],
        ['DES-01', 'warning', 'document'],
        ['NOTE-1', 'info', 'document'],
        ['REF-01', 'error', 'tree'],
        ['STO-03', 'critical', 'document'],
      ] as const
    ).map(([id, severity, scope]) => [
      id,
      {
        title: `Title of ${id}`,
        description: `What ${id} asks for.`,
        severity,
        scope,
        regulation: ['GDPR 5(2)'],
        remedy: `Mend ${id}.`,
      },
    ]),
  ),
})

export const nasty = 'a <b> & "c" | `d` %0A::error::x\n##[error]no @team \u001b[31m\u0007 \ud800 ü'

export function finding(changes: Partial<Finding>): Finding {
  const made = {
    rule: 'ACC-01',
    severity: 'error' as const,
    message: 'The port has no access policy.',
    path: ['outputPorts', 0],
    file: 'hr/product.yaml',
    line: 4,
    column: 5,
    endLine: 4,
    endColumn: 9,
    remedy: 'Name one.',
    regulation: ['GDPR 25(2)', 'ISO 27001 A.5.15'],
    ...changes,
  }
  return { fingerprint: fingerprintOf(made.rule, made.file, [...made.path, made.message]), ...made }
}

const waiver = {
  reason: 'Being written.',
  owner: 'alice@example.com',
  ticket: 'HR-12',
  expires: '2026-12-31',
  file: 'waivers.yaml',
  line: 3,
}

export const fullReport: Report = {
  evaluatedAt: '2026-11-25T12:00:00.000Z',
  policy: { revision: 'f'.repeat(64), rules },
  base: 'a'.repeat(40),
  states: {
    'ACC-01': 'failed',
    'DES-01': 'failed',
    'INT-01': 'passed',
    'NOTE-1': 'failed',
    'REF-01': 'failed',
    'STO-03': 'failed',
    'WVR-01': 'passed',
  },
  treeStates: { 'REF-01': 'failed', 'WVR-01': 'passed' },
  files: [
    {
      file: 'hr/product.yaml',
      kinds: ['odps'],
      status: 'checked',
      rules: { 'ACC-01': 'failed', 'DES-01': 'failed', 'INT-01': 'passed', 'STO-03': 'failed' },
    },
    {
      file: 'hr/ü b.yaml',
      kinds: ['odcs'],
      status: 'notChecked',
      rules: { 'ACC-01': 'notEvaluated', 'INT-01': 'passed' },
    },
  ],
  passedOver: 2,
  unreadable: ['chart.yaml'],
  findings: [
    finding({ path: [], line: 1, column: 1, endLine: 1, endColumn: 1, rule: 'STO-03', severity: 'critical' }),
    finding({}),
    finding({ rule: 'DES-01', severity: 'warning', message: nasty, endLine: 6, endColumn: 2 }),
    finding({ rule: 'NOTE-1', severity: 'info', waiver, message: 'A waived note.' }),
    finding({
      rule: 'REF-01',
      related: [{ file: 'hr/ü b.yaml', line: 2, column: 1, endLine: 2, endColumn: 3, message: 'defined here' }],
    }),
    finding({ file: 'hr/ü b.yaml', message: 'Another file.' }),
  ],
  problems: [{ file: 'hr/ü b.yaml', message: 'It could not be checked.' }, { message: nasty }],
}

export const emptyReport: Report = {
  ...fullReport,
  states: { 'ACC-01': 'passed', 'REF-01': 'notEvaluated' },
  treeStates: { 'REF-01': 'notEvaluated' },
  files: [{ file: 'hr/product.yaml', kinds: ['odps'], status: 'checked', rules: { 'ACC-01': 'passed' } }],
  findings: [],
  problems: [],
  passedOver: 0,
  unreadable: [],
}

export const context: FormatContext = {
  failOn: 'error',
  sourceLine: (_, line) => (line === 4 ? '  - name: payroll' : undefined),
  color: false,
  width: 80,
  version: '0.1.0',
}
