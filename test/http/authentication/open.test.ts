/** Kind `none`: on loopback only, and not for web pages of others. */
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createAuthenticator } from '../../../src/http/authentication/authenticator.ts'
import { type Edge, post, problemOf, startEdge } from '../support/edge.ts'

const log = { info: () => {}, warn: () => {}, error: () => {} }
const create = (listen: string) =>
  createAuthenticator({ kind: 'none' }, { log, clock: { now: () => 0 }, listen, ownerOf: () => Promise.reject() })

test.each(['127.0.0.1:8080', '127.8.9.10:0', 'localhost:1', '[::1]:8080'])('serves %s', async (listen) => {
  expect((await create(listen)).kind).toBe('none')
})

test.each([
  '0.0.0.0:8080',
  '[::]:8080',
  '192.168.1.5:80',
  'example.org:80',
  '127.0.0.1.example.org:80',
  'localhost.example.org:1',
])('does not serve %s', async (listen) => {
  await expect(create(listen)).rejects.toMatchObject({ code: 'config.invalid' })
})

/** fetch does not let its caller choose Host and Origin. */
function get(edge: Edge, path: string, headers: Record<string, string>): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(edge.url + path, { headers }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (part: string) => (body += part))
      response.on('end', () => resolve({ status: response.statusCode!, body: JSON.parse(body) }))
    })
    request.on('error', reject)
    request.end()
  })
}

describe('a web page of somebody else', () => {
  test.each([
    { host: 'evil.example' },
    { host: 'evil.example:8080' },
    { host: '127.0.0.1.evil.example' },
    { host: 'localhost.evil.example:8080' },
    { host: '10.0.0.1' },
    { origin: 'http://evil.example' },
    { origin: 'https://localhost' },
    { origin: 'http://127.0.0.1:1' },
    { origin: 'null' },
    { origin: 'file://' },
  ])('is refused by %j, wherever it looks', async (headers) => {
    await using edge = await startEdge()
    for (const path of ['/health/live', '/openapi.json', '/api/v1/requests/x', '/no/such'])
      expect(await get(edge, path, headers)).toMatchObject({ status: 403, body: { code: 'request.origin' } })
  })

  test('can neither register nor open a websocket', async () => {
    await using edge = await startEdge()
    const origin = 'http://evil.example'
    const body = { userId: 'Alice', resourceId: 'file:/data/hr/', context: { purpose: '' } }
    for (const path of ['/api/v1/requests', '/palisade/api/registerDataRequest'])
      expect(await problemOf(await post(edge.url + path, body, { origin }))).toMatchObject({ code: 'request.origin' })
    expect(edge.api.registered).toEqual([])
    const token = await edge.api.requests.register({
      owner: 'Alice' as never,
      resource: 'file:/data/hr/' as never,
      context: {},
      extras: {},
    })
    for (const path of [`/resource/${token}`, `/api/v1/requests/${token}/leaves/stream`]) {
      const socket = edge.socket(path, { origin })
      await expect(socket.opened).rejects.toThrow('Unexpected server response: 403')
    }
  })

  test('is refused when it names no host at all', async () => {
    await using edge = await startEdge()
    const answer = await new Promise<string>((resolve, reject) => {
      let text = ''
      const socket = connect(Number(edge.host.split(':')[1]), '127.0.0.1', () =>
        socket.write('GET /health/live HTTP/1.0\r\n\r\n'),
      )
      socket.setEncoding('utf8').on('data', (part: string) => (text += part))
      socket.on('end', () => resolve(text))
      socket.on('error', reject)
    })
    expect(answer).toMatch(/^HTTP\/1\.1 403 /u)
  })
})

test('its own page is served, by whichever name of loopback it is called', async () => {
  await using edge = await startEdge()
  const port = edge.host.split(':')[1]
  for (const host of [edge.host, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`, '127.0.0.1'])
    for (const headers of [{ host }, { host, origin: `http://${host.toLowerCase()}` }])
      expect(await get(edge, '/health/live', headers)).toMatchObject({ status: 200 })
})

test('everybody may see the status', async () => {
  await using edge = await startEdge({ checks: { store: async () => {} } })
  expect(await get(edge, '/api/v1/status', {})).toEqual({
    status: 200,
    body: { status: 'ready', checks: { store: 'ok' }, revision: 'r1' },
  })
})
