/** A file of a store that speaks HTTP with ranges and entity tags, opened as one content from its first byte to its last. */
import type { IncomingHttpHeaders } from 'node:http'
import { PortcullisError } from '../domain/errors.ts'
import { withRetries } from './bounded-retries.ts'
import { type ByteRange, type RangedAnswer, rangedAnswer } from './byte-range.ts'
import type { RemoteResponse } from './http-client.ts'
import { brokenAnswer } from './remote-fault.ts'
import { type OpenedBytes, wholeBytes } from './whole-bytes.ts'

export type RemoteFile = {
  /** Asks for a part, of that version where one is given; any status is an answer. */
  get(range: ByteRange, version: string | undefined, signal: AbortSignal): Promise<RemoteResponse>
  versionOf(headers: IncomingHttpHeaders, size: number | undefined): string | undefined
  /** Two answers of this version have the same bytes. */
  isExact(version: string): boolean
}

export type OpenFileOptions = {
  readonly start?: number
  readonly end?: number
  readonly version?: string | undefined
  readonly size?: number | undefined
  readonly signal: AbortSignal
  readonly bytesMax?: number | undefined
}

export type OpenFile = { readonly bytes: AsyncIterable<Uint8Array>; readonly size?: number; readonly version?: string }

/** `aws-chunked` is how an object came to its store, and stays with it as a name only. */
const plainEncodings: readonly string[] = ['', 'identity', 'aws-chunked']

/** @throws source.not_found, source.forbidden, source.unavailable, source.changed */
export async function openFile(file: RemoteFile, options: OpenFileOptions): Promise<OpenFile> {
  const { start = 0, end, signal, bytesMax } = options
  const isEmpty = end !== undefined && end <= start
  const { response, answer } = await ask(file, { start, end: isEmpty ? start + 1 : end }, options.version, signal)
  try {
    const size = answer.size ?? (response.status === 416 ? undefined : options.size)
    const version = file.versionOf(response.headers, size)
    // what the catalogue saw, and decided on, is what is read
    if (options.size !== undefined && size !== options.size) throw new PortcullisError('source.changed')
    if (response.status !== 416 && options.version !== undefined && version !== options.version)
      throw new PortcullisError('source.changed')
    const known = { ...(size === undefined ? {} : { size }), ...(version === undefined ? {} : { version }) }
    if (isEmpty || response.status === 416 || (size !== undefined && start >= size)) {
      response.close()
      return { ...known, bytes: none() }
    }
    if (!plainEncodings.includes(response.headers['content-encoding'] ?? ''))
      throw brokenAnswer('a body is encoded, though that was not accepted')
    if (response.headers['content-length'] === undefined && response.headers['transfer-encoding'] === undefined)
      throw brokenAnswer('the end of a body could not be told from a break')
    const bytes = wholeBytes({
      first: { offset: answer.offset, bytes: response.body },
      start,
      end: size === undefined ? end : Math.min(end ?? size, size),
      mayBeShorter: size === undefined,
      reopen:
        version !== undefined && size !== undefined && file.isExact(version)
          ? (position) => reopen(file, { start: position, end }, version, signal)
          : undefined,
      signal,
      bytesMax,
    })
    return { ...known, bytes }
  } catch (thrown) {
    response.close()
    throw thrown
  }
}

async function reopen(file: RemoteFile, range: ByteRange, version: string, signal: AbortSignal): Promise<OpenedBytes> {
  const { response, answer } = await ask(file, range, version, signal)
  if (response.status !== 416 && file.versionOf(response.headers, answer.size) === version)
    return { offset: answer.offset, bytes: response.body }
  response.close()
  throw new PortcullisError('source.changed')
}

type Asked = { readonly response: RemoteResponse; readonly answer: RangedAnswer }

function ask(file: RemoteFile, range: ByteRange, version: string | undefined, signal: AbortSignal): Promise<Asked> {
  return withRetries(async () => {
    const response = await file.get(range, version, signal)
    try {
      return { response, answer: rangedAnswer(response, range) }
    } catch (thrown) {
      response.close()
      throw thrown
    }
  }, signal)
}

async function* none(): AsyncGenerator<Uint8Array> {}
