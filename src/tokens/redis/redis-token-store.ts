/** The token store that several processes share: Redis, one script a step. */
import type { Clock } from '../../domain/clock.ts'
import { PortcullisError } from '../../domain/errors.ts'
import type { Token, UserId } from '../../domain/ids.ts'
import type { LedgerItem, TokenStore } from '../token-store.ts'
import { createRedisConnection, evaluate, type RedisLog } from './connection.ts'
import { readLedger } from './ledger.ts'
import type { RedisAccess } from './redis-access.ts'
import { type Script, scripts } from './scripts.ts'
import { decodeGrant, decodeRegistration, encodeEntry, encodeRegistration, keysOf } from './stored.ts'
import { createWakeUps } from './wake-ups.ts'

/** How long after its expiry a token is remembered as used, in milliseconds. */
const usedRememberedMs = 24 * 3_600_000
/** Grants or entries in one call of a script: Redis does nothing else meanwhile. */
const callLengthMax = 500
/** Lives as long in milliseconds as the key that a check writes. */
const checkKeyMs = 10_000

export type RedisTokenStoreOptions = RedisAccess & {
  /** Of all keys and channels; `portcullis:` by default. */
  readonly keyPrefix?: string
  readonly clock: Clock
  readonly log?: RedisLog
}

/** Resolves when Redis is down, too: it is reached for in the background, and check() says how it is. */
export async function createRedisTokenStore(options: RedisTokenStoreOptions): Promise<TokenStore> {
  const { clock, keyPrefix = 'portcullis:' } = options
  checkUrl(options)
  const [connection, wakeUps] = await Promise.all([createRedisConnection(options, options.log), createWakeUps(options)])
  const keys = (token: Token) => keysOf(keyPrefix, token)

  /** Every script but `register` and `revoke` answers the same when it runs twice. */
  function call(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    const repeatable = script !== scripts.register && script !== scripts.revoke
    return connection.run(
      (client) => evaluate(client, script, keys, [clock.now(), ...args]),
      repeatable ? 'repeatable' : 'once',
    )
  }

  /** The named fields of a request that is known; undefined: it isn't. */
  async function fields(token: Token, ...names: string[]): Promise<(string | null)[] | undefined> {
    const [expiresAt, ...found] = await connection.run(
      (client) => client.hmget(keys(token).request, 'expiresAt', ...names),
      'repeatable',
    )
    return expiresAt != null && Number(expiresAt) > clock.now() ? found : undefined
  }

  async function findForPipeline(token: Token) {
    const [registration] = (await fields(token, 'registration')) ?? []
    if (registration == null) throw new PortcullisError('token.unknown')
    return decodeRegistration(registration, token)
  }

  async function find(token: Token, owner: UserId) {
    const registration = await findForPipeline(token)
    if (registration.owner !== owner) throw new PortcullisError('token.unknown')
    return registration
  }

  return {
    find,
    findForPipeline,
    async register(registration) {
      const { request, used, ledger, grants } = keys(registration.token)
      const { owner, expiresAt } = registration
      const args = [owner, encodeRegistration(registration), expiresAt, expiresAt + usedRememberedMs]
      if ((await call(scripts.register, [request, used, ledger, grants], args)) !== 1)
        throw new PortcullisError('token.used')
    },
    async revoke(token, owner) {
      const { request, used, ledger, grants, channel } = keys(token)
      if ((await call(scripts.revoke, [request, used, ledger, grants], [owner, usedRememberedMs, channel])) !== 1)
        throw new PortcullisError('token.unknown')
    },
    async grant(token, list) {
      const { request, grants } = keys(token)
      for (const some of slices(list))
        await call(
          scripts.grant,
          [request, grants],
          some.flatMap((grant) => [grant.leaf.id, JSON.stringify(grant)]),
        )
    },
    async findGrant(token, leaf) {
      const { request, grants } = keys(token)
      const grant = await call(scripts.findGrant, [request, grants], [leaf])
      if (typeof grant !== 'string') throw new PortcullisError('grant.unknown')
      return decodeGrant(grant)
    },
    async setTotal(token, total) {
      await call(scripts.setTotal, [keys(token).request], [total])
    },
    async total(token) {
      const [total] = (await fields(token, 'total')) ?? []
      return total == null ? undefined : Number(total)
    },
    async append(token, entries) {
      const { request, ledger, channel } = keys(token)
      for (const some of slices(entries))
        await call(scripts.append, [request, ledger], [channel, ...some.flatMap(encodeEntry)])
    },
    ledger(token, owner, range): AsyncIterable<LedgerItem> {
      const { request, used, ledger, channel } = keys(token)
      const page = (firstId: string, length: number) =>
        call(scripts.page, [request, used, ledger], [owner, firstId, length])
      return readLedger({ page, listen: () => wakeUps.listen(channel), clock }, range)
    },
    async state(token, owner) {
      const [registration, complete, items] = (await fields(token, 'registration', 'complete', 'items')) ?? []
      if (registration == null) throw new PortcullisError('token.unknown')
      const decoded = decodeRegistration(registration, token)
      if (decoded.owner !== owner) throw new PortcullisError('token.unknown')
      return { registration: decoded, complete: complete === '1', items: Number(items) }
    },
    // the bus beside it is durable
    async *unfinished() {},
    async check() {
      // a write: a replica and a Redis out of memory answer a ping
      await connection.run((client) => client.set(`${keyPrefix}check`, '1', 'PX', checkKeyMs), 'repeatable')
    },
    async [Symbol.asyncDispose]() {
      await connection[Symbol.asyncDispose]()
      await wakeUps[Symbol.asyncDispose]()
    },
  }
}

function checkUrl({ url, sentinel }: RedisAccess): void {
  if (url === undefined && sentinel !== undefined) return
  if (url === undefined || !URL.canParse(url) || !['redis:', 'rediss:'].includes(new URL(url).protocol))
    throw new PortcullisError('config.invalid', { message: 'The URL of Redis must begin with redis:// or rediss://.' })
}

function* slices<Item>(items: readonly Item[]): Iterable<readonly Item[]> {
  for (let from = 0; from < items.length; from += callLengthMax) yield items.slice(from, from + callLengthMax)
}
