/** A bundle service as OPA speaks with it: GET with ETag, long polling where the service offers it, a bearer token. */
import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { PortcullisError, toPortcullisError } from '../../domain/errors.ts'
import { linkSignals } from '../../domain/linked-signal.ts'
import type { BundleSource, FetchedBundle } from './bundle-source.ts'
import { bundleFileBytesMax, tooLarge } from './limits.ts'

/** What a service answers with that holds a request until there is something new. */
export const bundleMediaType = 'application/vnd.openpolicyagent.bundles'
/** What no bundle service takes longer for than it was asked to wait, in milliseconds. */
const graceMs = 30_000
/** Between two requests to a service that says it holds them but answers at once with nothing new, in milliseconds. */
const atOnceMs = 1_000
/** Begins the version of a bundle that came without ETag; no ETag begins like this. */
const digestPrefix = 'sha256:'

export type HttpSourceOptions = {
  readonly url: string
  readonly bearerToken?: string
  /** How long the service may hold a request open, in seconds. Default 30. */
  readonly waitSeconds?: number
  /** Between two requests to a service that does not hold them, in milliseconds. Default 10,000. */
  readonly pollMs?: number
}

/** The version is the service's ETag, else what the bytes are. */
export function createHttpSource(options: HttpSourceOptions): BundleSource {
  const { url, bearerToken, waitSeconds = 30, pollMs = 10_000 } = options
  let holdsRequests = false
  let answeredAtOnce = false

  async function ask(known: string | undefined, signal: AbortSignal): Promise<FetchedBundle | undefined> {
    const response = await fetch(url, {
      // a redirect could lead anywhere, and would take the token along
      redirect: 'error',
      signal,
      headers: {
        accept: 'application/gzip, application/octet-stream, */*;q=0.1',
        prefer: `modes=snapshot${known === undefined ? '' : `;wait=${waitSeconds}`}`,
        ...(known === undefined || known.startsWith(digestPrefix) ? {} : { 'if-none-match': known }),
        ...(bearerToken === undefined ? {} : { authorization: `Bearer ${bearerToken}` }),
      },
    })
    holdsRequests = response.headers.get('content-type') === bundleMediaType
    if (response.status === 304) {
      await response.body?.cancel()
      return undefined
    }
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new PortcullisError('bundle.unavailable', {
        message: `The bundle service answered with status ${response.status}${adviceOf(response.status)}.`,
      })
    }
    const bytes = await bodyOf(response)
    const version = response.headers.get('etag') ?? `${digestPrefix}${createHash('sha256').update(bytes).digest('hex')}`
    // a service that knows no ETag sends the same bundle again and again
    return version === known ? undefined : { bytes, version }
  }

  return {
    name: withoutSecrets(url),
    async fetch(known, signal) {
      const pause = holdsRequests ? (answeredAtOnce ? atOnceMs : 0) : pollMs
      if (known !== undefined && pause > 0) await delay(pause, undefined, { signal, ref: false })
      const asked = performance.now()
      const late = AbortSignal.timeout(waitSeconds * 1000 + graceMs)
      const ending = linkSignals(signal, late)
      try {
        const fetched = await ask(known, ending.signal)
        answeredAtOnce = fetched === undefined && performance.now() - asked < atOnceMs
        return fetched
      } catch (thrown) {
        signal.throwIfAborted()
        throw toPortcullisError(thrown, 'bundle.unavailable')
      } finally {
        ending.release()
      }
    },
  }
}

async function bodyOf(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += (chunk as Uint8Array).length
    if (length > bundleFileBytesMax) throw tooLarge()
    chunks.push(chunk as Uint8Array)
  }
  return Buffer.concat(chunks)
}

function adviceOf(status: number): string {
  if (status === 401 || status === 403) return ': look at the bearer token'
  return status === 404 ? ': look at the address' : ''
}

function withoutSecrets(url: string): string {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
}
