/** A date or time in ISO 8601 goes back to the first moment of its year or month, in the shape it had; anything else becomes null. */
import type { MaskAction } from './mask-action.ts'

const isoDate = /^([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$/
const isoTime = /^(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?$/

export const dateAction: MaskAction<'date'> = {
  action: 'date',
  parameters: ['to'],
  parse: (path, { to }) => (to === 'year' || to === 'month' ? { path, action: 'date', to } : undefined),
  apply: ({ to }, value) => (typeof value === 'string' ? (firstOf(value, to) ?? null) : null),
}

function firstOf(text: string, to: 'year' | 'month'): string | undefined {
  const [, year, month, day] = isoDate.exec(text.slice(0, 10)) ?? []
  if (year === undefined || Number(day) > daysIn(Number(year), Number(month))) return undefined
  const first = to === 'year' ? `${year}-01-01` : `${year}-${month}-01`
  if (text.length === 10) return first
  const time = text[10] === 'T' ? isoTime.exec(text.slice(11)) : null
  if (time === null) return undefined
  // the offset goes, too: it can tell the season
  return `${first}T00:00:00${time[1] === undefined ? '' : 'Z'}`
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}
