/** A Redis of a test's own, and stores on it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { createRedisTokenStore } from '../../../src/tokens/redis/redis-token-store.ts'
import type { TokenStore } from '../../../src/tokens/token-store.ts'
import { type RedisServerOptions, startRedisServer } from '../../support/redis-server.ts'
import { codeOf, movableClock } from '../support.ts'

export async function aRedis(options: RedisServerOptions) {
  const redis = await startRedisServer(options)
  onTestFinished(() => redis.stop())
  return redis
}

export async function aStore(
  url: string,
  log?: Parameters<typeof createRedisTokenStore>[0]['log'],
): Promise<TokenStore> {
  const store = await createRedisTokenStore({
    url,
    keyPrefix: 'test:',
    clock: movableClock(),
    ...(log === undefined ? {} : { log }),
  })
  onTestFinished(() => store[Symbol.asyncDispose]())
  return store
}

export async function aClient(url: string) {
  const { Redis } = await import('ioredis')
  const client = new Redis(url, { protocol: 2 })
  onTestFinished(() => client.disconnect())
  return client
}

export async function reachable(store: TokenStore): Promise<void> {
  while ((await codeOf(store.check())) !== 'none') await sleep(20)
}
