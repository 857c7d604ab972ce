/** The Redis token store when Redis, or the way to it, is at fault. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { PortcullisError } from '../../../src/domain/errors.ts'
import { createRedisTokenStore } from '../../../src/tokens/redis/redis-token-store.ts'
import type { LedgerItem, TokenStore } from '../../../src/tokens/token-store.ts'
import { type RedisServerOptions, startRedisServer } from '../../support/redis-server.ts'
import { startTcpProxy } from '../../support/tcp-proxy.ts'
import { alice, aRegistration, codeOf, drain, end, leaf, movableClock, nextShort, open, shortOf } from '../support.ts'

/** An operation is answered within this time even if Redis never answers, in milliseconds; the machine may need as much again. */
const boundedMs = 15_000

test('a store opens while Redis is down, says so at once, and works when Redis is back', async () => {
  const redis = await aRedis({ durable: false })
  await redis.kill()
  const said: string[] = []
  const log = {
    warn: (_: object, event: string) => void said.push(event),
    info: (_: object, event: string) => void said.push(event),
  }
  const store = await aStore(redis.url, log)
  expect(await codeOf(store.check())).toBe('store.unavailable')
  expect(await codeOf(store.register(aRegistration(movableClock()), {}))).toBe('store.unavailable')
  await redis.restart()
  await reachable(store)
  await store.register(aRegistration(movableClock()), {})
  expect(said).toEqual(['tokens.redis_unreachable', 'tokens.redis_reachable'])
})

test('a reader whose Redis comes back empty is told that its request is lost', async () => {
  const redis = await aRedis({ durable: false })
  const store = await aStore(redis.url)
  const registration = aRegistration(movableClock())
  await store.register(registration, {})
  const { token } = registration
  await store.append(token, [leaf(0)])
  const reader = open(store, token)
  expect(await nextShort(reader)).toBe('0:leaf 0')
  const waiting = codeOf(drain(reader))
  await sleep(100)
  await redis.restart()
  // a slow restart is first of all a store that cannot be reached
  expect(['request.lost', 'store.unavailable']).toContain(await waiting)
  await reachable(store)
  expect(await codeOf(drain(open(store, token)))).toBe('token.unknown')
})

test('a reader whose token vanished without having been revoked or having expired is told that its request is lost', async () => {
  const redis = await aRedis({ durable: false })
  const [store, keyPrefix] = [await aStore(redis.url), 'test:']
  const registration = aRegistration(movableClock())
  await store.register(registration, {})
  await store.append(registration.token, [leaf(0)])
  const reader = open(store, registration.token)
  expect(await nextShort(reader)).toBe('0:leaf 0')
  const waiting = codeOf(drain(reader))
  await sleep(100)
  const raw = await aClient(redis.url)
  await raw.flushall()
  const [channel] = (await raw.pubsub('CHANNELS', `${keyPrefix}*`)) as string[]
  await raw.publish(channel!, '')
  expect(await waiting).toBe('request.lost')
})

test.each([
  ['whole', 'DEL'],
  ['in part', 'XTRIM'],
])('a ledger that was lost %s while its registration is there is lost for every reader', async (_, command) => {
  const redis = await aRedis({ durable: false })
  const store = await aStore(redis.url)
  const registration = aRegistration(movableClock())
  await store.register(registration, {})
  await store.append(registration.token, [leaf(0), leaf(1), end(2)])
  const raw = await aClient(redis.url)
  const [key] = await raw.keys('*:ledger')
  if (command === 'DEL') await raw.del(key!)
  else await raw.xtrim(key!, 'MAXLEN', 1)
  expect((await store.find(registration.token, alice)).owner).toBe(alice)
  expect(await codeOf(drain(open(store, registration.token)))).toBe('request.lost')
})

test('what is stored and is not ours denies', async () => {
  const redis = await aRedis({ durable: false })
  const store = await aStore(redis.url)
  const registration = aRegistration(movableClock())
  await store.register(registration, {})
  const raw = await aClient(redis.url)
  const [key] = await raw.keys('*:request')
  await raw.hset(key!, 'registration', '{"owner":"Alice"')
  expect(await codeOf(store.find(registration.token, alice))).toBe('token.unknown')
  expect(await codeOf(store.state(registration.token, alice))).toBe('token.unknown')
  await raw.set(key!, 'of another type')
  expect(await codeOf(store.find(registration.token, alice))).toBe('store.unavailable')
})

test('a Redis that keeps its data and is killed in the middle loses nothing of a ledger', async () => {
  const redis = await aRedis({ durable: true })
  const store = await aStore(redis.url)
  const registration = aRegistration(movableClock())
  await store.register(registration, {})
  const { token } = registration
  await store.append(token, [leaf(0), leaf(1)])
  const items = readOn(store, token)
  await redis.restart()
  await reachable(store)
  await store.append(token, [leaf(1), leaf(2), end(3)])
  expect(await items).toEqual(['0:leaf 0', '1:leaf 1', '2:leaf 2', '3:complete'])
})

test('a reader lives through a cut of its connection, and has what came meanwhile', async () => {
  const redis = await aRedis({ durable: false })
  const proxy = await startTcpProxy({ port: redis.port })
  onTestFinished(() => proxy[Symbol.asyncDispose]())
  const [near, far] = [await aStore(redis.url), await aStore(`redis://${proxy.address}`)]
  const registration = aRegistration(movableClock())
  await near.register(registration, {})
  const { token } = registration
  await near.append(token, [leaf(0)])
  const reader = open(far, token)
  expect(await nextShort(reader)).toBe('0:leaf 0')
  const next = nextShort(reader)
  await sleep(100)
  await proxy.refuse()
  await near.append(token, [leaf(1)])
  await sleep(100)
  await proxy.accept()
  expect(await next).toBe('1:leaf 1')
  const rest = drain(reader)
  proxy.resetConnections()
  await near.append(token, [end(2)])
  expect(await rest).toEqual(['2:complete'])
})

test('what another process revokes while the connection is cut is unknown when it is back', async () => {
  const redis = await aRedis({ durable: false })
  const proxy = await startTcpProxy({ port: redis.port })
  onTestFinished(() => proxy[Symbol.asyncDispose]())
  const [near, far] = [await aStore(redis.url), await aStore(`redis://${proxy.address}`)]
  const registration = aRegistration(movableClock())
  await near.register(registration, {})
  const waiting = codeOf(drain(open(far, registration.token)))
  await sleep(100)
  await proxy.refuse()
  await near.revoke(registration.token, alice)
  await proxy.accept()
  expect(await waiting).toBe('token.unknown')
})

test('a way to Redis that swallows everything makes the store unavailable within a bound, and is found again', {
  timeout: 120_000,
}, async () => {
  const redis = await aRedis({ durable: false })
  const proxy = await startTcpProxy({ port: redis.port })
  onTestFinished(() => proxy[Symbol.asyncDispose]())
  const store = await aStore(`redis://${proxy.address}`)
  const registration = aRegistration(movableClock())
  await store.register(registration, {})
  const reading = codeOf(drain(open(store, registration.token)))
  await sleep(100)
  proxy.setFault({ kind: 'black-hole' })
  await bounded(codeOf(store.find(registration.token, alice)), 'store.unavailable')
  await bounded(codeOf(store.register(aRegistration(movableClock()), {})), 'store.unavailable')
  await bounded(reading, 'store.unavailable')
  proxy.setFault(undefined)
  await reachable(store)
  expect((await store.find(registration.token, alice)).token).toBe(registration.token)
})

test('a Redis that hangs makes the store unavailable within a bound, and is found again', {
  timeout: 120_000,
}, async () => {
  const redis = await aRedis({ durable: false })
  const store = await aStore(redis.url)
  const registration = aRegistration(movableClock())
  await store.register(registration, {})
  redis.pause()
  await bounded(codeOf(store.append(registration.token, [leaf(0)])), 'store.unavailable')
  await bounded(codeOf(store.check()), 'store.unavailable')
  redis.resume()
  await reachable(store)
  await store.append(registration.token, [leaf(0), end(1)])
  expect(await drain(open(store, registration.token))).toEqual(['0:leaf 0', '1:complete'])
})

test('a Redis without memory is not ready and stores nothing, but revokes', async () => {
  const redis = await aRedis({ durable: false })
  const store = await aStore(redis.url)
  const registration = aRegistration(movableClock())
  await store.register(registration, {})
  await (await aClient(redis.url)).config('SET', 'maxmemory', '1')
  expect(await codeOf(store.check())).toBe('store.unavailable')
  expect(await codeOf(store.append(registration.token, [leaf(0), end(1)]))).toBe('store.unavailable')
  expect(await store.state(registration.token, alice)).toMatchObject({ complete: false, items: 0 })
  await store.revoke(registration.token, alice)
  expect(await codeOf(store.find(registration.token, alice))).toBe('token.unknown')
  expect(await codeOf(store.register(aRegistration(movableClock()), {}))).toBe('store.unavailable')
})

test('neither the URL, nor its password, nor a token, nor what was stored gets into a log or an error', async () => {
  const redis = await aRedis({ durable: false })
  await (await aClient(redis.url)).config('SET', 'requirepass', 'right-secret')
  const said: unknown[] = []
  const log = { warn: (...args: unknown[]) => void said.push(args), info: (...args: unknown[]) => void said.push(args) }
  const registration = aRegistration(movableClock())
  const refused = await aStore(redis.url.replace('redis://', 'redis://:wrong-secret@'), log)
  const accepted = await aStore(redis.url.replace('redis://', 'redis://:right-secret@'), log)
  await accepted.register(registration, {})
  const raw = await aClient(redis.url.replace('redis://', 'redis://:right-secret@'))
  const [key] = await raw.keys('*:request')
  await raw.set(key!, 'of another type')
  const errors = [
    await thrownBy(refused.register(registration, {})),
    await thrownBy(accepted.append(registration.token, [leaf(0)])),
    await thrownBy(createRedisTokenStore({ url: 'http://x:bad-secret@host', clock: movableClock() })),
  ]
  for (const error of errors) expect(error).toBeInstanceOf(PortcullisError)
  const all = JSON.stringify([said, errors.map(everythingOf)])
  expect(all).toContain('WRONGTYPE')
  expect(said.length).toBeGreaterThan(0)
  for (const secret of ['secret', '127.0.0.1', registration.token, 'SALARY', '.avro']) expect(all).not.toContain(secret)
})

test('keys carry the token’s hash, one hash tag a token, and an end; no key or value carries the token', async () => {
  const redis = await aRedis({ durable: false })
  const store = await aStore(redis.url)
  const registration = aRegistration(movableClock(), { livesMs: 60_000 })
  const { token } = registration
  await store.register(registration, {})
  await store.grant(token, [
    { index: 0, leaf: (leaf(0) as Extract<LedgerItem, { kind: 'leaf' }>).leaf, revision: 'r' as never, grantedAt: 0 },
  ])
  await store.append(token, [leaf(0), leaf(2)])
  const raw = await aClient(redis.url)
  const keys = (await raw.keys('*')).sort()
  expect(keys.map((key) => key.replace(/\{[0-9a-f]{32}\}/u, '{hash}'))).toEqual([
    'test:{hash}:grants',
    'test:{hash}:ledger',
    'test:{hash}:request',
    'test:{hash}:used',
  ])
  expect(new Set(keys.map((key) => /\{.*\}/u.exec(key)?.[0])).size).toBe(1)
  for (const key of keys) {
    const lasts = await raw.pttl(key)
    expect(lasts).toBeGreaterThan(0)
    expect(lasts).toBeLessThanOrEqual(key.endsWith(':used') ? 25 * 3_600_000 : 60_000)
    expect(key).not.toContain(token)
    expect(String(await raw.dump(key))).not.toContain(token)
  }
  await store.revoke(token, alice)
  expect((await raw.keys('*')).map((key) => key.replace(/.*:/u, ''))).toEqual(['used'])
})

test('any number of readers share two connections, and leave no subscription behind', async () => {
  const redis = await aRedis({ durable: false })
  const [reading, writing] = [await aStore(redis.url), await aStore(redis.url)]
  const registrations = Array.from({ length: 100 }, () => aRegistration(movableClock()))
  await Promise.all(registrations.map((registration) => writing.register(registration, {})))
  const ledgers = registrations.flatMap(({ token }) => [drain(open(reading, token)), drain(open(reading, token))])
  const raw = await aClient(redis.url)
  while (((await raw.pubsub('CHANNELS', '*')) as string[]).length < 100) await sleep(20)
  expect(
    String(await raw.client('LIST'))
      .trim()
      .split('\n'),
  ).toHaveLength(2 + 2 + 1)
  await Promise.all(registrations.map(({ token }) => writing.append(token, [leaf(0), end(1)])))
  for (const items of await Promise.all(ledgers)) expect(items).toEqual(['0:leaf 0', '1:complete'])
  while (((await raw.pubsub('CHANNELS', '*')) as string[]).length > 0) await sleep(20)
})

async function aRedis(options: RedisServerOptions) {
  const redis = await startRedisServer(options)
  onTestFinished(() => redis.stop())
  return redis
}

async function aStore(url: string, log?: Parameters<typeof createRedisTokenStore>[0]['log']): Promise<TokenStore> {
  const store = await createRedisTokenStore({
    url,
    keyPrefix: 'test:',
    clock: movableClock(),
    ...(log === undefined ? {} : { log }),
  })
  onTestFinished(() => store[Symbol.asyncDispose]())
  return store
}

async function aClient(url: string) {
  const { Redis } = await import('ioredis')
  const client = new Redis(url, { protocol: 2 })
  onTestFinished(() => client.disconnect())
  return client
}

async function reachable(store: TokenStore): Promise<void> {
  while ((await codeOf(store.check())) !== 'none') await sleep(20)
}

async function bounded(work: Promise<string>, code: string): Promise<void> {
  expect(await Promise.race([work, sleep(boundedMs, `nothing within ${boundedMs} ms`, { ref: false })])).toBe(code)
}

/** As a client does: comes again at its position when the store cannot be reached. */
async function readOn(store: TokenStore, token: Parameters<TokenStore['find']>[0]): Promise<string[]> {
  const items: string[] = []
  for (;;) {
    try {
      for await (const item of store.ledger(token, alice, {
        position: items.length,
        signal: new AbortController().signal,
      }))
        items.push(shortOf(item))
      return items
    } catch (thrown) {
      if ((thrown as PortcullisError).code !== 'store.unavailable') throw thrown
      await sleep(20)
    }
  }
}

async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
}

function everythingOf(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown
  return { ...thrown, message: thrown.message, cause: everythingOf(thrown.cause) }
}
