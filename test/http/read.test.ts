/** Reading over real HTTP, natively and as the predecessor's clients do: whole, or visibly cut. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type ErrorCode, PortcullisError } from '../../src/domain/errors.ts'
import { type Edge, post, problemOf, startEdge } from './support/edge.ts'

const leaf = 'file:/data/hr/a.avro'

async function register(edge: Edge): Promise<string> {
  const body = { userId: 'Alice', resourceId: 'file:/data/hr/', context: { purpose: 'SALARY' } }
  return ((await (await post(`${edge.url}/api/v1/requests`, body)).json()) as { token: string }).token
}

const ways = [
  [
    '/api/v1/requests/{token}/read',
    (edge: Edge, token: string, id: string) => post(`${edge.url}/api/v1/requests/${token}/read`, { leafId: id }),
  ],
  [
    '/data/read/chunked',
    (edge: Edge, token: string, id: string) => post(`${edge.url}/data/read/chunked`, { token, leafResourceId: id }),
  ],
  [
    '/read/chunked',
    (edge: Edge, token: string, id: string) => post(`${edge.url}/read/chunked`, { token, leafResourceId: id }),
  ],
] as const

describe.each(ways)('POST %s', (_path, read) => {
  test('gives the bytes with the leaf’s media type', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    const content = Buffer.alloc(300_000, 'portcullis')
    edge.api.bytes(leaf, async function* () {
      for (let at = 0; at < content.length; at += 10_000) yield content.subarray(at, at + 10_000)
    })
    const response = await read(edge, token, leaf)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('avro/binary')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(content.equals(Buffer.from(await response.arrayBuffer()))).toBe(true)
    expect(edge.api.reads).toEqual([{ token, owner: 'Alice', leaf }])
  })

  test('ends cleanly for a leaf without a byte', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    edge.api.bytes(leaf, async function* () {})
    const response = await read(edge, token, leaf)
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  test('answers a leaf that is not granted with 403', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    expect(await problemOf(await read(edge, token, leaf))).toEqual({
      status: 403,
      code: 'grant.unknown',
      detail: 'There is no such leaf in this request.',
    })
  })

  test('cuts the transfer when the source breaks in the middle, and serves the next', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    edge.api.bytes(leaf, async function* () {
      yield Buffer.from('part')
      await sleep(20)
      throw new PortcullisError('format.corrupt')
    })
    const response = await read(edge, token, leaf)
    expect(response.status).toBe(200)
    await expect(response.arrayBuffer()).rejects.toThrow('terminated')
    edge.api.bytes(leaf, async function* () {
      yield Buffer.from('whole')
    })
    expect(await (await read(edge, token, leaf)).text()).toBe('whole')
  })

  test('cuts the transfer when the source breaks after the last byte', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    edge.api.bytes(leaf, async function* () {
      yield Buffer.from('all of it')
      throw new PortcullisError('audit.failed')
    })
    const response = await read(edge, token, leaf)
    await expect(response.arrayBuffer()).rejects.toThrow('terminated')
  })

  test('is cut at once when the request is revoked, even while the client takes nothing', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    let closed = false
    edge.api.bytes(leaf, async function* () {
      try {
        for (;;) yield Buffer.alloc(64 * 1024)
      } finally {
        closed = true
      }
    })
    const response = await read(edge, token, leaf)
    await fetch(`${edge.url}/api/v1/requests/${token}`, { method: 'DELETE' })
    await until(() => closed)
    await expect(response.arrayBuffer()).rejects.toThrow('terminated')
  })

  test('pulls no more than the client takes', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    let pulled = 0
    edge.api.bytes(leaf, async function* () {
      for (; pulled < 10_000; pulled++) yield Buffer.alloc(64 * 1024)
    })
    const response = await read(edge, token, leaf)
    let before = -1
    while (before !== pulled) {
      before = pulled
      await sleep(300)
    }
    // sockets of both sides hold some megabytes; all of it would be 640
    expect(pulled).toBeLessThan(1_000)
    await response.body!.cancel()
  })

  test('stops reading when the client goes away', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    let closed = false
    edge.api.bytes(leaf, async function* () {
      try {
        for (;;) {
          yield Buffer.alloc(1024)
          await sleep(5)
        }
      } finally {
        closed = true
      }
    })
    const response = await read(edge, token, leaf)
    await response.body!.cancel()
    await until(() => closed)
    expect(edge.api.signals.map(({ aborted }) => aborted)).toEqual([true])
  })

  test('under way when the server stops has a moment to finish, and is then cut', async () => {
    const edge = await startEdge({ closeGraceMs: 400 })
    const token = await register(edge)
    edge.api.bytes(leaf, async function* () {
      yield Buffer.from('a')
      await sleep(100)
      yield Buffer.from('b')
    })
    edge.api.bytes('file:/data/hr/endless.avro', async function* () {
      for (;;) {
        yield Buffer.from('x')
        await sleep(10)
      }
    })
    const finishes = await read(edge, token, leaf)
    const endless = await read(edge, token, 'file:/data/hr/endless.avro')
    const [text, rejected] = [finishes.text(), expect(endless.text()).rejects.toThrow('terminated')]
    await edge.app.close()
    expect(await text).toBe('ab')
    await rejected
  })
})

describe('what is refused natively', () => {
  test.each([
    ['token.unknown', 404],
    ['grant.unknown', 403],
    ['user.denied', 403],
    ['source.not_found', 404],
    ['source.changed', 409],
    ['format.corrupt', 502],
    ['mask.path_unknown', 403],
    ['audit.failed', 503],
    ['service.busy', 503],
    ['request.lost', 410],
  ] as const satisfies readonly (readonly [ErrorCode, number])[])('%s is %i', async (code, status) => {
    await using edge = await startEdge()
    const token = await register(edge)
    edge.api.failNext(new PortcullisError(code))
    const response = await post(`${edge.url}/api/v1/requests/${token}/read`, { leafId: leaf })
    expect(response.status).toBe(status)
    expect(await problemOf(response)).toMatchObject({ status, code })
  })

  test.each([
    [{}, 'request.invalid', 'leafId: is missing'],
    [{ leafId: null }, 'request.invalid', 'leafId: must be a string'],
    [{ leafId: leaf, range: '0-' }, 'request.invalid', 'range: is not known here'],
    [{ leafId: 'file:/data/hr/../x' }, 'resource.invalid', 'leafId: has a . or .. segment'],
  ])('%j is 400 by the field’s name', async (body, code, detail) => {
    await using edge = await startEdge()
    const token = await register(edge)
    const response = await post(`${edge.url}/api/v1/requests/${token}/read`, body)
    expect(await problemOf(response)).toEqual({ status: 400, code, detail })
    expect(edge.api.reads).toEqual([])
  })
})

describe('what is refused to the predecessor’s clients', () => {
  const refusal = { status: 403, code: 'grant.unknown', detail: 'There is no such leaf in this request.' }

  test('unknown tokens, unknown leaves and what can be neither look alike', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    const bodies = [
      { token: randomUUID(), leafResourceId: leaf },
      { token: 'no-token', leafResourceId: leaf },
      { token, leafResourceId: leaf },
      { token, leafResourceId: 'file:/data/hr/../a.avro' },
      { token, leafResourceId: '' },
    ]
    for (const body of bodies)
      expect(await problemOf(await post(`${edge.url}/data/read/chunked`, body))).toEqual(refusal)
  })

  test.each([
    ['token.unknown', 403, 'grant.unknown'],
    ['user.denied', 403, 'grant.unknown'],
    ['policy.denied', 403, 'grant.unknown'],
    ['source.not_found', 403, 'source.not_found'],
    ['format.unknown', 403, 'format.unknown'],
    ['store.unavailable', 503, 'store.unavailable'],
    ['internal', 500, 'internal'],
  ] as const)('%s is %i with the code %s', async (code, status, shown) => {
    await using edge = await startEdge()
    const token = await register(edge)
    edge.api.failNext(new PortcullisError(code))
    const response = await post(`${edge.url}/data/read/chunked`, { token, leafResourceId: leaf })
    expect(response.status).toBe(status)
    expect(await problemOf(response)).toMatchObject({ status, code: shown })
  })

  test.each([
    [{ leafResourceId: leaf }, 'token: is missing'],
    [{ token: null, leafResourceId: leaf }, 'token: must be a string'],
    [{ token: 'x' }, 'leafResourceId: is missing'],
    [{ token: 'x', leafResourceId: [leaf] }, 'leafResourceId: must be a string'],
    [{ token: 'x', leafResourceId: leaf, userId: 'Alice' }, 'userId: is not known here'],
  ])('%j is 400 by the field’s name', async (body, detail) => {
    await using edge = await startEdge()
    const response = await post(`${edge.url}/data/read/chunked`, body)
    expect(await problemOf(response)).toEqual({ status: 400, code: 'request.invalid', detail })
    expect(edge.api.reads).toEqual([])
  })
})

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5)
}
