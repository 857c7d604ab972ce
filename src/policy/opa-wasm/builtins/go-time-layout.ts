/** Go's time layouts: a text split into the fields it shows ("2006", "Jan", "-07:00") and what stands between them. */

export type TimeField =
  | 'year'
  | 'long-year'
  | 'month'
  | 'long-month'
  | 'number-month'
  | 'zero-month'
  | 'weekday'
  | 'long-weekday'
  | 'day'
  | 'under-day'
  | 'zero-day'
  | 'under-year-day'
  | 'zero-year-day'
  | 'hour'
  | 'hour-12'
  | 'zero-hour-12'
  | 'minute'
  | 'zero-minute'
  | 'second'
  | 'zero-second'
  | 'PM'
  | 'pm'
  | 'zone-name'
  | 'zone'
  | 'fraction'

export type LayoutPart =
  | { readonly field: 'text'; readonly text: string }
  | { readonly field: 'zone'; readonly iso: boolean; readonly colons: boolean; readonly parts: 1 | 2 | 3 }
  /** `nines`: trailing zeros are left out. */
  | { readonly field: 'fraction'; readonly separator: string; readonly digits: number; readonly nines: boolean }
  | { readonly field: Exclude<TimeField, 'zone' | 'fraction'> }

export const namedLayouts: Readonly<Record<string, string>> = {
  ANSIC: 'Mon Jan _2 15:04:05 2006',
  UnixDate: 'Mon Jan _2 15:04:05 MST 2006',
  RubyDate: 'Mon Jan 02 15:04:05 -0700 2006',
  RFC822: '02 Jan 06 15:04 MST',
  RFC822Z: '02 Jan 06 15:04 -0700',
  RFC850: 'Monday, 02-Jan-06 15:04:05 MST',
  RFC1123: 'Mon, 02 Jan 2006 15:04:05 MST',
  RFC1123Z: 'Mon, 02 Jan 2006 15:04:05 -0700',
  RFC3339: '2006-01-02T15:04:05Z07:00',
  RFC3339Nano: '2006-01-02T15:04:05.999999999Z07:00',
}

export const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
export const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** Longest first where one begins with another. */
const fields: readonly (readonly [text: string, field: Exclude<TimeField, 'zone' | 'fraction'>])[] = [
  ['January', 'long-month'],
  ['Monday', 'long-weekday'],
  ['MST', 'zone-name'],
  ['002', 'zero-year-day'],
  ['01', 'zero-month'],
  ['02', 'zero-day'],
  ['03', 'zero-hour-12'],
  ['04', 'zero-minute'],
  ['05', 'zero-second'],
  ['06', 'year'],
  ['15', 'hour'],
  ['1', 'number-month'],
  ['2006', 'long-year'],
  ['2', 'day'],
  ['__2', 'under-year-day'],
  ['3', 'hour-12'],
  ['4', 'minute'],
  ['5', 'second'],
  ['PM', 'PM'],
  ['pm', 'pm'],
]

const zones = [
  ['070000', false, 3],
  ['07:00:00', true, 3],
  ['0700', false, 2],
  ['07:00', true, 2],
  ['07', false, 1],
] as const

export function parseLayout(layout: string): readonly LayoutPart[] {
  const parts: LayoutPart[] = []
  let text = ''
  for (let at = 0; at < layout.length; ) {
    const found = partAt(layout, at)
    if (found === undefined) text += layout[at++]
    else {
      if (text !== '') parts.push({ field: 'text', text })
      text = ''
      parts.push(found.part)
      at += found.length
    }
  }
  if (text !== '') parts.push({ field: 'text', text })
  return parts
}

function partAt(layout: string, at: number): { readonly part: LayoutPart; readonly length: number } | undefined {
  // A name that goes on in lower case is a word, not a field: "Janitor", "Monk".
  if (/^(?:Jan(?!uary)|Mon(?!day))(?![a-z])/.test(layout.slice(at, at + 7))) {
    return { part: { field: layout[at] === 'J' ? 'month' : 'weekday' }, length: 3 }
  }
  // "_2006" is an underscore and a year.
  if (layout.startsWith('_2', at) && !layout.startsWith('_2006', at)) return { part: { field: 'under-day' }, length: 2 }
  for (const [text, field] of fields) {
    if (layout.startsWith(text, at)) return { part: { field }, length: text.length }
  }
  return zoneAt(layout, at) ?? fractionAt(layout, at)
}

function zoneAt(layout: string, at: number): { readonly part: LayoutPart; readonly length: number } | undefined {
  const iso = layout[at] === 'Z'
  if (!iso && layout[at] !== '-') return undefined
  for (const [text, colons, parts] of zones) {
    if (layout.startsWith(text, at + 1)) return { part: { field: 'zone', iso, colons, parts }, length: text.length + 1 }
  }
  return undefined
}

function fractionAt(layout: string, at: number): { readonly part: LayoutPart; readonly length: number } | undefined {
  const found = /^[.,](0+|9+)(?![0-9])/.exec(layout.slice(at))
  if (found === null) return undefined
  const part = {
    field: 'fraction' as const,
    separator: layout[at]!,
    digits: found[1]!.length,
    nines: found[1]!.startsWith('9'),
  }
  return { part, length: found[0].length }
}
