/** Bearer tokens of a real identity provider: whose they are, and what is refused. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exportSPKI, importJWK, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { createTempFolder } from '../../support/temp-folder.ts'
import { type Edge, post, problemOf, startEdge } from '../support/edge.ts'
import { audience, startIssuer, unsigned } from '../support/issuer.ts'
import { completeItem, leafItem } from '../support/memory-api.ts'

const asked = { resourceId: 'file:/data/hr/', context: { purpose: 'SALARY' } }
const requests = '/api/v1/requests'
type Headers = Record<string, string>

async function register(edge: Edge, headers: Headers): Promise<string> {
  const response = await post(edge.url + requests, asked, headers)
  expect(response.status).toBe(201)
  return ((await response.json()) as { token: string }).token
}

describe('the user', () => {
  test('is the subject of the bearer token, in both protocols', async () => {
    await using issuer = await startIssuer()
    await using edge = await startEdge({ authentication: issuer.authentication() })
    const alice = await issuer.bearer('Alice')
    expect((await post(edge.url + requests, asked, alice)).status).toBe(201)
    expect((await post(edge.url + requests, { ...asked, userId: 'Alice' }, alice)).status).toBe(201)
    const palisade = `${edge.url}/palisade/api/registerDataRequest`
    expect((await post(palisade, { ...asked, userId: 'Alice' }, alice)).status).toBe(202)
    expect(edge.api.registered.map(({ owner }) => owner)).toEqual(['Alice', 'Alice', 'Alice'])
  })

  test('is nobody else, whatever the body says', async () => {
    await using issuer = await startIssuer()
    await using edge = await startEdge({ authentication: issuer.authentication() })
    const body = { ...asked, userId: 'Bob' }
    const alice = await issuer.bearer('Alice')
    for (const path of [requests, '/palisade/api/registerDataRequest', '/api/registerDataRequest'])
      expect(await problemOf(await post(edge.url + path, body, alice))).toMatchObject({
        status: 403,
        code: 'auth.other_user',
      })
    expect(edge.api.registered).toEqual([])
  })

  test('sees a token of another as one that does not exist, wherever it is used', async () => {
    await using issuer = await startIssuer()
    await using edge = await startEdge({ authentication: issuer.authentication() })
    const [alice, bob] = [await issuer.bearer('Alice'), await issuer.bearer('Bob')]
    const token = await register(edge, alice)
    edge.api.put(token, leafItem(0), completeItem(1))
    edge.api.bytes('file:/data/hr/leaf0.avro', async function* () {
      yield Buffer.from('x')
    })
    const unknown = { status: 404, code: 'token.unknown' }
    const at = `${edge.url}${requests}/${token}`
    expect(await problemOf(await fetch(at, { headers: bob }))).toMatchObject(unknown)
    expect(await problemOf(await fetch(`${at}/leaves`, { headers: bob }))).toMatchObject(unknown)
    expect(await problemOf(await fetch(at, { method: 'DELETE', headers: bob }))).toMatchObject(unknown)
    const leafId = 'file:/data/hr/leaf0.avro'
    expect(await problemOf(await post(`${at}/read`, { leafId }, bob))).toMatchObject(unknown)
    const palisadeRead = { token, leafResourceId: leafId }
    expect((await post(`${edge.url}/data/read/chunked`, palisadeRead, bob)).status).toBe(403)
    const socket = edge.socket(`/filteredResource/resource/${token}`, bob)
    await socket.opened
    socket.send({ type: 'CTS' })
    expect(await socket.next()).toMatchObject({ type: 'ERROR' })
    socket.send({ type: 'CTS' })
    expect(await socket.next()).toMatchObject({ type: 'COMPLETE' })

    expect((await fetch(at, { headers: alice })).status).toBe(200)
    expect((await post(`${edge.url}/data/read/chunked`, palisadeRead, alice)).status).toBe(200)
    const own = edge.socket(`/filteredResource/resource/${token}`, alice)
    await own.opened
    own.send({ type: 'CTS' })
    expect(await own.next()).toMatchObject({ type: 'RESOURCE' })
  })
})

describe('without a bearer token', () => {
  test('every call is 401 and says how to authenticate, before the body is looked at', async () => {
    await using issuer = await startIssuer()
    await using edge = await startEdge({ authentication: issuer.authentication() })
    const token = '2a7ef2f0-3f6b-4d68-9df3-0f8a5a3a1f10'
    const calls = [
      ['POST', requests],
      ['GET', `${requests}/${token}`],
      ['DELETE', `${requests}/${token}`],
      ['GET', `${requests}/${token}/leaves`],
      ['GET', `${requests}/${token}/leaves/stream`],
      ['POST', `${requests}/${token}/read`],
      ['POST', '/palisade/api/registerDataRequest'],
      ['POST', '/api/registerDataRequest'],
      ['GET', `/filteredResource/resource/${token}`],
      ['GET', `/resource/${token}`],
      ['POST', '/data/read/chunked'],
      ['POST', '/read/chunked'],
      ['GET', '/api/v1/status'],
    ] as const
    for (const [method, path] of calls) {
      const response = await fetch(edge.url + path, { method, ...(method === 'POST' ? { body: '{' } : {}) })
      expect([path, await problemOf(response)]).toEqual([
        path,
        { status: 401, code: 'auth.missing', detail: 'A bearer token is needed.' },
      ])
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="portcullis"')
    }
    expect(edge.api.registered).toEqual([])
  })

  test('health, the OpenAPI document and its page answer', async () => {
    await using issuer = await startIssuer()
    await using edge = await startEdge({ authentication: issuer.authentication() })
    for (const path of ['/health/live', '/health/ready', '/openapi.json', '/docs/'])
      expect([path, (await fetch(edge.url + path)).status]).toEqual([path, 200])
  })

  test.each([
    '/filteredResource/resource/2a7ef2f0-3f6b-4d68-9df3-0f8a5a3a1f10',
    '/api/v1/requests/2a7ef2f0-3f6b-4d68-9df3-0f8a5a3a1f10/leaves/stream',
  ])('no websocket is opened: %s', async (path) => {
    await using issuer = await startIssuer()
    await using edge = await startEdge({ authentication: issuer.authentication() })
    for (const headers of [{}, { authorization: 'Bearer x.y.z' }, await issuer.bearer('Alice', { aud: 'other' })]) {
      const socket = edge.socket(path, headers as Headers)
      await expect(socket.opened).rejects.toThrow('Unexpected server response: 401')
    }
  })
})

describe('a bearer token is refused', () => {
  test.each([
    ['of another issuer', { iss: 'http://other' }, "The bearer token's claim iss is missing or not accepted here."],
    ['for another audience', { aud: 'other' }, "The bearer token's claim aud is missing or not accepted here."],
    ['without an audience', { aud: undefined }, "The bearer token's claim aud is missing or not accepted here."],
    ['without an expiry', { exp: undefined }, "The bearer token's claim exp is missing or not accepted here."],
    ['that has expired', { exp: 1_000 }, 'The bearer token has expired.'],
    ['of the future', { nbf: 99_999_999_999 }, "The bearer token's claim nbf is missing or not accepted here."],
    ['without a subject', { sub: undefined }, "The bearer token's claim sub is missing or not accepted here."],
    ['with an empty subject', { sub: '' }, "The bearer token's claim sub is missing or not accepted here."],
    [
      'with a subject of control characters',
      { sub: 'a\nb' },
      "The bearer token's claim sub is missing or not accepted here.",
    ],
    [
      'with a subject that is no string',
      { sub: ['Alice'] },
      "The bearer token's claim sub is missing or not accepted here.",
    ],
  ])('%s', async (_what, claims, detail) => {
    await using issuer = await startIssuer()
    await using edge = await startEdge({ authentication: issuer.authentication() })
    const response = await post(edge.url + requests, asked, await issuer.bearer('Alice', claims))
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="portcullis", error="invalid_token"')
    expect(await problemOf(response)).toEqual({ status: 401, code: 'auth.invalid', detail })
  })

  test('without a signature, or signed by the public key as if it were a secret', async () => {
    await using issuer = await startIssuer()
    await using edge = await startEdge({ authentication: issuer.authentication() })
    const payload = { iss: issuer.server.issuer.url!, aud: audience, sub: 'Alice', exp: 99_999_999_999 }
    const jwk = issuer.publicKeys().keys[0]!
    const pem = await exportSPKI((await importJWK({ ...jwk, alg: 'RS256' })) as Parameters<typeof exportSPKI>[0])
    const confused = await new SignJWT(payload)
      .setProtectedHeader({ alg: 'HS256', kid: String(jwk.kid) })
      .sign(new TextEncoder().encode(pem))
    for (const headers of [unsigned(payload), { authorization: `Bearer ${confused}` }])
      expect(await problemOf(await post(edge.url + requests, asked, headers))).toMatchObject({ code: 'auth.invalid' })
  })

  test('signed by another’s key, altered, or not a token at all', async () => {
    await using issuer = await startIssuer()
    await using stranger = await startIssuer()
    await using edge = await startEdge({ authentication: issuer.authentication() })
    const alice = (await issuer.bearer('Alice')).authorization!
    const foreign = await stranger.bearer('Alice', { iss: issuer.server.issuer.url })
    const altered = alice.replace(/\.[^.]+\./u, `.${Buffer.from('{"sub":"Bob"}').toString('base64url')}.`)
    for (const authorization of [foreign.authorization!, altered, 'Bearer x', 'Bearer a.b.c'])
      expect(await problemOf(await post(edge.url + requests, asked, { authorization }))).toEqual({
        status: 401,
        code: 'auth.invalid',
        detail: 'The bearer token is not valid.',
      })
    for (const authorization of ['Basic QWxpY2U6eA==', alice.slice(7), 'Bearer', 'Bearer a b'])
      expect(await problemOf(await post(edge.url + requests, asked, { authorization }))).toMatchObject({
        status: 401,
        code: 'auth.missing',
      })
  })

  test('signed with an algorithm that is not configured', async () => {
    await using issuer = await startIssuer('ES384')
    await using strict = await startEdge({ authentication: issuer.authentication() })
    await using open = await startEdge({ authentication: issuer.authentication({ algorithms: ['ES384'] }) })
    const alice = await issuer.bearer('Alice')
    expect((await post(strict.url + requests, asked, alice)).status).toBe(401)
    expect((await post(open.url + requests, asked, alice)).status).toBe(201)
  })

  test('beyond the clock tolerance, and not within it', async () => {
    await using issuer = await startIssuer()
    const now = Date.now()
    await using edge = await startEdge({
      authentication: issuer.authentication({ clockToleranceSeconds: 60 }),
      now: () => now,
    })
    const seconds = Math.floor(now / 1000)
    const within = await issuer.bearer('Alice', { exp: seconds - 50 })
    const beyond = await issuer.bearer('Alice', { exp: seconds - 70 })
    expect((await post(edge.url + requests, asked, within)).status).toBe(201)
    expect((await post(edge.url + requests, asked, beyond)).status).toBe(401)
  })
})

describe('the operator role', () => {
  test('is needed for the status', async () => {
    await using issuer = await startIssuer()
    await using edge = await startEdge({ authentication: issuer.authentication({ operatorRole: 'ops' }) })
    const status = async (claims: object) =>
      fetch(`${edge.url}/api/v1/status`, { headers: await issuer.bearer('Olga', claims as Record<string, unknown>) })
    expect(await (await status({ roles: ['x', 'ops'] })).json()).toEqual({
      status: 'ready',
      checks: {},
      revision: 'r1',
    })
    for (const claims of [{}, { roles: [] }, { roles: 'ops' }, { roles: { ops: true } }, { ops: ['ops'] }])
      expect(await problemOf(await status(claims))).toMatchObject({ status: 403, code: 'auth.role' })
  })

  test('is found where the configuration says, also further down or in a claim named with dots', async () => {
    await using issuer = await startIssuer()
    for (const [rolesClaim, claims] of [
      ['realm_access.roles', { realm_access: { roles: ['ops'] } }],
      ['https://example.org/roles', { 'https://example.org/roles': ['ops'] }],
    ] as const) {
      await using edge = await startEdge({ authentication: issuer.authentication({ operatorRole: 'ops', rolesClaim }) })
      const headers = await issuer.bearer('Olga', claims)
      expect((await fetch(`${edge.url}/api/v1/status`, { headers })).status).toBe(200)
    }
  })

  test('is nobody’s where none is configured', async () => {
    await using issuer = await startIssuer()
    await using edge = await startEdge({ authentication: issuer.authentication() })
    const headers = await issuer.bearer('Olga', { roles: ['operator', 'undefined', null] })
    expect(await problemOf(await fetch(`${edge.url}/api/v1/status`, { headers }))).toMatchObject({ code: 'auth.role' })
  })
})

describe('keys', () => {
  test('come from a file, and a changed file is taken up', async () => {
    await using issuer = await startIssuer()
    await using folder = await createTempFolder('jwks')
    const file = join(folder.path, 'keys.json')
    await writeFile(file, JSON.stringify(issuer.publicKeys()))
    let now = Date.now()
    await using edge = await startEdge({ authentication: issuer.authentication({ keys: { file } }), now: () => now })
    expect((await post(edge.url + requests, asked, await issuer.bearer('Alice'))).status).toBe(201)
    const { kid } = await issuer.server.issuer.keys.generate('RS256', { kid: 'second' })
    const bySecond = await issuer.bearer('Alice', {}, kid)
    expect((await post(edge.url + requests, asked, bySecond)).status).toBe(401)
    await writeFile(file, JSON.stringify(issuer.publicKeys()))
    now += 2_000
    expect((await post(edge.url + requests, asked, bySecond)).status).toBe(201)
    await writeFile(file, JSON.stringify({ keys: [] }))
    now += 11_000
    expect((await post(edge.url + requests, asked, bySecond)).status).toBe(401)
  })

  test.each(['missing', 'no JSON', 'no key set'])(
    'from a file that is %s make every call 503, and the next with the file serves',
    async (what) => {
      await using issuer = await startIssuer()
      await using folder = await createTempFolder('jwks')
      const file = join(folder.path, 'keys.json')
      if (what !== 'missing') await writeFile(file, what === 'no JSON' ? '{' : '{"keys":7}')
      let now = Date.now()
      await using edge = await startEdge({ authentication: issuer.authentication({ keys: { file } }), now: () => now })
      const alice = await issuer.bearer('Alice')
      const refused = await post(edge.url + requests, asked, alice)
      expect(refused.headers.get('retry-after')).toBe('1')
      expect(await problemOf(refused)).toEqual({
        status: 503,
        code: 'auth.unavailable',
        detail: 'The keys that bearer tokens are verified with cannot be reached. Try again.',
      })
      expect(edge.log.some(({ event }) => event === 'authentication.keys_unreachable')).toBe(true)
      await writeFile(file, JSON.stringify(issuer.publicKeys()))
      now += 2_000
      expect((await post(edge.url + requests, asked, alice)).status).toBe(201)
    },
  )

  test('from a URL go on being used while it is away, for a day', async () => {
    await using issuer = await startIssuer()
    let now = Date.now()
    await using edge = await startEdge({ authentication: issuer.authentication(), now: () => now })
    const alice = await issuer.bearer('Alice', { exp: 99_999_999_999 })
    expect((await post(edge.url + requests, asked, alice)).status).toBe(201)
    await issuer.server.stop()
    now += 23 * 3600 * 1000
    expect((await post(edge.url + requests, asked, alice)).status).toBe(201)
    now += 2 * 3600 * 1000
    expect((await post(edge.url + requests, asked, alice)).status).toBe(503)
  })

  test('that are new are fetched when a token needs them, but not at will', async () => {
    await using issuer = await startIssuer()
    let now = Date.now()
    let fetched = 0
    issuer.server.service.addRoute('GET', '/counted', (_request, response) => {
      fetched++
      response.setHeader('content-type', 'application/json').end(JSON.stringify(issuer.publicKeys()))
    })
    const url = issuer.keysUrl.replace('/jwks', '/counted')
    await using edge = await startEdge({ authentication: issuer.authentication({ keys: { url } }), now: () => now })
    expect((await post(edge.url + requests, asked, await issuer.bearer('Alice'))).status).toBe(201)
    const { kid } = await issuer.server.issuer.keys.generate('RS256', { kid: 'rotated' })
    const rotated = await issuer.bearer('Alice', {}, kid)
    expect((await post(edge.url + requests, asked, rotated)).status).toBe(401)
    expect(fetched).toBe(1)
    now += 31_000
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(edge.url + requests, asked, rotated)))
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201])
    expect(fetched).toBe(2)
  })

  test('without an id are tried one after the other', async () => {
    await using issuer = await startIssuer()
    await issuer.server.issuer.keys.generate('RS256', { kid: 'second' })
    await using folder = await createTempFolder('jwks')
    const file = join(folder.path, 'keys.json')
    const keys = issuer.publicKeys().keys.map(({ kid: _, ...key }) => key)
    await writeFile(file, JSON.stringify({ keys }))
    await using edge = await startEdge({ authentication: issuer.authentication({ keys: { file } }) })
    for (const kid of issuer.publicKeys().keys.map((key) => String(key.kid))) {
      const token = await issuer.server.issuer.buildToken({
        kid,
        scopesOrTransform: (header, payload) => {
          Reflect.deleteProperty(header, 'kid')
          Object.assign(payload, { sub: 'Alice', aud: audience })
        },
      })
      expect((await post(edge.url + requests, asked, { authorization: `Bearer ${token}` })).status).toBe(201)
    }
  })

  test('from a URL that redirects, is too large or takes its time are not believed', async () => {
    await using issuer = await startIssuer()
    const { service } = issuer.server
    service.addRoute('GET', '/redirects', (_request, response) => {
      response.writeHead(302, { location: issuer.keysUrl }).end()
    })
    service.addRoute('GET', '/large', (_request, response) => {
      response.end(JSON.stringify({ ...issuer.publicKeys(), padding: 'x'.repeat(300_000) }))
    })
    for (const path of ['/redirects', '/large', '/no-such']) {
      const keys = { url: issuer.keysUrl.replace('/jwks', path) }
      await using edge = await startEdge({ authentication: issuer.authentication({ keys }) })
      expect((await post(edge.url + requests, asked, await issuer.bearer('Alice'))).status).toBe(503)
    }
  })
})
