/** The Redis token store when Redis, or the way to it, is at fault. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { PortcullisError } from '../../../src/domain/errors.ts'
import type { TokenStore } from '../../../src/tokens/token-store.ts'
import { startTcpProxy } from '../../support/tcp-proxy.ts'
import { alice, aRegistration, codeOf, drain, end, leaf, movableClock, nextShort, open, shortOf } from '../support.ts'
import { aClient, aRedis, aStore, reachable } from './support.ts'

/** An operation is answered within this time even if Redis never answers, in milliseconds; the machine may need as much again. */
const boundedMs = 15_000
/** Half the time after which an idle reader looks for itself in any case, in milliseconds. */
const promptMsMax = 5_000

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
  const raw = await aClient(redis.url)
  while (((await raw.pubsub('CHANNELS', 'test:*')) as string[]).length === 0) await sleep(20)
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

test('a reader whose wake-ups cannot arrive looks for itself', async () => {
  const redis = await aRedis({ durable: false })
  const [near, far] = [await aStore(redis.url), await aStore(redis.url)]
  const registration = aRegistration(movableClock())
  await near.register(registration, {})
  const next = nextShort(open(far, registration.token))
  const raw = await aClient(redis.url)
  while (((await raw.pubsub('CHANNELS', 'test:*')) as string[]).length === 0) await sleep(20)
  // connections that stand are let be, the one for wake-ups cannot come back
  await raw.config('SET', 'requirepass', 'secret')
  await raw.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
  await sleep(100)
  const appendedAt = performance.now()
  await near.append(registration.token, [leaf(0)])
  expect(await next).toBe('0:leaf 0')
  expect(performance.now() - appendedAt).toBeLessThan(promptMsMax)
})

test('a reader that is aborted while Redis hangs ends quietly', async () => {
  const redis = await aRedis({ durable: false })
  const store = await aStore(redis.url)
  const registration = aRegistration(movableClock())
  await store.register(registration, {})
  const abort = new AbortController()
  redis.pause()
  const items = drain(open(store, registration.token, { signal: abort.signal }))
  await sleep(100)
  abort.abort()
  expect(await items).toEqual([])
  redis.resume()
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
