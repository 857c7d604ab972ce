/** Files below a base address of an ordinary web server. */
import type { IncomingHttpHeaders } from 'node:http'
import { PortcullisError } from '../domain/errors.ts'
import { withRetries } from './bounded-retries.ts'
import { type ByteRange, rangeHeaders } from './byte-range.ts'
import type { HttpClient, RemoteResponse } from './http-client.ts'
import { statusFault } from './remote-fault.ts'

export type HttpSourceOptions = {
  /** `https://host[:port]/…/`: ends in `/`. */
  readonly base: string
  /** Sent with every request, lower-case names: credentials among them. */
  readonly headers: Readonly<Record<string, string>>
  readonly http: HttpClient
}

export type HttpSource = {
  /** Any status is an answer. */
  get(path: string, range: ByteRange, version: string | undefined, signal: AbortSignal): Promise<RemoteResponse>
  /** @throws source.not_found, source.forbidden, source.unavailable */
  head(path: string, signal: AbortSignal): Promise<IncomingHttpHeaders>
  /** A page of a listing, by its address. @throws source.forbidden, source.unavailable */
  page(url: string, signal: AbortSignal): Promise<RemoteResponse>
}

export function createHttpSource({ base, headers, http }: HttpSourceOptions): HttpSource {
  const urlOf = (path: string) => base + path.split('/').map(encodeURIComponent).join('/')
  const asked = (url: string, method: 'GET' | 'HEAD', signal: AbortSignal) =>
    withRetries(async () => {
      const response = await http.send({ url, method, headers, signal })
      if (response.status === 200) return response
      response.close()
      throw statusFault(response.status)
    }, signal)
  return {
    get: (path, range, version, signal) =>
      http.send({
        url: urlOf(path),
        headers: { ...headers, ...rangeHeaders(range), ...conditionOf(version) },
        signal,
      }),
    async head(path, signal) {
      const response = await asked(urlOf(path), 'HEAD', signal)
      response.close()
      return response.headers
    },
    page: (url, signal) =>
      asked(url, 'GET', signal).catch((thrown: unknown) => {
        // the listing is the configuration's, not a leaf's
        throw thrown instanceof PortcullisError && thrown.code === 'source.not_found'
          ? new PortcullisError('source.unavailable', { cause: thrown })
          : thrown
      }),
  }
}

/** The tag; else when it was changed last, and how long it is. */
export function httpVersion(headers: IncomingHttpHeaders, size: number | undefined): string | undefined {
  const { etag, 'last-modified': changed } = headers
  if (etag !== undefined) return etag
  return changed === undefined || size === undefined ? undefined : `${changed};${size}`
}

/** A strong tag: the same bytes. A weak one, or a time in seconds, only says that they mean the same. */
export function isExactVersion(version: string): boolean {
  return version.startsWith('"')
}

function conditionOf(version: string | undefined): Readonly<Record<string, string>> {
  return version !== undefined && isExactVersion(version) ? { 'if-match': version } : {}
}
