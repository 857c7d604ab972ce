/** What a check of data products says of one place in one file. */
import { createHash } from 'node:crypto'
import type { Json } from '../domain/json.ts'
import type { Path, Range } from './document.ts'
import { namedPath } from './named-path.ts'

/** From the gravest to the mildest. */
export const severities = ['critical', 'error', 'warning', 'info'] as const
export type Severity = (typeof severities)[number]

/** Lines and columns are 1-based, columns UTF-16 units, the end exclusive. */
export type RelatedPlace = Range & { readonly file: string; readonly message: string }

export type FindingWaiver = {
  readonly reason: string
  readonly owner: string
  readonly ticket?: string
  /** The last day on which it holds, as YYYY-MM-DD. */
  readonly expires: string
  /** Where the waiver stands. */
  readonly file: string
  readonly line: number
}

export type Finding = Range & {
  readonly rule: string
  readonly severity: Severity
  readonly message: string
  readonly path: Path
  readonly file: string
  readonly remedy: string
  readonly regulation: readonly string[]
  /** Of rule, file and path, where items of lists are named by their id or name: stable when lines move. */
  readonly fingerprint: string
  readonly related?: readonly RelatedPlace[]
  readonly waiver?: FindingWaiver
}

export function isSeverity(value: unknown): value is Severity {
  return (severities as readonly unknown[]).includes(value)
}

/** Negative: `left` is the graver one. */
export function bySeverity(left: Severity, right: Severity): number {
  return severities.indexOf(left) - severities.indexOf(right)
}

export function byPlace(left: Finding, right: Finding): number {
  return (
    compare(left.file, right.file) ||
    left.line - right.line ||
    left.column - right.column ||
    bySeverity(left.severity, right.severity) ||
    compare(left.rule, right.rule) ||
    compare(left.message, right.message)
  )
}

export function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** 32 hexadecimal digits. With the document's value, items of lists in `path` count by their id or name instead of their place. */
export function fingerprintOf(rule: string, file: string, path: Path, document?: Json): string {
  return createHash('sha256')
    .update(JSON.stringify([rule, file, namedPath(path, document)]))
    .digest('hex')
    .slice(0, 32)
}

/** Findings alike in rule, file and path are told apart by their rank in the order of their messages. */
export function distinctFingerprints(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map<string, number>()
  return findings.map((finding) => {
    const rank = seen.get(finding.fingerprint) ?? 0
    seen.set(finding.fingerprint, rank + 1)
    if (rank === 0) return finding
    const fingerprint = createHash('sha256').update(`${finding.fingerprint} ${rank}`).digest('hex').slice(0, 32)
    return { ...finding, fingerprint }
  })
}
