/** Sends what comes piece by piece, at the client's pace. What breaks is cut off: the client must never take a part for the whole. */
import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FastifyReply } from 'fastify'
import { PortcullisError } from '../domain/errors.ts'
import { linkSignals } from '../domain/linked-signal.ts'
import { limits } from './limits.ts'

/** Fires when the client goes away before the answer is complete. */
export function signalOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  const { raw } = reply
  const gone = () => {
    if (!raw.writableFinished) controller.abort(new PortcullisError('request.aborted'))
  }
  raw.once('close', gone)
  if (raw.closed) gone()
  return controller.signal
}

export type Transfer = {
  readonly mediaType: string
  readonly bytes: AsyncIterable<Uint8Array | string>
  /** Cuts the connection at once, also while the client takes nothing. */
  readonly cut: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
  /** Absent: 200. */
  readonly status?: number
  /** What the bytes go through before they are sent. */
  readonly compressor?: Transform | undefined
  /** For clients that take trailers: sent behind the last byte, with the digest of all that was sent. */
  readonly trailers?: (() => Readonly<Record<string, string>>) | undefined
  /** How long a client may take nothing, in milliseconds. */
  readonly stallMsMax?: number
}

/** Takes the reply over; resolves when all is sent or the connection is cut. Why it was cut is known to who made the bytes. */
export async function transfer(
  reply: FastifyReply,
  { mediaType, bytes, cut, headers, status = 200, compressor, trailers, ...rest }: Transfer,
): Promise<void> {
  reply.hijack()
  const { raw } = reply
  const stalled = new AbortController()
  const ending = linkSignals(cut, stalled.signal)
  try {
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
    raw.writeHead(status, {
      'content-type': mediaType,
      'cache-control': 'no-store',
      ...headers,
    })
    raw.flushHeaders()
    const paced = watchPace(bytes, raw, stalled, rest.stallMsMax ?? limits.stallMsMax)
    const coded = compressor === undefined ? paced : through(paced, compressor)
    const sent = trailers === undefined ? coded : digesting(coded, raw, trailers)
    const reset = resetOf(raw)
    if (ending.signal.aborted) reset?.()
    else if (reset !== undefined) ending.signal.addEventListener('abort', reset, { once: true })
    await pipeline(reset === undefined ? sent : onBreak(sent, reset), raw, { signal: ending.signal })
  } catch {
    raw.destroy()
    raw.socket?.destroy()
  } finally {
    compressor?.destroy()
    ending.release()
  }
}

/** How an answer is cut before HTTP/1.1: with neither a length nor a last chunk, a connection that is just closed looks like a clean end. */
function resetOf({ req, socket }: ServerResponse): (() => void) | undefined {
  return req.httpVersion === '1.0' ? () => socket?.resetAndDestroy() : undefined
}

/** Called before whoever takes the chunks learns that they broke, and closes the connection. */
async function* onBreak<Chunk>(chunks: AsyncIterable<Chunk>, reset: () => void): AsyncGenerator<Chunk> {
  try {
    yield* chunks
  } catch (thrown) {
    reset()
    throw thrown
  }
}

/** What breaks on either side breaks the other. */
function through(chunks: AsyncIterable<Uint8Array | string>, compressor: Transform): Transform {
  pipeline(chunks, compressor).catch(() => undefined)
  return compressor
}

/** Passes what is sent, and adds the trailers when all of it has come to its clean end. */
async function* digesting(
  chunks: AsyncIterable<Uint8Array | string>,
  raw: ServerResponse,
  trailers: NonNullable<Transfer['trailers']>,
): AsyncGenerator<Uint8Array | string> {
  const hash = createHash('sha256')
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
  raw.addTrailers({ 'repr-digest': `sha-256=:${hash.digest('base64')}:`, ...trailers() })
}

/** A source may be silent as long as it likes, such as while policy drops all it reads; a client that takes nothing may not. */
async function* watchPace<Chunk>(
  chunks: AsyncIterable<Chunk>,
  raw: ServerResponse,
  stalled: AbortController,
  stallMsMax: number,
): AsyncGenerator<Chunk> {
  raw.socket?.setTimeout(0)
  for await (const chunk of chunks) {
    const timer = setTimeout(() => stalled.abort(), stallMsMax)
    try {
      yield chunk
    } finally {
      clearTimeout(timer)
    }
  }
  // what is still buffered has the connection's own time
  raw.socket?.setTimeout(limits.connectionTimeoutMs)
}
