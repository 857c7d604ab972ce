/** How often one client may fail to say who it is, and one user register and read. What is refused for that is counted, and recorded once a minute as a sum. */
import { PortcullisError } from '../../domain/errors.ts'
import type { HttpLog } from '../log.ts'
import { createTokenBuckets, type Rate } from './token-buckets.ts'

export const rateLimitNames = ['failedAuthentication', 'registrations', 'reads'] as const
export type RateLimitName = (typeof rateLimitNames)[number]

/** Whom a call is counted for: a user where one is known, else the address it came from. */
export type RateKey = { readonly userId: string } | { readonly client: string }

/** Calls that were refused since the last such sum. */
export type Limited = {
  readonly limit: RateLimitName
  readonly calls: number
  /** Absent: of all that had no room of their own. */
  readonly key?: RateKey
}

/** @throws audit.failed */
export type RecordLimited = (limited: readonly Limited[]) => Promise<void>

export type RateLimitsOptions = {
  /** A limit that is absent limits nothing. */
  readonly rates?: Readonly<Partial<Record<RateLimitName, Rate>>>
  readonly now?: () => number
  /** Absent: nobody keeps an audit log. */
  readonly record?: RecordLimited | undefined
  readonly log: HttpLog
  /** Milliseconds from the first call that is refused to the record of all. */
  readonly windowMs?: number
  readonly keysMax?: number
}

export type RateLimits = AsyncDisposable & {
  /** @throws request.rate, a `RateError` */
  take(limit: RateLimitName, key: RateKey): void
  /** Calls refused since the start. */
  counts(): Readonly<Record<RateLimitName, number>>
}

export type RateError = PortcullisError & { readonly retryAfterSeconds: number }

export const rateDefaults = {
  failedAuthentication: { perMinute: 60, burst: 300 },
  registrations: { perMinute: 6_000, burst: 3_000 },
  reads: { perMinute: 120_000, burst: 30_000 },
} as const satisfies Record<RateLimitName, Rate>

const windowMsDefault = 60_000
/** Keys remembered for each limit. */
const keysMaxDefault = 20_000
/** Sums kept apart in one window. */
const sumsMax = 1_000

const messages: Readonly<Record<RateLimitName, string>> = {
  failedAuthentication: 'Too many calls from this address were refused.',
  registrations: 'This user registers too many requests.',
  reads: 'This user calls too often.',
}

export function createRateLimits(options: RateLimitsOptions): RateLimits {
  const { rates = {}, now = Date.now, record, log, windowMs = windowMsDefault, keysMax = keysMaxDefault } = options
  const buckets = new Map(
    rateLimitNames.flatMap((name) => {
      const rate = rates[name]
      return rate === undefined ? [] : [[name, createTokenBuckets({ ...rate, keysMax, now })] as const]
    }),
  )
  const refused: Record<RateLimitName, number> = { failedAuthentication: 0, registrations: 0, reads: 0 }
  let sums = new Map<string, Limited>()
  let timer: NodeJS.Timeout | undefined
  let recording = Promise.resolve()

  function add({ limit, calls, key }: Limited): void {
    const apart = JSON.stringify([limit, key])
    const ofAll = JSON.stringify([limit])
    const id = key !== undefined && (sums.has(apart) || sums.size < sumsMax) ? apart : ofAll
    const { calls: before = 0 } = sums.get(id) ?? {}
    sums.set(id, { limit, calls: before + calls, ...(id === ofAll || key === undefined ? {} : { key }) })
    timer ??= setTimeout(flush, windowMs).unref()
  }

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    const limited = [...sums.values()]
    sums = new Map()
    if (limited.length === 0) return
    log.warn({ calls: limited.reduce((sum, { calls }) => sum + calls, 0), keys: limited.length }, 'http.limited')
    recording = recording.then(() => write(limited))
  }

  /** What cannot be recorded now is tried again with the next window. */
  async function write(limited: readonly Limited[]): Promise<void> {
    try {
      await record?.(limited)
    } catch (thrown) {
      log.error({ err: thrown }, 'http.limited_unrecorded')
      for (const one of limited) add(one)
    }
  }

  return {
    take(limit, key) {
      const waitMs = buckets.get(limit)?.take('userId' in key ? `user ${key.userId}` : `client ${key.client}`) ?? 0
      if (waitMs === 0) return
      refused[limit]++
      add({ limit, calls: 1, key })
      throw rateError(limit, Math.ceil(waitMs / 1000))
    },
    counts: () => ({ ...refused }),
    async [Symbol.asyncDispose]() {
      flush()
      await recording
      clearTimeout(timer)
    },
  }
}

function rateError(limit: RateLimitName, retryAfterSeconds: number): RateError {
  const unit = retryAfterSeconds === 1 ? 'second' : 'seconds'
  const message = `${messages[limit]} Try again in ${retryAfterSeconds} ${unit}.`
  return Object.assign(new PortcullisError('request.rate', { message }), { retryAfterSeconds })
}

/** Undefined for any other error. */
export function retryAfterOf(error: PortcullisError): number | undefined {
  return error.code === 'request.rate' ? (error as Partial<RateError>).retryAfterSeconds : undefined
}
