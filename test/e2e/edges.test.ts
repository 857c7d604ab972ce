/** What clients and operators really do that no interface foresaw. */
import { rename } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from '../../src/cli/client.ts'
import { hrFiles } from './hr-truth.ts'
import { ask, read, type System, startEmbedded } from './system.ts'

const first = `file:/data/hr/${hrFiles[0]}`
let system: System
beforeAll(async () => {
  system = await startEmbedded()
}, 60_000)
afterAll(() => system?.[Symbol.asyncDispose]())

/** Sends bytes as they are, and gives what comes back until the server closes. */
function raw(request: string): Promise<string> {
  const { hostname, port } = new URL(system.urls.request)
  const socket = connect(Number(port), hostname)
  socket.write(request)
  return text(socket)
}

const host = () => new URL(system.urls.request).host

test('a client that offers HTTP/2, as Java does by default, is answered by HTTP/1.1', async () => {
  const body = JSON.stringify({ userId: 'Alice', resourceId: first, context: { purpose: 'SALARY' } })
  const answer = await raw(
    [
      'POST /palisade/api/registerDataRequest HTTP/1.1',
      `Host: ${host()}`,
      'Connection: Upgrade, HTTP2-Settings, close',
      'Upgrade: h2c',
      'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
  )
  expect(answer).toMatch(/^HTTP\/1\.1 202 /u)
  expect(answer).toMatch(/"token":"[0-9a-f-]{36}"/u)
})

test('an address that is none is a problem like any other, after the Host check, and quotes nothing', async () => {
  const ask = (host: string) => raw(`GET /resource/secret%ff HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  const [bad, foreign] = await Promise.all([ask(host()), ask('evil.example')])
  expect(bad).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json.*request\.invalid/su)
  expect(foreign).toMatch(/^HTTP\/1\.1 403 .*application\/problem\+json.*request\.origin/su)
  expect(bad + foreign).not.toContain('secret')
})

test('a position behind the end gets the end', async () => {
  const { token, items } = await ask(system, { userId: 'Alice', purpose: 'SALARY' })
  const again = []
  for await (const item of createClient({ server: system.urls.delivery }).items(token, items.length + 5))
    again.push(item)
  expect(again).toEqual([items.at(-1)])
})

test('a revocation that says it is JSON and has no body is one', async () => {
  const { token } = await ask(system, { userId: 'Alice', purpose: 'SALARY' })
  const url = new URL(`/api/v1/requests/${token}`, system.urls.request)
  const answer = await fetch(url, { method: 'DELETE', headers: { 'content-type': 'application/json' } })
  expect(answer.status).toBe(204)
})

test('the audit log says of each leaf and read who, what, why, by which policy, and with what outcome', async () => {
  const { token } = await ask(system, { userId: 'Bob', purpose: 'DUTY_OF_CARE' })
  await read(system, token, first)
  const events = (await system.audit()).filter(({ userId }) => userId === 'Bob')
  const who = {
    userId: 'Bob',
    resourceId: 'file:/data/hr/',
    context: { purpose: 'DUTY_OF_CARE' },
    tokenHash: expect.stringMatching(/^[0-9a-f]{32}$/u),
  }
  const why = { ...who, revision: expect.stringMatching(/^[0-9a-f]{64}$/u) }
  for (const [kind, details] of [
    ['request.registered', who],
    ['leaf.withheld', { ...why, decision: 'deny', leafId: `file:/data/hr/${hrFiles[1]}` }],
    ['leaf.delivered', { ...why, decision: 'permit', leafId: first }],
    ['read.started', { ...why, decision: 'permit', leafId: first }],
    ['read.finished', { ...why, decision: 'permit', leafId: first, recordsProcessed: 5, recordsReturned: 5 }],
  ] as const)
    expect(events.filter((event) => event.kind === kind)).toMatchObject([details])
})

test('an audit log that was moved away under the server goes on in a new file', async () => {
  const folder = join(system.folder, 'audit')
  await rename(folder, `${folder}.rotated`)
  await ask(system, { userId: 'Eve', purpose: 'after the rotation' })
  const events = (await system.audit()).filter(({ context }) => context?.purpose === 'after the rotation')
  expect(events.map(({ kind }) => kind)).toContain('leaf.delivered')
})
