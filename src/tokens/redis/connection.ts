/** One connection to Redis that fails fast: nothing queues up while Redis is away, and it is reached for in the background. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis, RedisOptions } from 'ioredis'
import { PortcullisError } from '../../domain/errors.ts'
import { createRedisClient, type RedisAccess } from './redis-access.ts'
import type { Script } from './scripts.ts'

/** In milliseconds. */
export const redisLimitsMs = {
  /** Longest time until a connection stands. */
  connect: 2_000,
  /** Longest time until a command is answered; a connection that is silent that long is given up. */
  command: 2_000,
  /** How long after a connection broke callers wait for the next one; after that they are refused at once. Long enough to try once more what was not answered. */
  grace: 3_000,
  reconnectFirst: 50,
  reconnectLongest: 1_000,
} as const

export type RedisLog = { warn(fields: object, event: string): void; info(fields: object, event: string): void }

export type RedisConnection = AsyncDisposable & {
  readonly client: Redis
  /** `repeatable`: may run twice, where the connection broke on the way. @throws PortcullisError store.unavailable */
  run<Result>(work: (client: Redis) => Promise<Result>, repeatable: 'repeatable' | 'once'): Promise<Result>
}

export function redisOptions() {
  return {
    // 3, the default, changes the types of some replies
    protocol: 2,
    lazyConnect: true,
    disableClientInfo: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    // what was under way when the connection broke is refused at once
    maxRetriesPerRequest: 0,
    connectTimeout: redisLimitsMs.connect,
    commandTimeout: redisLimitsMs.command,
    socketTimeout: redisLimitsMs.command,
    retryStrategy: (times: number) =>
      Math.min(redisLimitsMs.reconnectFirst * 2 ** Math.min(times - 1, 10), redisLimitsMs.reconnectLongest),
    // after a failover the old primary is a replica
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  } as const satisfies RedisOptions
}

/** Resolves when connected, or when the first try has failed. */
export async function createRedisConnection(access: RedisAccess, log: RedisLog | undefined): Promise<RedisConnection> {
  const client = createRedisClient(access, redisOptions())
  let downSince: number | undefined = performance.now()
  let said = false
  client.on('ready', () => {
    downSince = undefined
    if (said) log?.info({}, 'tokens.redis_reachable')
    said = false
  })
  client.on('close', () => {
    downSince ??= performance.now()
  })
  // without a listener ioredis prints to the console
  client.on('error', (error: unknown) => {
    if (!said) log?.warn({ cause: scrubbed(error).message }, 'tokens.redis_unreachable')
    said = true
  })
  await firstTry(client)

  async function ready(): Promise<void> {
    if (client.status === 'ready') return
    const leftMs = (downSince ?? performance.now()) + redisLimitsMs.grace - performance.now()
    if (leftMs > 0 && client.status !== 'end') await nextEvent(client, ['ready', 'end'], leftMs)
    if ((client.status as string) !== 'ready') throw new PortcullisError('store.unavailable')
  }

  return {
    client,
    async run(work, repeatable) {
      const giveUpAt = performance.now() + redisLimitsMs.grace
      for (;;) {
        await ready()
        try {
          return await work(client)
        } catch (thrown) {
          const again = !isReply(thrown) && (repeatable === 'repeatable' || neverSent(thrown))
          if (!again || performance.now() >= giveUpAt) throw unavailable(thrown)
        }
        await sleep(redisLimitsMs.reconnectFirst)
      }
    },
    async [Symbol.asyncDispose]() {
      client.disconnect()
    },
  }
}

/** Resolves when it is connected, or has failed once. With sentinels, connecting goes on until one of them answers. */
export async function firstTry(client: Redis): Promise<void> {
  const connecting = client.connect().catch(() => undefined)
  await Promise.race([connecting, nextEvent(client, ['error', 'end'], redisLimitsMs.connect)])
}

export async function evaluate(
  client: Redis,
  { lua, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await client.evalsha(sha, keys.length, ...keys, ...args)
  } catch (thrown) {
    if (!(thrown instanceof Error && thrown.message.startsWith('NOSCRIPT'))) throw thrown
    return await client.eval(lua, keys.length, ...keys, ...args)
  }
}

function nextEvent(client: Redis, events: readonly string[], timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, timeoutMs)
    for (const event of events) client.on(event, done)
    function done(): void {
      clearTimeout(timer)
      for (const event of events) client.off(event, done)
      resolve()
    }
  })
}

function isReply(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'ReplyError'
}

/** A connection that is about to close still counts as ready. */
function neverSent(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message.startsWith('Stream isn')
}

function unavailable(thrown: unknown): PortcullisError {
  return new PortcullisError('store.unavailable', { cause: scrubbed(thrown) })
}

/** Errors of ioredis carry the command with all it was given, and Redis quotes it. */
function scrubbed(thrown: unknown): Error {
  if (!(thrown instanceof Error)) return new Error('not an error')
  const { code } = thrown as NodeJS.ErrnoException
  const reply = isReply(thrown) ? /^[A-Z]+/u.exec(thrown.message)?.[0] : undefined
  return new Error(code ?? reply ?? thrown.name)
}
