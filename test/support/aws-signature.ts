/** Verifies AWS Signature Version 4 of a request as it came over the wire; written from the specification, knows nothing of the code under test. */
import { createHash, createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export type SignedRequest = {
  readonly method: string
  /** Path and query as sent. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
}

/** The signature that the request should carry, and the one it carries; undefined: it is not signed this way. */
export function signatures(
  { method, target, headers }: SignedRequest,
  secretOf: (accessKeyId: string) => string | undefined,
): { readonly expected: string; readonly found: string } | undefined {
  const [, accessKeyId, scope, signedHeaders, found] =
    headers.authorization?.match(
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/u,
    ) ?? []
  const secret = secretOf(accessKeyId ?? '')
  if (secret === undefined || scope === undefined || signedHeaders === undefined || found === undefined)
    return undefined
  const [path = '', query = ''] = target.split('?')
  const canonical = [
    method,
    path.split('/').map(recoded).join('/'),
    query
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => pair.split('='))
      .map(([name = '', value = '']) => `${recoded(name)}=${recoded(value)}`)
      .sort()
      .join('&'),
    ...signedHeaders.split(';').map((name) => `${name}:${String(headers[name]).trim().replaceAll(/ +/gu, ' ')}`),
    '',
    signedHeaders,
    headers['x-amz-content-sha256'],
  ].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n')
  const key = scope.split('/').reduce<string | Buffer>((derived, part) => hmac(derived, part), `AWS4${secret}`)
  return { expected: hmac(key, toSign).toString('hex'), found }
}

/** Encoded once, whatever was encoded before. */
function recoded(text: string): string {
  return encodeURIComponent(decodeURIComponent(text)).replaceAll(
    /[!'()*]/gu,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
