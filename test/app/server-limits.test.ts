/** A whole server with limits configured: floods end in a bounded audit log, and operators see how much was refused. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from '../../src/app/config.ts'
import { startServer } from '../../src/app/server.ts'
import { post } from '../http/support/edge.ts'
import { startIssuer } from '../http/support/issuer.ts'
import { writeHrConfig } from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'

type Event = { readonly kind: string; readonly code?: string; readonly calls?: number }

async function auditOf(folder: string): Promise<Event[]> {
  const files = await readdir(join(folder, 'audit'))
  const texts = await Promise.all(files.map((file) => readFile(join(folder, 'audit', file), 'utf8')))
  return texts
    .flatMap((text) => text.split('\n').filter((line) => line.startsWith('{')))
    .map((line) => JSON.parse(line))
}

test('a flood of calls without identity, by whichever interface, leaves a few lines and one sum in the audit log', async () => {
  await using folder = await createTempFolder('limits')
  await using issuer = await startIssuer()
  const changes = {
    authentication: { ...issuer.authentication(), operatorRole: 'operator' },
    limits: { failedAuthentication: { perMinute: 1, burst: 5 } },
  }
  const config = await readConfig(await writeHrConfig(folder.path, { changes }), {})
  const server = await startServer(config, { quiet: true })
  const body = { resourceId: 'file:/data/hr/', context: { purpose: 'SALARY' } }
  const calls = [
    () => post(`${server.url}/api/v1/requests`, body),
    () => post(`${server.url}/read/chunked`, {}),
    () => post(`${server.url}/v1/data/access/user`, { input: {} }),
    () => fetch(`${server.url}/metrics`, { headers: { authorization: 'Bearer a.b.c' } }),
  ]
  const statuses: number[] = []
  for (let round = 0; round < 10; round++) for (const call of calls) statuses.push((await call()).status)
  expect(statuses).toEqual([...Array<number>(5).fill(401), ...Array<number>(35).fill(429)])
  const operator = await issuer.bearer('Olga', { roles: ['operator'] })
  const metrics = await (await fetch(`${server.url}/metrics`, { headers: operator })).text()
  expect(metrics).toContain('portcullis_http_limited_total{limit="failedAuthentication"} 35')
  await server[Symbol.asyncDispose]()
  const events = await auditOf(folder.path)
  expect(events.map(({ code, calls }) => [code, calls])).toEqual([
    ['auth.missing', undefined],
    ['auth.missing', undefined],
    ['auth.missing', undefined],
    ['auth.invalid', undefined],
    ['auth.missing', undefined],
    ['request.rate', 35],
  ])
  expect(events.at(-1)).toMatchObject({ kind: 'request.refused', limit: 'failedAuthentication', client: '127.0.0.1' })
}, 60_000)
