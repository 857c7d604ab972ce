/** The forms in which a report can be written; each is loaded when it is asked for. */
import type { FailOn, Report } from '../report.ts'

export type FormatContext = {
  readonly failOn: FailOn
  /** One line of a file by its number from 1, without its end; undefined where there is none. */
  readonly sourceLine: (file: string, line: number) => string | undefined
  readonly color: boolean
  /** Columns of the terminal. */
  readonly width: number
  readonly version: string
}

/** Ends with a line break, or is empty. */
export type FormatReport = (report: Report, context: FormatContext) => string

export const reportFormats = {
  text: async () => (await import('./text.ts')).formatText,
  json: async () => (await import('./json.ts')).formatJson,
  junit: async () => (await import('./junit.ts')).formatJunit,
  sarif: async () => (await import('./sarif.ts')).formatSarif,
  github: async () => (await import('./github.ts')).formatGithub,
  gitlab: async () => (await import('./gitlab.ts')).formatGitlab,
  markdown: async () => (await import('./markdown.ts')).formatMarkdown,
} as const satisfies Readonly<Record<string, () => Promise<FormatReport>>>

export type ReportFormat = keyof typeof reportFormats

export function isReportFormat(name: string): name is ReportFormat {
  return Object.hasOwn(reportFormats, name)
}
