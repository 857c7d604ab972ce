/** What the token store adds to a request: register, grant, announce, read the first item; a long ledger; how soon a waiting reader is woken. */
import { randomUUID } from 'node:crypto'
import { systemClock } from '../src/domain/clock.ts'
import { createEmbeddedTokenStore } from '../src/tokens/embedded/embedded-token-store.ts'
import { createRedisTokenStore } from '../src/tokens/redis/redis-token-store.ts'
import type { TokenStore } from '../src/tokens/token-store.ts'
import { startRedisServer } from '../test/support/redis-server.ts'
import { createTempFolder } from '../test/support/temp-folder.ts'
import { aRegistration, drain, end, grantOf, leaf, nextShort, open } from '../test/tokens/support.ts'
import { distributionOf, type Row, report, round } from './support/statistics.ts'

const warmUps = 300
const singles = 2_000
const clients = 16
const atOnce = 8_000
const longLeaves = 1_000
const longRuns = 20
const batch = 100

async function registered(store: TokenStore) {
  const registration = aRegistration(systemClock)
  await store.register(registration, {})
  return registration.token
}

/** One request with one leaf, to its first item. */
async function one(store: TokenStore): Promise<number> {
  const startedAt = performance.now()
  const token = await registered(store)
  await store.grant(token, [grantOf(0)])
  await store.append(token, [leaf(0), end(1)])
  const reader = open(store, token)
  if ((await nextShort(reader)) !== '0:leaf 0') throw new Error('expected the leaf')
  await reader.return?.()
  return performance.now() - startedAt
}

async function long(store: TokenStore): Promise<number> {
  const startedAt = performance.now()
  const token = await registered(store)
  const reading = drain(open(store, token))
  for (let from = 0; from < longLeaves; from += batch) {
    const indexes = Array.from({ length: batch }, (_, offset) => from + offset)
    await store.grant(
      token,
      indexes.map((index) => grantOf(index)),
    )
    await store.append(
      token,
      indexes.map((index) => leaf(index)),
    )
  }
  await store.append(token, [end(longLeaves)])
  if ((await reading).length !== longLeaves + 1) throw new Error('expected all leaves')
  return performance.now() - startedAt
}

/** From the append to the item at a reader that waits. */
async function wake(store: TokenStore): Promise<number> {
  const token = await registered(store)
  const reader = open(store, token)
  const next = nextShort(reader).then(() => performance.now())
  await new Promise((resolve) => setTimeout(resolve, 5))
  const startedAt = performance.now()
  await store.append(token, [leaf(0), end(1)])
  const took = (await next) - startedAt
  await reader.return?.()
  return took
}

async function repeated(times: number, measured: () => Promise<number>): Promise<number[]> {
  const figures: number[] = []
  for (let count = 0; count < times; count++) figures.push(await measured())
  return figures
}

async function measure(system: string, store: TokenStore): Promise<Row> {
  await repeated(warmUps, () => one(store))
  const first = distributionOf(await repeated(singles, () => one(store)))
  const registering = distributionOf(
    await repeated(singles, async () => {
      const startedAt = performance.now()
      await registered(store)
      return performance.now() - startedAt
    }),
  )
  const startedAt = performance.now()
  let left = atOnce
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (left-- > 0) await one(store)
    }),
  )
  const perSecond = atOnce / ((performance.now() - startedAt) / 1_000)
  const ledger = distributionOf(await repeated(longRuns, () => long(store)))
  const woken = distributionOf(await repeated(200, () => wake(store)))
  return {
    system,
    'register p50 ms': registering.p50,
    'first item p50 ms': first.p50,
    'p99 ms': first.p99,
    [`${clients} clients, requests/s`]: round(perSecond),
    [`${longLeaves} leaves p50 ms`]: ledger.p50,
    'wake p50 ms': woken.p50,
  }
}

const rows: Row[] = []
{
  await using store = await createEmbeddedTokenStore({ clock: systemClock })
  rows.push(await measure('embedded, in memory', store))
}
{
  await using folder = await createTempFolder('bench')
  await using store = await createEmbeddedTokenStore({ clock: systemClock, folder: folder.path })
  rows.push(await measure('embedded, with a folder', store))
}
for (const durable of [false, true]) {
  await using redis = await startRedisServer({ durable })
  await using store = await createRedisTokenStore({
    url: redis.url,
    keyPrefix: `bench-${randomUUID()}:`,
    clock: systemClock,
  })
  rows.push(await measure(durable ? 'Redis, every write on disk' : 'Redis, in memory', store))
}
report('tokens', rows, { singles, clients, atOnce, longLeaves, batch })
