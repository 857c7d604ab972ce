/** What of the log somebody wants to see. Of one kind any is enough; different kinds must all hold. */
import type { Reason } from '../../domain/decision.ts'

export type Filter = {
  readonly users: readonly string[]
  /** Each covers itself and all below it, by whole segments. */
  readonly resources: readonly string[]
  readonly purposes: readonly string[]
  /** Beginnings of revisions. */
  readonly revisions: readonly string[]
  /** Codes: of errors, or of reasons. */
  readonly reasons: readonly string[]
  /** ISO 8601 in UTC with milliseconds, as in the log: from, and up to but without. */
  readonly since?: string
  readonly until?: string
}

export type Matched = {
  readonly userId?: string | undefined
  readonly purpose?: string | undefined
  readonly revisions: readonly string[]
  readonly code?: string | undefined
  readonly reasons?: readonly Reason[] | undefined
}

/** Everything but resource and time. */
export function matches(filter: Filter, { userId, purpose, revisions, code, reasons = [] }: Matched): boolean {
  const holds = (wanted: readonly string[], value: string | undefined) =>
    wanted.length === 0 || (value !== undefined && wanted.includes(value))
  return (
    holds(filter.users, userId) &&
    holds(filter.purposes, purpose) &&
    (filter.revisions.length === 0 ||
      filter.revisions.some((begin) => revisions.some((revision) => revision.startsWith(begin)))) &&
    (filter.reasons.length === 0 ||
      filter.reasons.some((wanted) => wanted === code || reasons.some((reason) => reason.code === wanted)))
  )
}

export function coversAny(filter: Filter, ...ids: readonly (string | undefined)[]): boolean {
  return (
    filter.resources.length === 0 ||
    ids.some((id) => id !== undefined && filter.resources.some((key) => isBelow(key, id)))
  )
}

/** A folder is meant with its slash and without: an auditor must not see nothing for want of one. */
function isBelow(key: string, id: string): boolean {
  return id === key || id.startsWith(key.endsWith('/') ? key : `${key}/`)
}

export function inPeriod({ since, until }: Filter, time: string | undefined): boolean {
  return time !== undefined && (since === undefined || time >= since) && (until === undefined || time < until)
}

/** Days are compared as text, so all have a year of four digits. */
const lastDay = Date.UTC(9999, 11, 31)
const dayMs = 24 * 3600 * 1000

/** The day, UTC, that lies so many days after that of a time, or the last one there is. */
export function dayOf(time: string, after = 0): string {
  const day = Date.parse(`${time.slice(0, 10)}T00:00:00.000Z`) + after * dayMs
  return new Date(Math.min(day, lastDay)).toISOString().slice(0, 10)
}
