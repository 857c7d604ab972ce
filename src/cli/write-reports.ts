/** A report in each form that was asked for, to where it was asked for. */
import { appendFile, writeFile } from 'node:fs/promises'
import { version } from '../app/version.ts'
import type { FailOn, Report } from '../dataproduct/report.ts'
import { type ReportFormat, reportFormats } from '../dataproduct/reports/report-format.ts'
import { createSourceLines } from '../dataproduct/source-lines.ts'

export type ReportOutput = { readonly format: ReportFormat; readonly file?: string }
export type OutputOptions = {
  /** What the names of files start from. */
  readonly root: string
  readonly failOn: FailOn
  /** False: never. */
  readonly color: boolean
  readonly width: number
  /** A file for the outputs without one of their own. */
  readonly output?: string
}

/** A report that can't be written is a fault: what was found would be lost. */
export async function writeReports(
  report: Report,
  outputs: readonly ReportOutput[],
  options: OutputOptions,
): Promise<void> {
  const sourceLine = createSourceLines(options.root)
  let printed = ''
  for (const { format, file = options.output } of outputs) {
    const formatReport = await reportFormats[format]()
    const color = options.color && file === undefined && wantsColor()
    const text = formatReport(report, { failOn: options.failOn, sourceLine, color, width: options.width, version })
    if (file === undefined) printed += text
    else await writeFile(file, text)
    if (format === 'github') await writeSummary(report, options, sourceLine)
  }
  // last: the process ends where its reader has gone
  if (printed !== '') process.stdout.write(printed)
}

/** NO_COLOR and FORCE_COLOR as everywhere; otherwise on terminals only. */
function wantsColor(): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0') return true
  return process.stdout.isTTY === true && TERM !== 'dumb'
}

/** GitHub gives each step a file whose Markdown the job's page shows. */
async function writeSummary(
  report: Report,
  { failOn, width }: OutputOptions,
  sourceLine: ReturnType<typeof createSourceLines>,
): Promise<void> {
  const file = process.env['GITHUB_STEP_SUMMARY']
  if (file === undefined || file === '') return
  const formatMarkdown = await reportFormats.markdown()
  await appendFile(file, formatMarkdown(report, { failOn, sourceLine, color: false, width, version }))
}
