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
  const resident = async () =>
    Number(/VmRSS:\s+(\d+)/u.exec(await readFile(`/proc/${server.pid}/status`, 'utf8'))![1]) / 1024
  const client = createClient({ server: server.url })
  await sleep(3_000)
  rows.push({ what: 'resident when idle', value: round(await resident()), unit: 'MB' })
  for (const userId of ['Alice', 'Bob']) {
    const token = await client.register({ userId, resourceId: 'file:/data/hr/', context: { purpose: 'SALARY' } })
    for await (const _ of client.items(token));
    const samples: number[] = []
    let reading = true
    const sampling = (async () => {
      while (reading) {
        samples.push(await resident())
        await sleep(50)
      }
    })()
    const startedAt = performance.now()
    let length = 0
    for await (const chunk of (await client.read(token, 'file:/data/hr/employee_file0.avro')).bytes)
      length += chunk.length
    const seconds = (performance.now() - startedAt) / 1000
    reading = false
    await sampling
    const { size: bytes } = await stat(big)
    rows.push(
      { what: `1 GB Avro read by ${userId}: resident at most`, value: round(Math.max(...samples)), unit: 'MB' },
      { what: `1 GB Avro read by ${userId}: source read at`, value: round(bytes / 1024 ** 2 / seconds), unit: 'MB/s' },
      { what: `1 GB Avro read by ${userId}: returned`, value: round(length / 1024 ** 2), unit: 'MB' },
    )
  }
}
report('resources', rows, { starts, records })
await rm(folder, { recursive: true, force: true })
process.exit(0)

/** Where the first block begins: behind the sync marker that ends the header, which every block ends with, too. */
async function headerLength(path: string): Promise<number> {
  const bytes = await readFile(path)
  const marker = bytes.subarray(bytes.length - 16)
  return bytes.indexOf(marker) + 16
}
