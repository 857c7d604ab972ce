/** A wrong method is told apart from a wrong address, and the answer says which methods there are. */
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { problemOf, startEdge } from './support/edge.ts'

test.each([
  ['PUT', '/api/v1/requests', 'POST'],
  ['GET', '/api/v1/requests?x=1', 'POST'],
  ['POST', `/api/v1/requests/${randomUUID()}`, 'DELETE, GET'],
  ['OPTIONS', `/api/v1/requests/${randomUUID()}`, 'DELETE, GET'],
  ['GET', '/read/chunked', 'POST'],
  ['POST', '/docs/static/index.html', 'GET, HEAD'],
])('%s of %s is answered 405, with allow: %s', async (method, path, allowed) => {
  await using edge = await startEdge()
  const response = await fetch(edge.url + path, { method })
  expect([response.status, response.headers.get('allow')]).toEqual([405, allowed])
  expect(await problemOf(response)).toEqual({
    status: 405,
    code: 'request.method',
    detail: `This address takes ${allowed}.`,
  })
})

test.each([
  ['GET', '/no/such/path'],
  ['PUT', '/api/v1/requests/'],
  ['POST', '/api/v1'],
  // a route that takes the method, and finds nothing
  ['GET', '/docs/static/none.html'],
])('%s of %s is answered 404, without it', async (method, path) => {
  await using edge = await startEdge()
  const response = await fetch(edge.url + path, { method })
  expect([response.status, response.headers.get('allow')]).toEqual([404, null])
  expect(await problemOf(response)).toMatchObject({ code: 'request.not_found' })
})

test('HEAD of what only GET gives has neither a body nor another answer', async () => {
  await using edge = await startEdge()
  const response = await fetch(`${edge.url}/openapi.json`, { method: 'HEAD' })
  expect([response.status, response.headers.get('allow'), await response.text()]).toEqual([405, 'GET', ''])
})
