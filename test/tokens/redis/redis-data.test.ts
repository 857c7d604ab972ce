/** What the Redis token store keeps under which keys, what it does when that is lost, and what it says of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { PortcullisError } from '../../../src/domain/errors.ts'
import { createRedisTokenStore } from '../../../src/tokens/redis/redis-token-store.ts'
import type { LedgerItem } from '../../../src/tokens/token-store.ts'
import { alice, aRegistration, codeOf, drain, end, leaf, movableClock, nextShort, open } from '../support.ts'
import { aClient, aRedis, aStore } from './support.ts'

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
  const connections = async () =>
    String(await raw.client('LIST'))
      .trim()
      .split('\n').length
  // one that was replaced may linger
  while ((await connections()) !== 2 + 2 + 1) await sleep(20)
  await Promise.all(registrations.map(({ token }) => writing.append(token, [leaf(0), end(1)])))
  for (const items of await Promise.all(ledgers)) expect(items).toEqual(['0:leaf 0', '1:complete'])
  while (((await raw.pubsub('CHANNELS', '*')) as string[]).length > 0) await sleep(20)
})

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
