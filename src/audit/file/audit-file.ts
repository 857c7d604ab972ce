/** The audit log as append-only NDJSON, one file a day (UTC): `audit-2026-11-25.ndjson`. Events that wait together are written together. */
import { constants } from 'node:fs'
import { access, type FileHandle, mkdir, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditEvent } from '../../domain/audit-event.ts'
import { PortcullisError } from '../../domain/errors.ts'
import type { AuditTrail } from '../audit-trail.ts'

/** Events that may wait for the disk; beyond that, recording fails and access with it. */
export const waitingEventsMax = 100_000
/** How many of the latest ids are remembered to keep events that are delivered twice out. */
export const rememberedIdsMax = 100_000
/** How much of the newest file is read at the start to remember them, in bytes. */
const tailBytesMax = 16 * 1024 * 1024

export type AuditFileDeps = {
  readonly folder: string
  /** `os`: handed to the operating system, survives a crash of this process. `disk`: on the disk (fdatasync), survives a crash of the machine. */
  readonly durability: 'os' | 'disk'
  /** Read the log's end at the start so that events delivered again after a restart are known; needed behind a broker only. */
  readonly rememberAcrossRestarts: boolean
}

type OpenDay = { readonly day: string; readonly handle: FileHandle; readonly inode: number; readonly device: number }
type Waiting = { readonly events: readonly AuditEvent[]; resolve(): void; reject(error: PortcullisError): void }

/** @throws PortcullisError audit.failed when the folder can't be written */
export async function createAuditFile(deps: AuditFileDeps): Promise<AuditTrail> {
  const remembered = new Set<string>()
  let file: OpenDay | undefined
  let waiting: Waiting[] = []
  let waitingEvents = 0
  let writing: Promise<void> | undefined

  await mkdir(deps.folder, { recursive: true, mode: 0o700 }).catch(failed)
  if (deps.rememberAcrossRestarts) for (const id of await latestIds(deps.folder).catch(failed)) remembered.add(id)
  await access(deps.folder, constants.W_OK).catch(failed)

  async function handleFor(day: string): Promise<FileHandle> {
    // a log that was moved or removed under us must not swallow what follows
    if (file?.day === day && (await isStillThere(deps.folder, file))) return file.handle
    await file?.handle.close()
    file = undefined
    file = await openDay(deps.folder, day)
    return file.handle
  }

  async function write(batch: readonly Waiting[]): Promise<void> {
    const fresh = batch.flatMap(({ events }) => events).filter((event) => !remembered.has(event.id))
    for (const [day, events] of groupByDay(fresh)) {
      const handle = await handleFor(day)
      await handle.appendFile(`${events.map((event) => JSON.stringify(event)).join('\n')}\n`)
      if (deps.durability === 'disk') await handle.datasync()
    }
    for (const event of fresh) remember(event.id)
  }

  function remember(id: string): void {
    remembered.add(id)
    if (remembered.size > rememberedIdsMax) remembered.delete(remembered.values().next().value!)
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      waitingEvents = 0
      try {
        await write(batch)
        for (const item of batch) item.resolve()
      } catch (cause) {
        // the next batch opens the file anew: a full disk may have room again
        await file?.handle.close().catch(() => undefined)
        file = undefined
        for (const item of batch) item.reject(new PortcullisError('audit.failed', { cause }))
      }
    }
    writing = undefined
  }

  return {
    record(events) {
      if (events.length === 0) return Promise.resolve()
      if (waitingEvents + events.length > waitingEventsMax) return Promise.reject(new PortcullisError('audit.failed'))
      return new Promise<void>((resolve, reject) => {
        waiting.push({ events, resolve, reject })
        waitingEvents += events.length
        writing ??= drain()
      })
    },
    async [Symbol.asyncDispose]() {
      await writing
      await file?.handle.close()
      file = undefined
    },
  }
}

function groupByDay(events: readonly AuditEvent[]): Map<string, AuditEvent[]> {
  const days = new Map<string, AuditEvent[]>()
  for (const event of events) {
    const day = event.time.slice(0, 10)
    const known = days.get(day)
    if (known === undefined) days.set(day, [event])
    else known.push(event)
  }
  return days
}

async function isStillThere(folder: string, { day, inode, device }: OpenDay): Promise<boolean> {
  const found = await stat(pathOf(folder, day)).catch(() => undefined)
  return found?.ino === inode && found.dev === device
}

async function openDay(folder: string, day: string): Promise<OpenDay> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const handle = await open(pathOf(folder, day), constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600)
  const { size, ino, dev } = await handle.stat()
  if (size > 0) {
    // a write that a crash or a full disk cut short must not swallow the next event
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
    if (buffer[0] !== 0x0a) await handle.appendFile('\n')
  }
  return { day, handle, inode: ino, device: dev }
}

async function latestIds(folder: string): Promise<string[]> {
  const newest = (await readdir(folder))
    .filter((name) => /^audit-\d{4}-\d\d-\d\d\.ndjson$/u.test(name))
    .sort()
    .at(-1)
  if (newest === undefined) return []
  const handle = await open(join(folder, newest), 'r')
  try {
    const { size } = await handle.stat()
    const buffer = Buffer.alloc(Math.min(size, tailBytesMax))
    await handle.read(buffer, 0, buffer.length, size - buffer.length)
    return [...buffer.toString('utf8').matchAll(/"id":"([^"]+)"/gu)].map((match) => match[1]!).slice(-rememberedIdsMax)
  } finally {
    await handle.close()
  }
}

const pathOf = (folder: string, day: string) => join(folder, `audit-${day}.ndjson`)

function failed(cause: unknown): never {
  throw new PortcullisError('audit.failed', { message: 'audit.folder: cannot be written', cause })
}
