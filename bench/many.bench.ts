/** Many small reads and one large one over HTTP: 100 leaves of one record each, and bytes that pass untouched against a plain file server in Node. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { promisify } from 'node:util'
import avro from 'avsc'
import { employeeSchema } from '../examples/hr/employee-schema.ts'
import { employeeAt } from '../examples/hr/employees.ts'
import { createClient } from '../src/cli/client.ts'
import { startGuardedServer } from '../test/services/support/guarded-server.ts'
import { startHrPortcullis } from '../test/support/portcullis-process.ts'
import { createTempFolder } from '../test/support/temp-folder.ts'
import { distributionOf, type Row, report, round } from './support/statistics.ts'

const leaves = 100
const rounds = 9
const largeBytes = 256 * 1024 * 1024
const large = Buffer.alloc(largeBytes, 'untouched bytes\n')

const folder = join((await createTempFolder('bench-many')).path, 'data')
await mkdir(join(folder, 'many'), { recursive: true })
await writeFile(join(folder, 'one.avro'), await containerOfOne())
for (let index = 0; index < leaves; index++)
  await copyFile(join(folder, 'one.avro'), join(folder, `many/employee_file${index}.avro`))
await writeFile(join(folder, 'large.bin'), large)
const plainServer = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/octet-stream' })
  pipeline(createReadStream(join(folder, 'large.bin'), { highWaterMark: 256 * 1024 }), response, () => undefined)
})
await new Promise<void>((resolve) => plainServer.listen(0, '127.0.0.1', resolve))
const plainUrl = `http://127.0.0.1:${(plainServer.address() as AddressInfo).port}`

async function containerOfOne(): Promise<Buffer> {
  const encoder = new avro.streams.BlockEncoder(avro.Type.forSchema(employeeSchema as avro.Schema))
  const chunks: Buffer[] = []
  const ended = once(encoder, 'end')
  encoder.on('data', (chunk: Buffer) => chunks.push(chunk))
  encoder.end(employeeAt(1, 0))
  await ended
  return Buffer.concat(chunks)
}

await using server = await startHrPortcullis({ dataFolder: folder, built: process.env.PORTCULLIS_BUILT !== 'no' })
const client = createClient({ server: server.url })

async function register(userId: string, resourceId: string): Promise<{ token: string; ids: readonly string[] }> {
  const token = await client.register({ userId, resourceId, context: { purpose: 'SALARY' } })
  const ids: string[] = []
  for await (const item of client.items(token)) if (item.kind === 'leaf') ids.push(item.leaf.id)
  return { token, ids }
}

async function drain(bytes: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0
  for await (const chunk of bytes) length += chunk.length
  return length
}

const rows: Row[] = []
for (const userId of ['Alice', 'Bob', 'Eve']) {
  const { token, ids } = await register(userId, 'file:/data/hr/many/')
  const figures: number[] = []
  for (let round = -2; round < rounds; round++) {
    const startedAt = performance.now()
    for (const id of ids) await drain((await client.read(token, id)).bytes)
    if (round >= 0) figures.push((performance.now() - startedAt) / ids.length)
  }
  const { min, p50 } = distributionOf(figures)
  rows.push({ case: `${ids.length} leaves of one record, ${userId}`, min, p50, unit: 'ms a leaf' })
}

await server.stop()

// both servers run here, and the client is a process of its own: what it takes is the same for both
await using guardedServer = await startGuardedServer()
const guardedUrl = await guardedServer.leaf('large.bin', large)
const curl = promisify(execFile)
async function received(url: string): Promise<number> {
  const { stdout } = await curl('curl', ['-sf', '-o', '/dev/null', '-w', '%{size_download}', url])
  return Number(stdout)
}
const ways: readonly { readonly name: string; readonly run: () => Promise<number>; readonly times: number[] }[] = [
  { name: 'plain file server', run: () => received(plainUrl), times: [] },
  { name: 'guarded, untouched', run: () => received(guardedUrl), times: [] },
]
for (let round = -2; round < rounds; round++)
  for (const { name, run, times } of ways) {
    const startedAt = performance.now()
    if ((await run()) !== largeBytes) throw new Error(`${name}: not whole`)
    if (round >= 0) times.push(performance.now() - startedAt)
  }
const [plain, guarded] = ways.map(({ times }) => distributionOf(times))
const figures = (of: { readonly min: number; readonly p50: number }, unit: string) => ({
  min: of.min,
  p50: of.p50,
  unit,
})
rows.push(
  { case: 'plain file server in Node, 256 MiB', ...figures(plain!, 'ms') },
  { case: 'bytes untouched through the guard, 256 MiB', ...figures(guarded!, 'ms') },
  { case: 'ratio', min: round(guarded!.min / plain!.min), p50: round(guarded!.p50 / plain!.p50), unit: '' },
)
report('many', rows, { leaves, rounds, largeBytes })
plainServer.close()
process.exit(0)
