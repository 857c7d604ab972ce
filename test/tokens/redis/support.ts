/** A Redis of a test's own, and stores on it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { createRedisTokenStore } from '../../../src/tokens/redis/redis-token-store.ts'
import type { TokenStore } from '../../../src/tokens/token-store.ts'
import { freePort, LOOPBACK } from '../../support/free-port.ts'
import { type RedisServerOptions, startRedisServer } from '../../support/redis-server.ts'
import { createTempFolder } from '../../support/temp-folder.ts'
import { codeOf, movableClock } from '../support.ts'

export async function aRedis(options: RedisServerOptions) {
  const redis = await startRedisServer(options)
  onTestFinished(() => redis.stop())
  return redis
}

/** Paths of files that are there as long as the test runs. */
export async function filesOf(files: Readonly<Record<string, string>>): Promise<(name: string) => string> {
  const folder = await createTempFolder('redis-files')
  onTestFinished(() => folder[Symbol.asyncDispose]())
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder.path, name), text)))
  return (name) => join(folder.path, name)
}

type Pem = { readonly ca: string; readonly cert: string; readonly key: string }

/** Serves TLS beside the plain port that tests look at it by. */
export async function aTlsRedis(pem: Pem, args: readonly string[]) {
  const file = await filesOf(pem)
  const tlsPort = await freePort()
  const files = ['--tls-cert-file', file('cert'), '--tls-key-file', file('key'), '--tls-ca-cert-file', file('ca')]
  const redis = await aRedis({ durable: false, args: ['--tls-port', String(tlsPort), ...files, ...args] })
  return { redis, url: `rediss://${LOOPBACK}:${tlsPort}`, tlsPort }
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
