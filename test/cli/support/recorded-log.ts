/** The audit log of a real server: what it is asked, whom it refuses, what is cut, and the process that is killed. */
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { generateFile } from '../../../examples/hr/generate.ts'
import { createClient } from '../../../src/cli/client.ts'
import { hrDataFolder, startPortcullis, writeHrConfig } from '../../support/portcullis-process.ts'

export const folder = 'file:/data/hr/'
export const first = `${folder}employee_file0.avro`
export const second = `${folder}employee_file1.avro`
export const long = `${folder}long/long_file0.avro`
/** A token that nobody was given. */
export const stranger = '0c5e1a8e-6f0d-4f6c-9d0e-4b8e0f1c2d3a'

export type RecordedLog = {
  /** The folder. */
  readonly log: string
  /** By who asked, or what became of it. */
  readonly tokens: Readonly<Record<'alice' | 'bob' | 'eve' | 'mallory' | 'cut' | 'killed', string>>
}

/** `place`: an empty folder. */
export async function recordLog(place: string): Promise<RecordedLog> {
  const dataFolder = join(place, 'data')
  await mkdir(join(dataFolder, 'long'), { recursive: true })
  for (const name of ['employee_file0.avro', 'employee_file1.avro'])
    await copyFile(join(hrDataFolder, name), join(dataFolder, name))
  await generateFile({ path: join(dataFolder, 'long/long_file0.avro'), records: 15_000, seed: 1 })
  const config = await writeHrConfig(place, { dataFolder })
  const log = join(place, 'audit')
  await using server = await startPortcullis({ config })
  const client = createClient({ server: server.url })
  const ask = async (userId: string, purpose: string, resourceId: string = folder) => {
    const token = await client.register({ userId, resourceId, context: { purpose } })
    for await (const item of client.items(token)) if (item.kind === 'error') break
    return token
  }
  const alice = await ask('Alice', 'SALARY')
  await take((await client.read(alice, first)).bytes)
  await take((await client.read(alice, second)).bytes)
  const bob = await ask('Bob', 'DUTY_OF_CARE')
  await take((await client.read(bob, first)).bytes)
  await expect(client.read(bob, second)).rejects.toThrow()
  const eve = await ask('Eve', 'SALARY')
  await take((await client.read(eve, first)).bytes)
  const mallory = await ask('Mallory', 'SALARY')
  await client.revoke(alice)
  await expect(client.read(alice, first)).rejects.toThrow()
  await expect(client.read(stranger, first)).rejects.toThrow()
  await expect(client.revoke(stranger)).rejects.toThrow()
  const cut = await ask('Alice', 'STAFF_REPORT', long)
  const leaving = await beginRead(server.url, cut)
  leaving.abort()
  await waitFor(log, 'read.aborted')
  const killed = await ask('Alice', 'DUTY_OF_CARE', long)
  await beginRead(server.url, killed)
  await server.kill()
  return { log, tokens: { alice, bob, eve, mallory, cut, killed } }
}

async function take(bytes: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0
  for await (const chunk of bytes) length += chunk.length
  return length
}

/** Begins a read, and leaves it when a part has come. */
async function beginRead(url: string, token: string): Promise<AbortController> {
  const leaving = new AbortController()
  const response = await fetch(new URL(`/api/v1/requests/${token}/read`, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ leafId: long }),
    signal: leaving.signal,
  })
  await response.body!.getReader().read()
  return leaving
}

async function waitFor(log: string, what: string): Promise<void> {
  const text = async () =>
    (await Promise.all((await readdir(log)).map((name) => readFile(join(log, name), 'utf8')))).join('')
  await vi.waitUntil(async () => (await text()).includes(what), { timeout: 20_000 })
}
