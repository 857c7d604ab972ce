/** Headers that bind an answer to what the client has: entity tags, and the range it lacks (RFC 9110, 13 and 14). */
import type { IncomingHttpHeaders } from 'node:http'
import type { ByteRange, EntityTags, ReadInput } from '../../services/api.ts'
import type { Coding } from './negotiation.ts'

/** A coded answer is another representation, and so its tag is another one. */
export function quotedTag(etag: string, coding: Coding): string {
  return coding === 'identity' ? `"${etag}"` : `"${etag}-${coding}"`
}

export function conditionsOf(
  headers: IncomingHttpHeaders,
): Pick<ReadInput, 'ifMatch' | 'ifNoneMatch' | 'range' | 'ifRange'> {
  const ifRange = headers['if-range']?.toString()
  return {
    // whatever the coding was: what is decoded is the same
    ifMatch: tagsOf(headers['if-match'], /^"([\w-]+?)(?:-gzip|-br)?"$/u),
    // proxies mark tags as weak
    ifNoneMatch: tagsOf(headers['if-none-match'], /^(?:W\/)?"([\w-]+?)(?:-gzip|-br)?"$/u),
    range: rangeOf(headers.range),
    // a date, or a tag of other bytes, names no version of these
    ifRange: ifRange === undefined ? undefined : (/^"([\w-]+)"$/u.exec(ifRange)?.[1] ?? ''),
  }
}

function tagsOf(header: string | undefined, form: RegExp): EntityTags | undefined {
  if (header === undefined) return undefined
  if (header.trim() === '*') return '*'
  return header.split(',').flatMap((tag) => form.exec(tag.trim())?.[1] ?? [])
}

/** One range of bytes; anything else is as if it was not there. */
function rangeOf(header: string | undefined): ByteRange | undefined {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/u.exec(header?.trim() ?? '')
  if (found === null) return undefined
  const [, first = '', last = ''] = found
  if (first === '') return last === '' ? undefined : { suffix: Number(last) }
  if (last !== '' && Number(last) < Number(first)) return undefined
  return { first: Number(first), last: last === '' ? undefined : Number(last) }
}
