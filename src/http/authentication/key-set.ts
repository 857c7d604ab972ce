/** The keys bearer tokens are verified with: fetched when needed, kept, and kept on while their source is away. */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import type { Clock } from '../../domain/clock.ts'
import { PortcullisError } from '../../domain/errors.ts'
import type { HttpLog } from '../log.ts'

/** Keys whose source has been away for longer are believed no more: it may long have withdrawn them. */
const staleMsMax = 24 * 3600 * 1000
/** The pause after a failed attempt. */
const retryWaitMs = 1_000

export type KeySet = JWTVerifyGetKey

export type KeySetDeps = {
  readonly load: () => Promise<unknown>
  /** How old the keys may be before they are fetched again. */
  readonly refreshMs: number
  /** The pause between fetches for a token whose key is not there, so that nobody makes us fetch at will. */
  readonly missWaitMs: number
  readonly log: HttpLog
  readonly clock: Clock
}

type Held = { readonly find: ReturnType<typeof createLocalJWKSet>; readonly loadedAt: number }

export function createKeySet(deps: KeySetDeps): KeySet {
  let held: Held | undefined
  let failedAt = Number.NEGATIVE_INFINITY
  let loading: Promise<void> | undefined

  async function load(): Promise<void> {
    if (deps.clock.now() - failedAt < retryWaitMs) return
    try {
      held = { find: createLocalJWKSet((await deps.load()) as JSONWebKeySet), loadedAt: deps.clock.now() }
    } catch (thrown) {
      failedAt = deps.clock.now()
      deps.log.warn({ err: thrown, kept: held !== undefined }, 'authentication.keys_unreachable')
    }
  }

  /** One fetch at a time, for all who wait. */
  function reload(): Promise<void> {
    loading ??= load().finally(() => {
      loading = undefined
    })
    return loading
  }

  function usable(): Held {
    if (held === undefined || deps.clock.now() - held.loadedAt > staleMsMax)
      throw new PortcullisError('auth.unavailable')
    return held
  }

  return async (header, token) => {
    if (held === undefined || deps.clock.now() - held.loadedAt > deps.refreshMs) await reload()
    const keys = usable()
    try {
      return await keys.find(header, token)
    } catch (thrown) {
      const mayBeNew = thrown instanceof errors.JWKSNoMatchingKey && deps.clock.now() - keys.loadedAt > deps.missWaitMs
      if (!mayBeNew) throw thrown
      await reload()
      return usable().find(header, token)
    }
  }
}
