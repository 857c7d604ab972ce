/** Callers turned away for who they are, or are not, reach the audit log. */
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { PortcullisError } from '../../src/domain/errors.ts'
import type { Refusal } from '../../src/http/refusals.ts'
import { post, problemOf, startEdge } from './support/edge.ts'
import { startIssuer } from './support/issuer.ts'

const body = { resourceId: 'file:/data/hr/', context: { purpose: 'SALARY' } }

test('who comes without a bearer token, with a bad one, or for somebody else is recorded, and nobody else is', async () => {
  await using issuer = await startIssuer()
  const refusals: Refusal[] = []
  const refused = async (refusal: Refusal) => void refusals.push(refusal)
  await using edge = await startEdge({ authentication: issuer.authentication(), refused })
  const token = randomUUID()
  const url = `${edge.url}/api/v1/requests`
  expect((await fetch(`${url}/${token}/read?leafId=file:/data/hr/a.avro`)).status).toBe(401)
  expect((await post(url, body, { authorization: 'Bearer x.y.z' })).status).toBe(401)
  const bearer = await issuer.bearer('Alice')
  expect((await post(url, { ...body, userId: 'Bob' }, bearer)).status).toBe(403)
  expect((await fetch(`${edge.url}/api/v1/status`, { headers: bearer })).status).toBe(403)
  expect((await post(url, { ...body, resourceId: 'x' }, bearer)).status).toBe(400)
  expect((await post(url, body, bearer)).status).toBe(201)
  expect(refusals).toEqual([
    { code: 'auth.missing', token, from: { client: '127.0.0.1' } },
    { code: 'auth.invalid', token: undefined, from: { client: '127.0.0.1' } },
    { code: 'auth.other_user', token: undefined, from: { userId: 'Alice' } },
    { code: 'auth.role', token: undefined, from: { userId: 'Alice' } },
  ])
})

test('a refusal that cannot be recorded is a refusal, and the log says so', async () => {
  await using issuer = await startIssuer()
  const refused = () => Promise.reject(new PortcullisError('audit.failed'))
  await using edge = await startEdge({ authentication: issuer.authentication(), refused })
  expect(await problemOf(await post(`${edge.url}/api/v1/requests`, body))).toMatchObject({ code: 'auth.missing' })
  expect(edge.log).toContainEqual(expect.objectContaining({ level: 'error', event: 'http.refusal_unrecorded' }))
})
