/** One HTTP request at a time limit, its body as it comes: no redirect is followed, nothing is decoded, nothing is kept. */
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { PortcullisError } from '../domain/errors.ts'
import { brokenAnswer, passingFault } from './remote-fault.ts'

export type RemoteRequest = {
  /** Encoded as it is to be sent. */
  readonly url: string
  readonly method?: 'GET' | 'HEAD'
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

export type RemoteResponse = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** To be iterated or closed. @throws source.unavailable when it stalls or breaks */
  readonly body: AsyncIterable<Uint8Array>
  close(): void
}

export type HttpClient = Disposable & {
  /** Any status is an answer. @throws source.unavailable (may be asked again) when none comes */
  send(request: RemoteRequest): Promise<RemoteResponse>
}

export type HttpClientOptions = {
  /** The longest wait for an answer to begin, and then for each next piece of it, in milliseconds. A slow consumer does not count. */
  readonly timeoutMs: number
}

export const timeoutMsDefault = 15_000
/** An answer that nobody begins to read is closed after so many milliseconds. */
export const unreadMsMax = 60_000

export function createHttpClient({ timeoutMs }: HttpClientOptions): HttpClient {
  const plain = new HttpAgent({ keepAlive: true })
  const secure = new HttpsAgent({ keepAlive: true })
  return {
    async send({ url, method = 'GET', headers = {}, signal }) {
      signal.throwIfAborted()
      const isSecure = url.startsWith('https:')
      const options = {
        method,
        headers: { 'accept-encoding': 'identity', ...headers },
        agent: isSecure ? secure : plain,
        signal,
      }
      const message = await answer(isSecure ? httpsRequest(url, options) : httpRequest(url, options), timeoutMs).catch(
        (thrown: unknown) => {
          signal.throwIfAborted()
          throw passingFault(thrown)
        },
      )
      return {
        status: message.statusCode!,
        headers: message.headers,
        body: pieces(message, timeoutMs, signal),
        // an answer to HEAD has ended already, and its connection serves again
        close: () => void (method === 'HEAD' ? message.resume() : message.destroy()),
      }
    },
    [Symbol.dispose]() {
      plain.destroy()
      secure.destroy()
    },
  }
}

function answer(request: ReturnType<typeof httpRequest>, timeoutMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => request.destroy(new Error('no answer in time')), timeoutMs)
    request.once('response', (message) => {
      clearTimeout(timer)
      // what goes wrong while nobody reads is seen by whoever reads next
      message.on('error', () => undefined)
      resolve(message)
    })
    request.on('error', (thrown) => {
      clearTimeout(timer)
      reject(thrown)
    })
    request.end()
  })
}

function pieces(message: IncomingMessage, timeoutMs: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const unread = setTimeout(() => message.destroy(new Error('nobody read it')), unreadMsMax)
  unread.unref()
  message.once('close', () => clearTimeout(unread))
  return {
    [Symbol.asyncIterator]() {
      clearTimeout(unread)
      return timed(message, timeoutMs, signal)
    },
  }
}

async function* timed(message: IncomingMessage, timeoutMs: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const iterator = message[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  try {
    for (;;) {
      const timer = setTimeout(() => message.destroy(new Error('stalled')), timeoutMs)
      const next = await iterator.next().finally(() => clearTimeout(timer))
      if (next.done === true) return
      yield next.value
    }
  } catch (thrown) {
    signal.throwIfAborted()
    throw thrown instanceof PortcullisError ? thrown : passingFault(thrown)
  } finally {
    message.destroy()
  }
}

/** The whole body, which is closed when it is longer than it may be. @throws source.unavailable */
export async function bodyText(response: RemoteResponse, bytesMax: number): Promise<string> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body) {
    length += part.length
    if (length > bytesMax) throw brokenAnswer('an answer is longer than it may be')
    parts.push(part)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts))
  } catch {
    throw brokenAnswer('an answer is not UTF-8')
  }
}

/** The first bytes of the body, at most so many; the rest is closed. */
export async function bodyStart(response: RemoteResponse, bytesMax: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body) {
    parts.push(part)
    length += part.length
    if (length >= bytesMax) break
  }
  return Buffer.concat(parts).subarray(0, bytesMax)
}
