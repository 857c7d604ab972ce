/** Whole systems for end-to-end tests: one process with nothing else, and each service as a process of its own over a real Kafka and a real Redis. */
import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serviceNames } from '../../src/app/config.ts'
import { createClient, type Item } from '../../src/cli/client.ts'
import type { AuditEvent } from '../../src/domain/audit-event.ts'
import {
  type ConfigOptions,
  type PortcullisProcess,
  startPortcullis,
  writeHrConfig,
} from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'

export type Servers = { readonly kafkaBrokers: readonly string[]; readonly redisUrl: string }

export type System = AsyncDisposable & {
  readonly folder: string
  /** Where requests, deliveries and reads are served; one address where one process runs them all. */
  readonly urls: { readonly request: string; readonly delivery: string; readonly data: string }
  readonly processes: Readonly<Record<string, PortcullisProcess>>
  audit(): Promise<readonly AuditEvent[]>
}

export async function startEmbedded(options: ConfigOptions = {}): Promise<System> {
  const folder = await createTempFolder('e2e')
  const server = await startPortcullis({ config: await writeHrConfig(folder.path, options) })
  return systemOf(folder, { request: server, delivery: server, data: server }, { all: server })
}

/** Eight processes, one a service. */
export async function startDistributed(servers: Servers, options: ConfigOptions = {}): Promise<System> {
  const folder = await createTempFolder('e2e')
  const config = await writeHrConfig(folder.path, { ...servers, prefix: `${randomUUID()}.`, ...options })
  const entries = await Promise.all(
    serviceNames.map(async (name) => [name, await startPortcullis({ config, services: [name] })] as const),
  )
  const processes = Object.fromEntries(entries) as Record<(typeof serviceNames)[number], PortcullisProcess>
  return systemOf(folder, processes, processes)
}

function systemOf(
  folder: Awaited<ReturnType<typeof createTempFolder>>,
  edges: Record<'request' | 'delivery' | 'data', PortcullisProcess>,
  processes: Readonly<Record<string, PortcullisProcess>>,
): System {
  return {
    folder: folder.path,
    urls: { request: edges.request.url, delivery: edges.delivery.url, data: edges.data.url },
    processes,
    audit: () => readAudit(join(folder.path, 'audit')),
    async [Symbol.asyncDispose]() {
      await Promise.all(Object.values(processes).map((process) => process[Symbol.asyncDispose]()))
      await folder[Symbol.asyncDispose]()
    },
  }
}

export async function readAudit(folder: string): Promise<readonly AuditEvent[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.ndjson')).sort()
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return texts.flatMap((text) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as AuditEvent),
  )
}

export type Ask = { readonly userId: string; readonly purpose: string; readonly resourceId?: string }

/** Registers, and waits for all items. */
export async function ask(
  system: System,
  { userId, purpose, resourceId = 'file:/data/hr/' }: Ask,
): Promise<{ readonly token: string; readonly items: readonly Item[] }> {
  const token = await createClient({ server: system.urls.request }).register({
    userId,
    resourceId,
    context: { purpose },
  })
  const items: Item[] = []
  for await (const item of createClient({ server: system.urls.delivery }).items(token)) items.push(item)
  return { token, items }
}

export const leafIds = (items: readonly Item[]): string[] =>
  items.flatMap((item) => (item.kind === 'leaf' ? [item.leaf.id] : []))

export async function read(system: System, token: string, leafId: string): Promise<Buffer> {
  const { bytes } = await createClient({ server: system.urls.data }).read(token, leafId)
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks)
}
