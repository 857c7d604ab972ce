/** State, leaves and revocation over real HTTP and real websockets. */
import { randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { PortcullisError } from '../../src/domain/errors.ts'
import { type Edge, post, problemOf, startEdge } from './support/edge.ts'
import { completeItem, errorItem, leafItem } from './support/memory-api.ts'

const requests = '/api/v1/requests'

async function register(edge: Edge): Promise<string> {
  const body = { userId: 'Alice', resourceId: 'file:/data/hr/', context: { purpose: 'SALARY' } }
  const response = await post(edge.url + requests, body)
  return ((await response.json()) as { token: string }).token
}

const shownLeaf = (position: number) => ({
  kind: 'leaf',
  position,
  leaf: {
    id: `file:/data/hr/leaf${position}.avro`,
    mediaType: 'avro/binary',
    recordType: 'a.b.Employee',
    attributes: {},
  },
})
const shownError = (position: number) => ({
  kind: 'error',
  position,
  failure: { code: 'user.unknown', message: 'The user is not known here.' },
})
const unknownToken = { status: 404, code: 'token.unknown', detail: 'There is no such request, or it has ended.' }

describe('the state of a request', () => {
  test('says what was asked, until when it lives, and how far it is', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    edge.api.put(token, leafItem(0), errorItem(1))
    const state = {
      userId: 'Alice',
      resourceId: 'file:/data/hr/',
      context: { purpose: 'SALARY' },
      registeredAt: '1970-01-01T00:00:00.000Z',
      expiresAt: '1970-01-01T01:00:00.000Z',
      complete: false,
      items: 2,
    }
    expect(await (await fetch(`${edge.url}${requests}/${token}`)).json()).toEqual(state)
    edge.api.put(token, completeItem(2))
    expect(await (await fetch(`${edge.url}${requests}/${token}`)).json()).toEqual({ ...state, complete: true })
  })

  test.each(['', '/leaves'])(
    'of a token that is unknown, revoked or no token at all is the same 404 (%j)',
    async (what) => {
      await using edge = await startEdge()
      const token = await register(edge)
      const revoked = await fetch(`${edge.url}${requests}/${token}`, { method: 'DELETE' })
      expect([revoked.status, await revoked.text()]).toEqual([204, ''])
      for (const one of [token, randomUUID(), 'no-token', token.toUpperCase(), '%00', 'a%2Fb'])
        expect(await problemOf(await fetch(`${edge.url}${requests}/${one}${what}`))).toEqual(unknownToken)
      expect(await problemOf(await fetch(`${edge.url}${requests}/${token}`, { method: 'DELETE' }))).toEqual(
        unknownToken,
      )
    },
  )
})

describe('the leaves as lines', () => {
  test('come as they are found and end with complete; the ledger’s own index does not show', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    edge.api.put(token, leafItem(0))
    const response = await fetch(`${edge.url}${requests}/${token}/leaves`)
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader.read()).value).toBe(`${JSON.stringify(shownLeaf(0))}\n`)
    edge.api.put(token, errorItem(1))
    expect((await reader.read()).value).toBe(`${JSON.stringify(shownError(1))}\n`)
    edge.api.put(token, completeItem(2))
    expect((await reader.read()).value).toBe('{"kind":"complete","position":2}\n')
    expect((await reader.read()).done).toBe(true)
  })

  test('begin at the position asked for', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    edge.api.put(token, leafItem(0), leafItem(1), completeItem(2))
    const text = await (await fetch(`${edge.url}${requests}/${token}/leaves?from=1`)).text()
    expect(text).toBe(`${JSON.stringify(shownLeaf(1))}\n{"kind":"complete","position":2}\n`)
  })

  test.each([
    ['from=-1', 'from: is not valid'],
    ['from=x', 'from: is not valid'],
    ['from=1.5', 'from: is not valid'],
    ['from=', 'from: is not valid'],
    ['from=1&from=2', 'from: must be a string'],
    ['form=1', 'form: is not known here'],
  ])('do not begin at ?%s', async (query, detail) => {
    await using edge = await startEdge()
    const token = await register(edge)
    const response = await fetch(`${edge.url}${requests}/${token}/leaves?${query}`)
    expect(await problemOf(response)).toEqual({ status: 400, code: 'request.invalid', detail })
    expect(edge.api.signals).toEqual([])
  })

  test('show signs of life while there is nothing to say', async () => {
    await using edge = await startEdge({ heartbeatMs: 20 })
    const token = await register(edge)
    const response = await fetch(`${edge.url}${requests}/${token}/leaves`)
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader.read()).value).toMatch(/^\n+$/u)
    edge.api.put(token, completeItem(0))
    let text = ''
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value
    expect(text.trim()).toBe('{"kind":"complete","position":0}')
  })

  test('are cut, not ended, when the request is revoked in the middle', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    edge.api.put(token, leafItem(0))
    const response = await fetch(`${edge.url}${requests}/${token}/leaves`)
    const body = response.text()
    body.catch(() => undefined)
    await fetch(`${edge.url}${requests}/${token}`, { method: 'DELETE' })
    await expect(body).rejects.toThrow('terminated')
    expect((await fetch(`${edge.url}/health/live`)).status).toBe(200)
  })

  test('are cut, and the log says why, when the store breaks in the middle', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    edge.api.put(token, leafItem(0))
    const response = await fetch(`${edge.url}${requests}/${token}/leaves`)
    edge.api.break(token, new PortcullisError('store.unavailable'))
    await expect(response.text()).rejects.toThrow('terminated')
    expect(edge.log.filter(({ event }) => event === 'http.fault')).toMatchObject([
      { fields: { err: { code: 'store.unavailable' } } },
    ])
  })

  test('answer request.lost as a problem', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    edge.api.failNext(new PortcullisError('request.lost'))
    expect(await problemOf(await fetch(`${edge.url}${requests}/${token}/leaves`))).toMatchObject({
      status: 410,
      code: 'request.lost',
    })
  })

  test('stop being followed when the client goes away', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    const leaving = new AbortController()
    await fetch(`${edge.url}${requests}/${token}/leaves`, { signal: leaving.signal })
    expect(edge.api.signals.map(({ aborted }) => aborted)).toEqual([false])
    leaving.abort()
    await until(() => edge.api.signals[0]!.aborted)
  })
})

describe('the leaves on a websocket', () => {
  test('are the same items, and the socket closes after complete', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    edge.api.put(token, leafItem(0))
    const socket = edge.socket(`${requests}/${token}/leaves/stream`)
    expect(await socket.next()).toEqual(shownLeaf(0))
    edge.api.put(token, errorItem(1), completeItem(2))
    expect(await socket.next()).toEqual(shownError(1))
    expect(await socket.next()).toEqual({ kind: 'complete', position: 2 })
    expect(await socket.closed).toBe(1000)
  })

  test('begin at the position asked for', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    edge.api.put(token, leafItem(0), leafItem(1), completeItem(2))
    const socket = edge.socket(`${requests}/${token}/leaves/stream?from=2`)
    expect(await socket.next()).toEqual({ kind: 'complete', position: 2 })
  })

  test('of an unknown token are one problem and a close', async () => {
    await using edge = await startEdge()
    for (const token of [randomUUID(), 'no-token']) {
      const socket = edge.socket(`${requests}/${token}/leaves/stream`)
      expect(await socket.next()).toMatchObject({ kind: 'problem', problem: unknownToken })
      expect(await socket.closed).toBe(1008)
    }
  })

  test('end with a problem when the request is revoked in the middle', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    edge.api.put(token, leafItem(0))
    const socket = edge.socket(`${requests}/${token}/leaves/stream`)
    await socket.next()
    await fetch(`${edge.url}${requests}/${token}`, { method: 'DELETE' })
    expect(await socket.next()).toMatchObject({ kind: 'problem', problem: unknownToken })
    expect(await socket.closed).toBe(1008)
  })

  test('end with a problem, and the log says why, when the store breaks in the middle', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    edge.api.put(token, leafItem(0))
    const socket = edge.socket(`${requests}/${token}/leaves/stream`)
    await socket.next()
    edge.api.break(token, new PortcullisError('store.unavailable'))
    expect(await socket.next()).toMatchObject({ kind: 'problem', problem: { status: 503, code: 'store.unavailable' } })
    expect(await socket.closed).toBe(1008)
    expect(edge.log.filter(({ event }) => event === 'http.fault')).toHaveLength(1)
  })

  test('refuse what is larger than a frame may be, and stop being followed', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    edge.api.put(token, leafItem(0))
    const socket = edge.socket(`${requests}/${token}/leaves/stream`)
    await socket.next()
    socket.send('x'.repeat(70_000))
    expect(await socket.closed).toBe(1009)
    await until(() => edge.api.signals[0]!.aborted)
  })

  test('are let go when the client answers no ping', async () => {
    await using edge = await startEdge({ heartbeatMs: 30 })
    const token = await register(edge)
    const socket = edge.socket(`${requests}/${token}/leaves/stream`)
    await socket.opened
    // a client that no longer reads answers nothing
    socket.socket.pause()
    await until(() => edge.api.signals[0]?.aborted === true)
  })

  test('are not there for a request that is no websocket', async () => {
    await using edge = await startEdge()
    const response = await fetch(`${edge.url}${requests}/${randomUUID()}/leaves/stream`)
    expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket'])
  })
})

describe('when the server stops', () => {
  test('lines are cut, websockets are told, and it ends', async () => {
    const edge = await startEdge()
    const token = await register(edge)
    edge.api.put(token, leafItem(0))
    const response = await fetch(`${edge.url}${requests}/${token}/leaves`)
    const body = response.text()
    body.catch(() => undefined)
    const socket = edge.socket(`${requests}/${token}/leaves/stream`)
    await socket.next()
    await edge.app.close()
    expect(await socket.closed).toBe(1001)
    await expect(body).rejects.toThrow('terminated')
  })

  test('a websocket client that no longer answers does not hold it', async () => {
    const edge = await startEdge({ closeGraceMs: 50 })
    const token = await register(edge)
    const socket = edge.socket(`${requests}/${token}/leaves/stream`)
    await socket.opened
    socket.socket.pause()
    await edge.app.close()
    socket.socket.terminate()
  })
})

test('a path that is not there is a problem like any other', async () => {
  await using edge = await startEdge()
  const response = await fetch(`${edge.url}/no/such/path`)
  expect(await response.json()).toEqual({
    type: 'urn:portcullis:error:request.not_found',
    title: 'There is nothing at this address.',
    status: 404,
    detail: 'There is nothing at this address.',
    code: 'request.not_found',
    instance: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/u),
  })
})

test('services that do not run in this process have no routes', async () => {
  await using edge = await startEdge({ services: ['data'] })
  const unknown = { code: 'request.not_found' }
  expect(await problemOf(await post(edge.url + requests, {}))).toMatchObject(unknown)
  expect(await problemOf(await fetch(`${edge.url}${requests}/${randomUUID()}/leaves`))).toMatchObject(unknown)
  expect(await problemOf(await post(`${edge.url}/palisade/api/registerDataRequest`, {}))).toMatchObject(unknown)
  expect(await problemOf(await post(`${edge.url}/data/read/chunked`, {}))).toMatchObject({ code: 'request.invalid' })
})

test('neither a token nor an address gets into the log, but the token’s hash and the route’s pattern do', async () => {
  await using edge = await startEdge()
  const token = await register(edge)
  edge.api.put(token, completeItem(0))
  await (await fetch(`${edge.url}${requests}/${token}/leaves?from=0`)).text()
  await post(`${edge.url}/data/read/chunked`, { token, leafResourceId: 'file:/data/hr/secret-name.avro' })
  await fetch(`${edge.url}/no/such/secret-path/${token}?q=secret-query`)
  const socket = edge.socket(`/filteredResource/resource/${token}`)
  await socket.opened
  socket.socket.close()
  await until(() => edge.log.length >= 4)
  const text = JSON.stringify(edge.log)
  expect(text).not.toContain(token)
  expect(text).not.toContain('secret')
  const hash = edge.log[0]?.fields.tokenHash
  expect(hash).toMatch(/^[0-9a-f]{32}$/u)
  expect(
    edge.log.slice(0, 4).map(({ fields }) => [fields.method, fields.route, fields.status, fields.tokenHash]),
  ).toEqual([
    ['POST', '/api/v1/requests', 201, hash],
    ['GET', '/api/v1/requests/:token/leaves', 200, hash],
    ['POST', '/data/read/chunked', 403, hash],
    ['GET', '(none)', 404, undefined],
  ])
})

test('what is no HTTP, and headers without end, are refused and do not disturb others', async () => {
  await using edge = await startEdge()
  const { status, body } = await new Promise<{ status: number; body: string }>((resolve, reject) => {
    const request = httpRequest(edge.url, { headers: { 'x-long': 'x'.repeat(20_000) } }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => resolve({ status: response.statusCode!, body: text }))
    })
    request.on('error', reject)
    request.end()
  })
  expect(status).toBe(431)
  expect(JSON.parse(body)).toMatchObject({ status: 431, code: 'request.invalid' })
  expect((await fetch(`${edge.url}/health/live`)).status).toBe(200)
})

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5)
}
