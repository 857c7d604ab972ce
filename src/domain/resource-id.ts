/** Canonical resource ids: accepted as they are or refused, never repaired. One rule set for every scheme; adapters only map roots to places. */
import { PortcullisError } from './errors.ts'
import type { ResourceId } from './ids.ts'

export const resourceIdBytesMax = 2048

const schemes = {
  // one slash, no authority
  file: /^file:\/(?!\/)/u,
  hdfs: /^hdfs:\/(?!\/)/u,
  // bucket, host or topic as authority
  s3: /^s3:\/\/[a-z0-9][a-z0-9.-]*\//u,
  http: /^https?:\/\/[a-z0-9][a-z0-9.-]*(?::[1-9][0-9]{0,4})?\//u,
  kafka: /^kafka:\/\/[A-Za-z0-9][A-Za-z0-9._-]*\//u,
} as const

/** @throws PortcullisError resource.invalid that names the first thing wrong; the id itself is not quoted. */
export function parseResourceId(text: string): ResourceId {
  const wrong = problemOf(text)
  if (wrong !== undefined) throw new PortcullisError('resource.invalid', { message: `resourceId: ${wrong}` })
  return text as ResourceId
}

export function isFolder(id: ResourceId): boolean {
  return id.endsWith('/')
}

/** Matching by segment: a key that ends in `/` covers everything below it and itself, any other key exactly itself. */
export function covers(key: ResourceId, id: ResourceId): boolean {
  return key === id || (key.endsWith('/') && id.startsWith(key))
}

function problemOf(text: string): string | undefined {
  if (text.length === 0) return 'is empty'
  if (!text.isWellFormed()) return 'has a lone surrogate'
  if (Buffer.byteLength(text) > resourceIdBytesMax) return `is longer than ${resourceIdBytesMax} bytes`
  if (/[\u0000-\u001f\u007f]/u.test(text)) return 'has a control character'
  if (/[?#\\]/u.test(text)) return 'has a query, a fragment or a backslash'
  if (text.normalize('NFC') !== text) return 'is not in Unicode form NFC'
  const scheme = Object.values(schemes).find((pattern) => pattern.test(text))
  if (scheme === undefined) return 'does not begin with a known scheme in canonical form, such as file:/data/'
  const path = text.slice(text.match(scheme)![0].length)
  if (/%2f|%5c|%00|%2e/iu.test(path)) return 'has an encoded slash, dot or NUL'
  const segments = path.split('/')
  if (segments.slice(0, -1).some((segment) => segment === '')) return 'has an empty segment (//)'
  if (segments.some((segment) => segment === '.' || segment === '..')) return 'has a . or .. segment'
  return undefined
}
