/** A new revision reaches every engine without a restart: ours by its file and by a bundle service, a stock `opa` by ours; reads under way are decided again. */
import { type ChildProcess, spawn } from 'node:child_process'
import { copyFile, mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generateFile } from '../../examples/hr/generate.ts'
import { buildAccess } from '../../src/bundles/build-access.ts'
import { createCheckout, pinnedOpa } from '../bundles/support/checkout.ts'
import { repacked } from '../bundles/support/repack.ts'
import { ensureTool } from '../support/ensure-tool.ts'
import { freePort } from '../support/free-port.ts'
import { accessBundle, startHrPortcullis } from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'
import { ask, startEmbedded } from './system.ts'

const leaf = 'file:/data/hr/employee_file0.avro'
/** The promise is one second; the rest is for a busy machine. */
const polled = { timeout: 20_000, interval: 25 } as const

let place: Awaited<ReturnType<typeof createTempFolder>>
let bundle: string
const path = (name: string) => join(place.path, name)

beforeAll(async () => {
  place = await createTempFolder('rollout')
  bundle = path('access.tar.gz')
  await copyFile(accessBundle, bundle)
}, 60_000)
afterAll(() => place?.[Symbol.asyncDispose]())

async function rollOut(bytes: Uint8Array): Promise<void> {
  await writeFile(`${bundle}.new`, bytes)
  await rename(`${bundle}.new`, bundle)
}

async function revisionOf(url: string): Promise<string> {
  const status = (await (await fetch(`${url}/api/v1/status`)).json()) as {
    bundles: { access: { activeRevision: string } }
  }
  return status.bundles.access.activeRevision
}

test('another process and a stock opa follow the bundle that a server gives them, and go back with it', async () => {
  await using upstream = await startHrPortcullis({ bundle })
  await using downstream = await startHrPortcullis({
    changes: { policy: { bundle: `${upstream.url}/bundles/access.tar.gz`, bundleService: { waitSeconds: 60 } } },
  })
  const before = await revisionOf(upstream.url)
  expect(await revisionOf(downstream.url)).toBe(before)
  await using opa = await startOpa(upstream.url)
  await expect.poll(() => opa.revision(), polled).toBe(before)
  const next = repacked('next')
  await rollOut(next.bytes)
  await expect.poll(() => revisionOf(downstream.url), polled).toBe(next.revision)
  await expect.poll(() => opa.revision(), polled).toBe(next.revision)
  await copyFile(accessBundle, `${bundle}.old`)
  await rename(`${bundle}.old`, bundle)
  await expect.poll(() => revisionOf(downstream.url), polled).toBe(before)
  await expect.poll(() => opa.revision(), polled).toBe(before)
}, 120_000)

test('a bundle service holds a request until there is news, and answers 304 when there is none', async () => {
  await using server = await startHrPortcullis({ bundle })
  const first = await fetch(`${server.url}/bundles/access.tar.gz`)
  const etag = first.headers.get('etag')!
  expect(first.headers.get('content-type')).toBe('application/vnd.openpolicyagent.bundles')
  const started = performance.now()
  const idle = await fetch(`${server.url}/bundles/access.tar.gz`, {
    headers: { 'if-none-match': etag, prefer: 'modes=snapshot;wait=1' },
  })
  expect(idle.status).toBe(304)
  expect(performance.now() - started).toBeGreaterThan(900)
  const held = fetch(`${server.url}/bundles/access.tar.gz`, {
    headers: { 'if-none-match': etag, prefer: 'modes=snapshot;wait=60' },
  })
  await rollOut(repacked('held').bytes)
  expect((await held).status).toBe(200)
  expect((await fetch(`${server.url}/bundles/elsewhere.tar.gz`)).status).toBe(404)
}, 60_000)

test('a roll-out in the middle of 100 reads: each is decided again, and none ends cleanly with what it may no longer see', async () => {
  await copyFile(accessBundle, bundle)
  const data = path('data')
  await mkdir(data)
  await generateFile({ path: join(data, 'employee_file0.avro'), records: 20_000, seed: 1 })
  await using system = await startEmbedded({ bundle, dataFolder: data })
  const { token } = await ask(system, { userId: 'Alice', purpose: 'SALARY' })
  const open = async () => {
    const response = await fetch(new URL(`/api/v1/requests/${token}/read`, system.urls.data), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ leafId: leaf }),
    })
    expect(response.status).toBe(200)
    const reader = response.body!.getReader()
    await reader.read()
    return reader
  }
  const readers = await Promise.all(Array.from({ length: 100 }, open))
  await using checkout = await createCheckout({
    'rules/org/active/active.rego': (text) => text.replace('input.user.active == true', 'input.user.active == false'),
  })
  const built = await buildAccess(await pinnedOpa(), checkout.path)
  expect(built.bundles.length, JSON.stringify(built.findings)).toBe(2)
  await rollOut(built.bundles[0]!.bytes)
  await expect
    .poll(async () => (await system.audit()).filter(({ kind }) => kind === 'read.aborted').length, polled)
    .toBe(100)
  const ends = await Promise.all(
    readers.map(async (reader) => {
      try {
        for (;;) if ((await reader.read()).done) return 'clean'
      } catch {
        return 'cut'
      }
    }),
  )
  expect(ends.filter((end) => end === 'cut').length).toBe(100)
  // and none of those who ask now is served
  expect((await ask(system, { userId: 'Alice', purpose: 'SALARY' })).items.some((item) => item.kind === 'leaf')).toBe(
    false,
  )
}, 180_000)

async function startOpa(service: string) {
  const port = await freePort()
  const config = path('opa.yaml')
  await writeFile(
    config,
    JSON.stringify({
      services: { portcullis: { url: service } },
      bundles: {
        access: {
          service: 'portcullis',
          resource: 'bundles/access.tar.gz',
          polling: { long_polling_timeout_seconds: 30, min_delay_seconds: 1, max_delay_seconds: 2 },
        },
      },
    }),
  )
  const args = ['run', '--server', '--addr', `127.0.0.1:${port}`, '--config-file', config, '--log-level', 'error']
  const child: ChildProcess = spawn(await ensureTool('opa'), args, { stdio: 'ignore' })
  return {
    /** undefined until a bundle is active. */
    async revision(): Promise<string | undefined> {
      const answer = await fetch(`http://127.0.0.1:${port}/v1/data/access?provenance=true`).catch(() => undefined)
      const body = (await answer?.json()) as
        | { provenance?: { bundles?: { access?: { revision: string } } } }
        | undefined
      return body?.provenance?.bundles?.access?.revision
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
    },
  }
}
