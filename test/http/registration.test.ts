/** Registration over real HTTP: what is accepted reaches the service as it was sent, what is not never does. */
import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { PortcullisError } from '../../src/domain/errors.ts'
import { type Edge, post, problemOf, startEdge } from './support/edge.ts'

const valid = { userId: 'Alice', resourceId: 'file:/data/hr/', context: { purpose: 'SALARY' } }
const interfaces = [
  ['/api/v1/requests', 201],
  ['/palisade/api/registerDataRequest', 202],
  ['/api/registerDataRequest', 202],
] as const

async function refused(edge: Edge, path: string, body: unknown, headers?: Record<string, string>) {
  const response = await post(edge.url + path, body, headers)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const problem = await problemOf(response)
  expect(problem).toMatchObject({ status: response.status })
  return problem
}

describe.each(interfaces)('POST %s', (path, status) => {
  test('hands a valid request to the service and answers with its token', async () => {
    await using edge = await startEdge()
    const response = await post(edge.url + path, valid, { traceparent: '00-a-b-01', 'x-other': 'no' })
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({ token: expect.stringMatching(/^[0-9a-f-]{36}$/u) })
    expect(edge.api.registered).toEqual([
      {
        owner: 'Alice',
        resource: 'file:/data/hr/',
        context: { purpose: 'SALARY' },
        extras: { traceparent: '00-a-b-01' },
      },
    ])
  })

  test('lets empty and unknown purposes, and further context, reach the rules', async () => {
    await using edge = await startEdge()
    const contexts = [
      { purpose: '' },
      { purpose: 'NO SUCH purpose ✓' },
      { purpose: 'SALARY', case: '17', '@class': 'x' },
    ]
    for (const context of contexts) expect((await post(edge.url + path, { ...valid, context })).status).toBe(status)
    expect(edge.api.registered.map(({ context }) => context)).toEqual(contexts)
  })

  test.each([
    ['a missing userId', { resourceId: 'file:/data/hr/', context: { purpose: 'SALARY' } }, 'userId: is missing'],
    ['a null userId', { ...valid, userId: null }, 'userId: must be a string'],
    ['an empty userId', { ...valid, userId: '' }, 'userId: expected 1 to 256 characters without control characters'],
    ['a userId that is no string', { ...valid, userId: { id: 'Alice' } }, 'userId: must be a string'],
    ['a missing resourceId', { userId: 'Alice', context: { purpose: 'SALARY' } }, 'resourceId: is missing'],
    ['a null resourceId', { ...valid, resourceId: null }, 'resourceId: must be a string'],
    ['a numeric resourceId', { ...valid, resourceId: 7 }, 'resourceId: must be a string'],
    ['a missing context', { userId: 'Alice', resourceId: 'file:/data/hr/' }, 'context: is missing'],
    ['a null context', { ...valid, context: null }, 'context: must be an object'],
    ['a context that is a list', { ...valid, context: ['SALARY'] }, 'context: must be an object'],
    ['a missing purpose', { ...valid, context: {} }, 'context.purpose: is missing'],
    ['a null purpose', { ...valid, context: { purpose: null } }, 'context.purpose: must be a string'],
    ['a numeric purpose', { ...valid, context: { purpose: 5 } }, 'context.purpose: must be a string'],
    ['nested context', { ...valid, context: { purpose: 'SALARY', a: { b: 'c' } } }, 'context.a: must be a string'],
    ['numeric context', { ...valid, context: { purpose: 'SALARY', n: 1 } }, 'context.n: must be a string'],
    [
      'an empty context key',
      { ...valid, context: { purpose: 'SALARY', '': 'x' } },
      'context: has an entry whose name is too short or too long',
    ],
    ['an extra field', { ...valid, owner: 'Bob' }, 'owner: is not known here'],
    [
      'a lone surrogate in the context',
      JSON.stringify({ ...valid, context: { purpose: '\ud800' } }),
      'context: has a lone surrogate',
    ],
    ['a body that is a list', [valid], 'body: must be an object'],
    ['a body that is null', null, 'body: must be an object'],
    ['a body that is no JSON', '{"userId":"Alice', 'body: is not valid JSON'],
    ['two documents', '{}{}', 'body: is not valid JSON'],
    [
      'a member that is there twice',
      '{"userId":"Alice","resourceId":"file:/data/hr/","context":{"purpose":"SALARY","p\\u0075rpose":""}}',
      'body: names a member twice',
    ],
    ['an empty body', '', 'body: is empty'],
    ['a body that is not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'body: is not valid UTF-8'],
    [
      'a prototype',
      '{"__proto__":{"userId":"Alice"},"resourceId":"file:/a/","context":{"purpose":""}}',
      'body: is not valid JSON',
    ],
  ])('refuses %s by the field’s name, and nothing reaches the service', async (_what, body, detail) => {
    await using edge = await startEdge()
    expect(await refused(edge, path, body)).toEqual({ status: 400, code: 'request.invalid', detail })
    expect(edge.api.registered).toEqual([])
    expect((await post(edge.url + path, valid)).status).toBe(status)
  })

  test.each([
    ['file:/data/../etc/passwd', 'resourceId: has a . or .. segment'],
    ['file:/data/%2e%2e/etc/', 'resourceId: has an encoded slash, dot or NUL'],
    ['file:///data/hr/', 'resourceId: does not begin with a known scheme in canonical form, such as file:/data/'],
    ['file:/data//hr/', 'resourceId: has an empty segment (//)'],
    ['/data/hr/', 'resourceId: does not begin with a known scheme in canonical form, such as file:/data/'],
    ['', 'resourceId: is empty'],
  ])('refuses the resource id %j', async (resourceId, detail) => {
    await using edge = await startEdge()
    expect(await refused(edge, path, { ...valid, resourceId })).toEqual({
      status: 400,
      code: 'resource.invalid',
      detail,
    })
    expect(edge.api.registered).toEqual([])
  })

  test('refuses what is too large, and what is not JSON by its own word', async () => {
    await using edge = await startEdge()
    const large = { ...valid, context: { purpose: 'x'.repeat(70_000) } }
    expect(await refused(edge, path, large)).toMatchObject({ status: 400, code: 'request.too_large' })
    const long = { ...valid, context: { purpose: 'x'.repeat(5_000) } }
    expect(await refused(edge, path, long)).toMatchObject({
      detail: 'context.purpose: must be at most 4096 characters',
    })
    const many = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`k${index}`, '']))
    expect(await refused(edge, path, { ...valid, context: { purpose: '', ...many } })).toMatchObject({
      detail: 'context: has more than 64 entries',
    })
    expect(await refused(edge, path, JSON.stringify(valid), { 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
      code: 'request.media_type',
    })
    expect(edge.api.registered).toEqual([])
  })

  test('takes JSON whose character set is named', async () => {
    await using edge = await startEdge()
    const response = await post(edge.url + path, valid, { 'content-type': 'application/json; charset=UTF-8' })
    expect(response.status).toBe(status)
  })

  test('ignores a token of the client’s own unless the configuration lets it', async () => {
    await using edge = await startEdge()
    const own = randomUUID()
    const response = await post(edge.url + path, valid, { 'x-request-token': own })
    expect(response.status).toBe(status)
    expect(edge.api.registered).toHaveLength(1)
    expect(edge.api.registered[0]).not.toHaveProperty('token')
    expect((await post(edge.url + path, valid, { 'x-request-token': 'anything' })).status).toBe(status)
  })

  test('honours a token of the client’s own where it may bring one, once', async () => {
    await using edge = await startEdge({ clientTokens: true })
    const own = randomUUID()
    const response = await post(edge.url + path, valid, { 'x-request-token': own })
    expect([response.status, await response.json()]).toEqual([status, { token: own }])
    expect(await refused(edge, path, valid, { 'x-request-token': own })).toMatchObject({
      status: 409,
      code: 'token.used',
    })
    for (const wrong of ['x', own.toUpperCase(), `${own},${own}`])
      expect(await refused(edge, path, valid, { 'x-request-token': wrong })).toEqual({
        status: 400,
        code: 'request.invalid',
        detail: 'x-request-token: must be a UUID in lower case',
      })
    expect(edge.api.registered).toHaveLength(1)
  })

  test('lets only configured headers ride along, and none that is too long', async () => {
    await using edge = await startEdge({ extraHeaders: ['x-team'] })
    await post(edge.url + path, valid, { traceparent: 'no', 'x-team': 'blue' })
    expect(edge.api.registered[0]?.extras).toEqual({ 'x-team': 'blue' })
    expect(await refused(edge, path, valid, { 'x-team': 'x'.repeat(513) })).toMatchObject({
      status: 400,
      detail: 'x-team: must be at most 512 characters',
    })
  })

  test.each([
    ['bus.unavailable', 503],
    ['store.unavailable', 503],
    ['audit.failed', 503],
    ['internal', 500],
  ] as const)('tells the client of %s, and serves the next', async (code, expected) => {
    await using edge = await startEdge()
    edge.api.failNext(new PortcullisError(code))
    expect(await refused(edge, path, valid)).toMatchObject({ status: expected, code })
    expect((await post(edge.url + path, valid)).status).toBe(status)
  })
})

test('headers that carry credentials or meaning cannot be configured to ride along', async () => {
  for (const name of ['authorization', 'cookie', 'x-request-token', 'x-stream-marker'])
    await expect(startEdge({ extraHeaders: [name] })).rejects.toMatchObject({ code: 'config.invalid' })
})

describe('the context as the predecessor’s Java classes write it', () => {
  const path = '/palisade/api/registerDataRequest'
  const typed = (contents: unknown, more = {}) => ({
    ...valid,
    context: { '@class': 'uk.gov.gchq.palisade.Context', contents, ...more },
  })

  test.each([
    typed({ purpose: 'SALARY', case: '1' }),
    { ...valid, context: { class: 'uk.gov.gchq.palisade.Context', contents: { purpose: 'SALARY', case: '1' } } },
    { ...valid, context: { contents: { purpose: 'SALARY', case: '1' } } },
  ])('is the same as the flat one: %j', async (body) => {
    await using edge = await startEdge()
    expect((await post(edge.url + path, body)).status).toBe(202)
    expect(edge.api.registered[0]?.context).toEqual({ purpose: 'SALARY', case: '1' })
  })

  test.each([
    [typed({}), 'context.contents.purpose: is missing'],
    [typed({ purpose: null }), 'context.contents.purpose: must be a string'],
    [typed({ purpose: 'SALARY', a: [] }), 'context.contents.a: must be a string'],
    [typed({ purpose: 'SALARY' }, { purpose: 'OTHER' }), 'context.purpose: is not known here'],
    [typed({ purpose: 'SALARY' }, { '@class': 7 }), 'context.@class: must be a string'],
    [{ ...valid, context: { contents: null } }, 'context.purpose: is missing'],
  ])('is refused by the field’s name: %j', async (body, detail) => {
    await using edge = await startEdge()
    expect(await refused(edge, path, body)).toEqual({ status: 400, code: 'request.invalid', detail })
    expect(edge.api.registered).toEqual([])
  })
})
