/** Limits on real connections: who comes too often is told when to come again, and the audit log has a sum. */
import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { PortcullisError } from '../../../src/domain/errors.ts'
import { createRateLimits, type Limited } from '../../../src/http/rate/rate-limits.ts'
import type { Refusal } from '../../../src/http/refusals.ts'
import { type EdgeOptions, post, problemOf, startEdge } from '../support/edge.ts'
import { startIssuer } from '../support/issuer.ts'

const body = { resourceId: 'file:/data/hr/', context: { purpose: 'SALARY' } }
const silent = { info() {}, warn() {}, error() {} }

/** An edge whose window lasts until the limits are disposed of. */
async function startLimited(
  options: EdgeOptions & { readonly rates: Parameters<typeof createRateLimits>[0]['rates'] },
) {
  const { rates = {}, ...rest } = options
  const issuer = await startIssuer()
  const refusals: Refusal[] = []
  const sums: Limited[] = []
  const time = { passed: 0 }
  const rateLimits = createRateLimits({
    rates,
    now: () => time.passed,
    record: async (limited) => void sums.push(...limited),
    log: silent,
  })
  const edge = await startEdge({
    authentication: issuer.authentication(),
    refused: async (refusal) => void refusals.push(refusal),
    rateLimits,
    ...rest,
  })
  return {
    issuer,
    edge,
    url: `${edge.url}/api/v1/requests`,
    refusals,
    time,
    counts: () => rateLimits.counts(),
    async sums() {
      await rateLimits[Symbol.asyncDispose]()
      return sums
    },
    async [Symbol.asyncDispose]() {
      await edge[Symbol.asyncDispose]()
      await issuer[Symbol.asyncDispose]()
    },
  }
}

describe('failed authentication', () => {
  const rates = { failedAuthentication: { perMinute: 60, burst: 3 } }

  test('is recorded call by call up to the limit, and beyond it once as a sum', async () => {
    await using limited = await startLimited({ rates })
    const { url } = limited
    const statuses: number[] = []
    for (let call = 0; call < 10; call++) statuses.push((await post(url, body)).status)
    expect(statuses).toEqual([401, 401, 401, ...Array<number>(7).fill(429)])
    const last = await fetch(`${url}/${randomUUID()}`, { headers: { authorization: 'Bearer x.y.z' } })
    expect([last.status, last.headers.get('retry-after'), last.headers.get('content-type')]).toEqual([
      429,
      '1',
      'application/problem+json',
    ])
    expect(last.headers.get('www-authenticate')).toBeNull()
    expect(await problemOf(last)).toEqual({
      status: 429,
      code: 'request.rate',
      detail: 'Too many calls from this address were refused. Try again in 1 second.',
    })
    expect(limited.refusals.map(({ code }) => code)).toEqual(Array(3).fill('auth.missing'))
    expect(limited.counts()).toEqual({ failedAuthentication: 8, registrations: 0, reads: 0 })
    expect(await limited.sums()).toEqual([{ limit: 'failedAuthentication', calls: 8, key: { client: '127.0.0.1' } }])
    limited.time.passed += 1000
    expect((await post(url, body)).status).toBe(401)
  })

  test('of one keeps nobody with a valid token from the same address out', async () => {
    await using limited = await startLimited({ rates })
    for (let call = 0; call < 5; call++) await post(limited.url, body)
    expect((await post(limited.url, body, await limited.issuer.bearer('Alice'))).status).toBe(201)
  })

  test('is limited where many come at the same moment', async () => {
    await using limited = await startLimited({ rates })
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => post(limited.url, body, { authorization: 'Bearer x.y.z' })),
    )
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(3)
    expect(limited.refusals).toHaveLength(3)
  })

  test('refuses the upgrade of a websocket as it refuses any call', async () => {
    await using limited = await startLimited({ rates })
    const path = `/api/v1/requests/${randomUUID()}/leaves/stream`
    const refusedWith = (): Promise<number | undefined> =>
      new Promise((resolve) => {
        const { socket, opened } = limited.edge.socket(path)
        opened.catch(() => undefined)
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode))
      })
    const statuses: unknown[] = []
    for (let call = 0; call < 4; call++) statuses.push(await refusedWith())
    expect(statuses).toEqual([401, 401, 401, 429])
  })

  test('counts a user who is known for that user: calls for others, and without a role', async () => {
    await using limited = await startLimited({ rates })
    const eve = await limited.issuer.bearer('Eve')
    for (let call = 0; call < 4; call++) await post(limited.url, { ...body, userId: 'Bob' }, eve)
    const statuses: number[] = []
    for (let call = 0; call < 5; call++) {
      const headers = await limited.issuer.bearer('Bob')
      statuses.push((await fetch(`${limited.edge.url}/api/v1/status`, { headers })).status)
    }
    expect(statuses).toEqual([403, 403, 403, 429, 429])
    expect((await post(limited.url, body)).status).toBe(401)
    expect(await limited.sums()).toEqual([
      { limit: 'failedAuthentication', calls: 1, key: { userId: 'Eve' } },
      { limit: 'failedAuthentication', calls: 2, key: { userId: 'Bob' } },
    ])
  })
})

describe('the client’s address', () => {
  const rates = { failedAuthentication: { perMinute: 60, burst: 1 } }
  const from = (client: string) => ({ 'x-forwarded-for': client })

  test('comes from X-Forwarded-For where a configured proxy sends it', async () => {
    await using limited = await startLimited({ rates, trustedProxies: ['127.0.0.0/8'] })
    const { url } = limited
    expect((await post(url, body, from('203.0.113.7'))).status).toBe(401)
    expect((await post(url, body, from('203.0.113.8'))).status).toBe(401)
    // what a client puts in front itself makes it nobody else
    expect((await post(url, body, from('198.51.100.1, 203.0.113.7'))).status).toBe(429)
    expect((await post(url, body, from('no address'))).status).toBe(401)
    expect(await limited.sums()).toEqual([{ limit: 'failedAuthentication', calls: 1, key: { client: '203.0.113.7' } }])
  })

  test('never comes from X-Forwarded-For otherwise', async () => {
    await using limited = await startLimited({ rates })
    expect((await post(limited.url, body, from('203.0.113.7'))).status).toBe(401)
    expect((await post(limited.url, body, from('203.0.113.8'))).status).toBe(429)
  })
})

describe('a user', () => {
  test('who registers too often is told so; others are not, and reads have a limit of their own', async () => {
    await using limited = await startLimited({
      rates: { registrations: { perMinute: 2, burst: 2 }, reads: { perMinute: 60, burst: 1 } },
    })
    const { url, issuer } = limited
    const [alice, bob] = [await issuer.bearer('Alice'), await issuer.bearer('Bob')]
    const { token } = (await (await post(url, body, alice)).json()) as { token: string }
    // the predecessor's registration is one as well
    const palisade = await post(
      `${limited.edge.url}/palisade/api/registerDataRequest`,
      { ...body, userId: 'Alice' },
      alice,
    )
    expect(palisade.status).toBe(202)
    const third = await post(url, body, alice)
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '30'])
    expect((await post(url, body, bob)).status).toBe(201)
    const state = () => fetch(`${url}/${token}`, { headers: alice })
    expect([(await state()).status, (await state()).status]).toEqual([200, 429])
    expect(limited.edge.api.registered).toHaveLength(3)
    expect(await limited.sums()).toEqual([
      { limit: 'registrations', calls: 1, key: { userId: 'Alice' } },
      { limit: 'reads', calls: 1, key: { userId: 'Alice' } },
    ])
  })

  test('whom nobody authenticated has no limit: only this machine can call', async () => {
    const rateLimits = createRateLimits({ rates: { registrations: { perMinute: 1, burst: 1 } }, log: silent })
    await using edge = await startEdge({ rateLimits })
    for (let call = 0; call < 3; call++)
      expect((await post(`${edge.url}/api/v1/requests`, { ...body, userId: 'Alice' })).status).toBe(201)
  })
})

describe('the record of what limits refused', () => {
  const client = (name: string) => ({ client: name })

  test('is written once a window', async () => {
    const windows: (readonly Limited[])[] = []
    await using limits = createRateLimits({
      rates: { failedAuthentication: { perMinute: 1, burst: 1 } },
      record: async (limited) => void windows.push(limited),
      log: silent,
      windowMs: 50,
    })
    const take = () => expect(() => limits.take('failedAuthentication', client('a'))).toThrow(PortcullisError)
    limits.take('failedAuthentication', client('a'))
    for (let call = 0; call < 3; call++) take()
    await expect.poll(() => windows).toHaveLength(1)
    take()
    await expect.poll(() => windows).toHaveLength(2)
    expect(windows.map(([one]) => one!.calls)).toEqual([3, 1])
  })

  test('that fails is made up for with the next', async () => {
    const written: Limited[] = []
    let works = false
    await using limits = createRateLimits({
      rates: { reads: { perMinute: 1, burst: 1 } },
      async record(limited) {
        if (!works) throw new PortcullisError('audit.failed')
        written.push(...limited)
      },
      log: { ...silent, error: () => void (works = true) },
      windowMs: 20,
    })
    limits.take('reads', { userId: 'Alice' })
    for (let call = 0; call < 4; call++) expect(() => limits.take('reads', { userId: 'Alice' })).toThrow()
    await expect.poll(() => written).toEqual([{ limit: 'reads', calls: 4, key: { userId: 'Alice' } }])
  })

  test('has no more lines than it may have, whoever calls: the rest is one sum', async () => {
    const written: Limited[] = []
    const limits = createRateLimits({
      rates: { failedAuthentication: { perMinute: 1, burst: 1 } },
      record: async (limited) => void written.push(...limited),
      log: silent,
    })
    for (let number = 0; number < 1500; number++) {
      limits.take('failedAuthentication', client(`${number}`))
      expect(() => limits.take('failedAuthentication', client(`${number}`))).toThrow()
    }
    await limits[Symbol.asyncDispose]()
    expect(written).toHaveLength(1001)
    expect(written.at(-1)).toEqual({ limit: 'failedAuthentication', calls: 500 })
  })
})
