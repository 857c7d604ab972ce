/** What one process with everything in it takes: time to readiness, memory when idle, and memory while a file of a gigabyte is read. */
import { spawn } from 'node:child_process'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateFile } from '../examples/hr/generate.ts'
import { createClient } from '../src/cli/client.ts'
import { freePort } from '../test/support/free-port.ts'
import { repositoryFolder, startHrPortcullis, writeHrConfig } from '../test/support/portcullis-process.ts'
import { createTempFolder } from '../test/support/temp-folder.ts'
import { distributionOf, type Row, report, round } from './support/statistics.ts'

const starts = 7
const gigabyte = 1024 ** 3
const records = 50_000
const readers = 50
/** How much each of many readers takes before it goes away, in bytes. */
const bytesEach = 20 * 1024 ** 2

const folder = (await createTempFolder('bench-resources')).path
const rows: Row[] = []

async function readyMs(): Promise<number> {
  const port = await freePort()
  const config = await writeHrConfig(folder)
  const startedAt = performance.now()
  const child = spawn(
    process.execPath,
    [join(repositoryFolder, 'bin/portcullis'), 'serve', '--config', config, '--listen', `127.0.0.1:${port}`],
    {
      stdio: 'ignore',
    },
  )
  try {
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined)
      if (answer?.ok) return performance.now() - startedAt
      await sleep(5)
    }
  } finally {
    child.kill('SIGKILL')
  }
}

const figures: number[] = []
for (let start = 0; start < starts; start++) figures.push(await readyMs())
rows.push({ what: 'serve: ready after start, p50', value: distributionOf(figures).p50, unit: 'ms' })

// one generated file, its blocks repeated until the gigabyte is full: a valid container
const data = join(folder, 'data')
const one = join(folder, 'one.avro')
await generateFile({ path: one, records, seed: 1 })
const big = join(data, 'employee_file0.avro')
await mkdir(data, { recursive: true })
const header = await headerLength(one)
const { size } = await stat(one)
const out = createWriteStream(big)
for (let written = 0; written < gigabyte; written += size)
  for await (const chunk of createReadStream(one, { start: written === 0 ? 0 : header }))
    if (!out.write(chunk)) await new Promise<void>((resolve) => out.once('drain', () => resolve()))
await new Promise<void>((resolve) => out.end(() => resolve()))

{
  await using server = await startHrPortcullis({ dataFolder: data, built: true })
  const client = createClient({ server: server.url })
  await sleep(3_000)
  const idle = await residentMb(server.pid)
  rows.push({ what: 'resident when idle', value: round(idle), unit: 'MB' })
  const read = async (userId: string, take: (bytes: AsyncIterable<Uint8Array>) => Promise<void>) => {
    const token = await client.register({ userId, resourceId: 'file:/data/hr/', context: { purpose: 'SALARY' } })
    for await (const _ of client.items(token));
    await take((await client.read(token, 'file:/data/hr/employee_file0.avro')).bytes)
  }
  for (const userId of ['Alice', 'Bob']) {
    let length = 0
    const startedAt = performance.now()
    const peak = await peakMb(server.pid, () =>
      read(userId, async (bytes) => {
        for await (const chunk of bytes) length += chunk.length
      }),
    )
    const seconds = (performance.now() - startedAt) / 1000
    const { size: bytes } = await stat(big)
    rows.push(
      { what: `1 GB Avro read by ${userId}: resident at most`, value: round(peak), unit: 'MB' },
      { what: `1 GB Avro read by ${userId}: source read at`, value: round(bytes / 1024 ** 2 / seconds), unit: 'MB/s' },
      { what: `1 GB Avro read by ${userId}: returned`, value: round(length / 1024 ** 2), unit: 'MB' },
    )
  }
  for (const userId of ['Alice', 'Bob']) {
    const peak = await peakMb(server.pid, () =>
      Promise.all(
        Array.from({ length: readers }, () =>
          read(userId, async (bytes) => {
            let length = 0
            for await (const chunk of bytes) if ((length += chunk.length) > bytesEach) break
          }),
        ),
      ),
    )
    rows.push({
      what: `${readers} reads at once by ${userId}: resident above idle`,
      value: round(peak - idle),
      unit: 'MB',
    })
  }
}
report('resources', rows, { starts, records })
await rm(folder, { recursive: true, force: true })
process.exit(0)

async function residentMb(pid: number): Promise<number> {
  return Number(/VmRSS:\s+(\d+)/u.exec(await readFile(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
}

async function peakMb(pid: number, work: () => Promise<unknown>): Promise<number> {
  let peak = 0
  let working = true
  const sampling = (async () => {
    while (working) {
      peak = Math.max(peak, await residentMb(pid))
      await sleep(50)
    }
  })()
  await work()
  working = false
  await sampling
  return peak
}

/** Where the first block begins: behind the sync marker that ends the header, which every block ends with, too. */
async function headerLength(path: string): Promise<number> {
  const bytes = await readFile(path)
  const marker = bytes.subarray(bytes.length - 16)
  return bytes.indexOf(marker) + 16
}
