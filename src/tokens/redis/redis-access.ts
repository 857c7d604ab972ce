/** Where Redis is, how the way there is protected, and who we are: as options of ioredis. */
import { type RedisOptions as AllRedisOptions, Redis } from 'ioredis'

/** PEM. */
export type RedisTls = {
  /** Absent: the authorities that Node trusts. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
}

export type RedisSentinels = {
  /** The name they know the primary by. */
  readonly master: string
  /** host:port */
  readonly nodes: readonly string[]
  readonly username?: string
  readonly password?: string
}

/** One of `url` and `sentinel`. Never logged. */
export type RedisAccess = {
  /** `redis://` or `rediss://`; a password in it is taken before `password`. */
  readonly url?: string
  readonly sentinel?: RedisSentinels
  readonly username?: string
  readonly password?: string
  /** With sentinels, for them as well; with a url, for `rediss://`. */
  readonly tls?: RedisTls
}

/** Without the one that changes the types of answers. */
type RedisOptions = Omit<AllRedisOptions, 'replyMapping'>

const sentinelPort = 26_379

/** Not connected yet. */
export function createRedisClient(access: RedisAccess, options: RedisOptions): Redis {
  const { url, sentinel, username, password, tls } = access
  const all: RedisOptions = {
    ...options,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls: { ...tls } }),
    ...(sentinel === undefined ? {} : sentinelOptions(sentinel, access, options)),
  }
  return url === undefined ? new Redis(all) : new Redis(url, all)
}

function sentinelOptions(
  { master, nodes, username, password }: RedisSentinels,
  { tls }: RedisAccess,
  { commandTimeout, retryStrategy }: RedisOptions,
): RedisOptions {
  return {
    name: master,
    sentinels: nodes.map(parseNode),
    ...(username === undefined ? {} : { sentinelUsername: username }),
    ...(password === undefined ? {} : { sentinelPassword: password }),
    ...(tls === undefined ? {} : { sentinelTLS: { ...tls }, enableTLSForSentinelMode: true }),
    ...(commandTimeout === undefined ? {} : { sentinelCommandTimeout: commandTimeout }),
    // as often as a connection is tried
    ...(retryStrategy == null ? {} : { sentinelRetryStrategy: retryStrategy }),
  }
}

function parseNode(node: string): { host: string; port: number } {
  const [, host = node, port] = node.match(/^\[?([^\]]+?)\]?:([0-9]{1,5})$/u) ?? []
  return { host, port: port === undefined ? sentinelPort : Number(port) }
}
