/** The three questions we ask of S3 and of what speaks like it, signed with AWS Signature Version 4. Credentials stay inside. */

import type { IncomingHttpHeaders } from 'node:http'
import { AwsV4Signer } from 'aws4fetch'
import { withRetries } from './bounded-retries.ts'
import { type ByteRange, rangeHeaders } from './byte-range.ts'
import { bodyText, type HttpClient, type RemoteResponse } from './http-client.ts'
import { brokenAnswer, statusFault } from './remote-fault.ts'
import { parseListing, type S3Page } from './s3-listing.ts'

export type S3Credentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export type S3ClientOptions = {
  readonly bucket: string
  readonly region: string
  /** `https://host[:port]`; absent: Amazon's own of the region. */
  readonly endpoint?: string
  /** `endpoint/bucket/key`, as MinIO wants it, instead of `bucket.endpoint/key`. */
  readonly pathStyle: boolean
  readonly credentials: S3Credentials
  readonly http: HttpClient
  readonly now: () => number
}

export type S3Client = {
  /** Any status is an answer. */
  get(key: string, range: ByteRange, version: string | undefined, signal: AbortSignal): Promise<RemoteResponse>
  /** @throws source.not_found, source.forbidden, source.unavailable */
  head(key: string, signal: AbortSignal): Promise<IncomingHttpHeaders>
  /** Keys in the order of their UTF-8 bytes. @throws source.forbidden, source.unavailable */
  list(
    asked: { readonly prefix: string; readonly page?: string | undefined; readonly keysMax?: number },
    signal: AbortSignal,
  ): Promise<S3Page>
}

/** A page has at most 1,000 keys of 1,024 bytes, each of which XML and URL encoding may make nine times as long. */
const pageBytesMax = 32 * 1024 * 1024
const emptyBodySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

export function createS3Client(options: S3ClientOptions): S3Client {
  const { bucket, region, endpoint = `https://s3.${region}.amazonaws.com`, pathStyle, credentials, http } = options
  const base = pathStyle ? `${endpoint}/${bucket}` : endpoint.replace('://', `://${bucket}.`)
  /** Derived keys of a day, which signing every request anew would compute again. */
  const cache = new Map<string, ArrayBuffer>()

  async function send(
    method: 'GET' | 'HEAD',
    pathAndQuery: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<RemoteResponse> {
    const url = `${base}/${pathAndQuery}`
    const signer = new AwsV4Signer({
      ...credentials,
      url,
      method,
      headers: { ...headers, 'x-amz-content-sha256': emptyBodySha256 },
      service: 's3',
      region,
      cache,
      datetime: new Date(options.now()).toISOString().replaceAll(/[:-]|\.[0-9]{3}/gu, ''),
    })
    const signed = await signer.sign()
    return http.send({ url, method, headers: Object.fromEntries(signed.headers), signal })
  }

  return {
    get: (key, range, version, signal) =>
      send(
        'GET',
        encodedPath(key),
        { ...rangeHeaders(range), ...(version === undefined ? {} : { 'if-match': version.split(' ')[0]! }) },
        signal,
      ),
    head: (key, signal) =>
      withRetries(async () => {
        const response = await send('HEAD', encodedPath(key), {}, signal)
        response.close()
        if (response.status !== 200) throw statusFault(response.status)
        return response.headers
      }, signal),
    list: ({ prefix, page, keysMax = 1000 }, signal) =>
      withRetries(async () => {
        const query = [
          ...(page === undefined ? [] : [`continuation-token=${encoded(page)}`]),
          'encoding-type=url',
          'list-type=2',
          `max-keys=${keysMax}`,
          `prefix=${encoded(prefix)}`,
        ].join('&')
        const response = await send('GET', `?${query}`, {}, signal)
        if (response.status === 200) return parseListing(await bodyText(response, pageBytesMax))
        response.close()
        // a bucket that is not there is a fault of the configuration, not an empty folder
        throw response.status === 404 ? brokenAnswer('there is no such bucket') : statusFault(response.status)
      }, signal),
  }
}

/** The tag, and the version where the bucket keeps versions. */
export function s3Version(headers: IncomingHttpHeaders): string | undefined {
  const { etag } = headers
  const id = headers['x-amz-version-id']
  return etag === undefined ? undefined : typeof id === 'string' && id !== 'null' ? `${etag} ${id}` : etag
}

function encodedPath(key: string): string {
  return key.split('/').map(encoded).join('/')
}

/** All but unreserved characters, as the signature wants it. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/gu,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
