/** Long transfers of one process: what may no longer be seen stops in the middle, a slow client costs no memory, a clean end is a promise. */
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generateFile } from '../../examples/hr/generate.ts'
import { createClient } from '../../src/cli/client.ts'
import { repositoryFolder } from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'
import { ask, leafIds, type System, startEmbedded } from './system.ts'

const leaf = 'file:/data/hr/employee_file0.avro'
const records = 15_000
/** The promise is one second; the rest is for a busy machine. */
const stopsWithinMs = 3_000

let place: Awaited<ReturnType<typeof createTempFolder>>
let system: System
let usersFile: string
let size: number

beforeAll(async () => {
  place = await createTempFolder('streaming')
  usersFile = join(place.path, 'users.yaml')
  await copyFile(join(repositoryFolder, 'examples/hr/users.yaml'), usersFile)
  const path = join(place.path, 'employee_file0.avro')
  await generateFile({ path, records, seed: 1 })
  size = (await readFile(path)).length
  system = await startEmbedded({ dataFolder: place.path, usersFile })
}, 120_000)
afterAll(async () => {
  await system?.[Symbol.asyncDispose]()
  await place?.[Symbol.asyncDispose]()
})

/** A client that takes the first bytes and then nothing, until it is told to go on; resolves to how the transfer ended. */
async function startSlowRead(
  token: string,
): Promise<{ goOn(): Promise<{ readonly clean: boolean; readonly bytes: number }> }> {
  const body = JSON.stringify({ leafId: leaf })
  return await new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(`/api/v1/requests/${token}/read`, system.urls.data),
      { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } },
      (response) => {
        if (response.statusCode !== 200) reject(new Error(`the read was answered with ${response.statusCode}`))
        let bytes = 0
        response.once('data', (chunk: Buffer) => {
          response.pause()
          bytes += chunk.length
          resolve({
            goOn: () =>
              new Promise((ended) => {
                response.on('data', (chunk: Buffer) => {
                  bytes += chunk.length
                })
                response.once('error', () => undefined)
                response.once('close', () => ended({ clean: response.complete, bytes }))
                response.resume()
              }),
          })
        })
      },
    )
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}

const auditedEnd = async (match: (event: { kind: string; code?: string }) => boolean) => {
  await expect.poll(async () => (await system.audit()).some(match), { timeout: 10_000 }).toBe(true)
}

test('a token revoked in the middle of a slow transfer: the transfer is broken off, and audited', async () => {
  const { token } = await ask(system, { userId: 'Alice', purpose: 'SALARY' })
  const transfer = await startSlowRead(token)
  await createClient({ server: system.urls.request }).revoke(token)
  await delay(stopsWithinMs)
  const { clean, bytes } = await transfer.goOn()
  expect(clean).toBe(false)
  expect(bytes).toBeLessThan(size)
  await auditedEnd(({ kind, code }) => kind === 'read.aborted' && code === 'token.unknown')
})

test('a user suspended in the middle of a transfer loses the rest of it', async () => {
  const { token } = await ask(system, { userId: 'Alice', purpose: 'SALARY' })
  const transfer = await startSlowRead(token)
  const users = await readFile(usersFile, 'utf8')
  await writeFile(usersFile, users.replace('id: Alice\n    active: true', 'id: Alice\n    active: false'))
  try {
    await auditedEnd(({ kind, code }) => kind === 'read.aborted' && code === 'user.denied')
    expect((await transfer.goOn()).clean).toBe(false)
  } finally {
    await writeFile(usersFile, users)
    const served = async () => leafIds((await ask(system, { userId: 'Alice', purpose: 'SALARY' })).items)
    await expect.poll(served, { timeout: 10_000 }).toContain(leaf)
  }
})

test('a client that goes away in the middle is audited as an aborted read with its counts', async () => {
  const { token } = await ask(system, { userId: 'Bob', purpose: 'SALARY' })
  const controller = new AbortController()
  const response = await fetch(new URL(`/api/v1/requests/${token}/read`, system.urls.data), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ leafId: leaf }),
    signal: controller.signal,
  })
  await response.body!.getReader().read()
  controller.abort()
  await auditedEnd(({ kind, code }) => kind === 'read.aborted' && code === 'request.aborted')
})

test('slow clients hold back the source, not memory', async () => {
  const { token } = await ask(system, { userId: 'Alice', purpose: 'SALARY' })
  const residentMb = async () =>
    Number(/VmRSS:\s+(\d+)/u.exec(await readFile(`/proc/${system.processes.all!.pid}/status`, 'utf8'))![1]) / 1024
  const before = await residentMb()
  const transfers = await Promise.all(Array.from({ length: 8 }, () => startSlowRead(token)))
  await delay(2_000)
  const sourceMb = (8 * size) / 1_048_576
  expect((await residentMb()) - before).toBeLessThan(sourceMb / 2)
  const ends = await Promise.all(transfers.map((transfer) => transfer.goOn()))
  for (const end of ends) expect(end.clean).toBe(true)
}, 120_000)
