import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { RedisAccess } from '../../../src/tokens/redis/redis-access.ts'
import { createRedisTokenStore } from '../../../src/tokens/redis/redis-token-store.ts'
import { createCertificateAuthority } from '../../support/certificates.ts'
import { ensureTool } from '../../support/ensure-tool.ts'
import { freePort, LOOPBACK } from '../../support/free-port.ts'
import { createServerProcess } from '../../support/server-process.ts'
import { codeOf, movableClock } from '../support.ts'
import { aClient, aRedis, filesOf, reachable, aTlsRedis as startTls } from './support.ts'

const authority = createCertificateAuthority()
const server = authority.issue('redis', [LOOPBACK])
const client = authority.issue('portcullis', [])
const { ca } = authority
const aTlsRedis = (clients: 'no' | 'yes') => startTls({ ...server, ca }, ['--tls-auth-clients', clients])

async function open(access: RedisAccess) {
  const said: { readonly event: string; readonly fields: object }[] = []
  const say = (fields: object, event: string) => void said.push({ event, fields })
  const store = await createRedisTokenStore({
    ...access,
    keyPrefix: 'test:',
    clock: movableClock(),
    log: { info: say, warn: say },
  })
  onTestFinished(() => store[Symbol.asyncDispose]())
  return { store, said }
}

const works = async (access: RedisAccess) => expect(await codeOf((await open(access)).store.check())).toBe('none')

/** With the reason in the log, which has no secret in it. */
async function fails(access: RedisAccess, cause: unknown): Promise<void> {
  const { store, said } = await open(access)
  expect(await codeOf(store.check())).toBe('store.unavailable')
  expect(said).toContainEqual({ event: 'tokens.redis_unreachable', fields: { cause } })
}

describe('a Redis behind TLS', () => {
  test('is used where its certificate is of an authority that is trusted, for its name', async () => {
    const { url } = await aTlsRedis('no')
    await works({ url, tls: { ca } })
    await fails({ url }, expect.stringMatching(/^SELF_SIGNED_CERT_IN_CHAIN$|^UNABLE_TO_VERIFY_LEAF_SIGNATURE$/u))
    await fails({ url, tls: { ca, servername: 'other.example' } }, 'ERR_TLS_CERT_ALTNAME_INVALID')
  })

  test('that wants a certificate takes ours, and nobody without', async () => {
    const { url } = await aTlsRedis('yes')
    await works({ url, tls: { ca, ...client } })
    const { store } = await open({ url, tls: { ca } })
    expect(await codeOf(store.check())).toBe('store.unavailable')
  })
})

test('a Redis with users takes the one that is configured, beside the url or in it, and no other password', async () => {
  const password = 'correct:horse/@'
  const redis = await aRedis({ durable: false })
  const admin = await aClient(redis.url)
  await admin.acl('SETUSER', 'portcullis', 'on', `>${password}`, '~test:*', '&test:*', '+@all')
  await admin.acl('SETUSER', 'default', 'off')
  const username = 'portcullis'
  await works({ url: redis.url, username, password })
  await works({ url: redis.url.replace('//', `//${username}:${encodeURIComponent(password)}@`) })
  await fails({ url: redis.url, username, password: 'wrong' }, 'WRONGPASS')
})

async function aSentinel(primaryPort: number, args: readonly string[] = []) {
  const port = await freePort()
  const file = await filesOf({
    'sentinel.conf': [
      `port ${port}`,
      `bind ${LOOPBACK}`,
      `sentinel monitor main ${LOOPBACK} ${primaryPort} 1`,
      'sentinel down-after-milliseconds main 500',
      'sentinel failover-timeout main 2000',
      ...args,
    ].join('\n'),
  })
  const { connect } = await import('node:net')
  const sentinel = createServerProcess({
    name: 'Redis Sentinel',
    command: await ensureTool('redis'),
    args: [file('sentinel.conf'), '--sentinel'],
    folder: join(file('sentinel.conf'), '..'),
    isReady: () =>
      new Promise((resolve, reject) => {
        const socket = connect(port, LOOPBACK, () => resolve(true))
        socket.once('error', reject).once('close', () => socket.destroy())
        socket.once('connect', () => socket.end())
      }),
    readyTimeoutMs: 15_000,
  })
  await sentinel.start()
  onTestFinished(() => sentinel.kill())
  return `${LOOPBACK}:${port}`
}

test('sentinels say where the primary is, also after it has failed over', async () => {
  const primary = await aRedis({ durable: false })
  const replica = await aRedis({ durable: false, args: ['--replicaof', LOOPBACK, String(primary.port)] })
  const node = await aSentinel(primary.port)
  const sentinels = await aClient(`redis://${node}`)
  await expect.poll(() => sentinels.call('SENTINEL', 'replicas', 'main'), { timeout: 20_000 }).toHaveLength(1)
  // the first of the nodes is not there
  const { store } = await open({ sentinel: { master: 'main', nodes: [`${LOOPBACK}:${await freePort()}`, node] } })
  expect(await codeOf(store.check())).toBe('none')
  await primary.kill()
  await reachable(store)
  const copy = await aClient(replica.url)
  expect(await copy.exists('test:check')).toBe(1)
  expect(await copy.call('ROLE')).toContain('master')
}, 60_000)

test('a store opens while no sentinel answers, says so, and works when one does', async () => {
  const primary = await aRedis({ durable: false })
  const { store } = await open({ sentinel: { master: 'main', nodes: [`${LOOPBACK}:${await freePort()}`] } })
  expect(await codeOf(store.check())).toBe('store.unavailable')
  await works({ sentinel: { master: 'main', nodes: [await aSentinel(primary.port)] } })
})

test('TLS counts for the sentinels as well', async () => {
  const { tlsPort } = await aTlsRedis('no')
  const file = await filesOf({ ca, cert: server.cert, key: server.key })
  const sentinelPort = await freePort()
  const tls = [
    `tls-port ${sentinelPort}`,
    `tls-cert-file ${file('cert')}`,
    `tls-key-file ${file('key')}`,
    `tls-ca-cert-file ${file('ca')}`,
    'tls-auth-clients no',
    'tls-replication yes',
  ]
  await aSentinel(tlsPort, tls)
  await works({ sentinel: { master: 'main', nodes: [`${LOOPBACK}:${sentinelPort}`] }, tls: { ca } })
})
