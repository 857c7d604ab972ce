/** The clinic example as a running server, and its data decoded by the ordinary library of each format. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import avro from 'avsc'
import { parse } from 'csv-parse/sync'
import { parquetReadObjects } from 'hyparquet'
import { load } from 'js-yaml'
import { createClient } from '../../src/cli/client.ts'
import type { AuditEvent } from '../../src/domain/audit-event.ts'
import { repositoryFolder, startPortcullis } from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'
import { readAudit } from './system.ts'

export const clinicFolder = join(repositoryFolder, 'examples/clinic')
export const ports = {
  records: 'file:/clinic/patient-records/wards.avro',
  prescriptions: 'file:/clinic/prescriptions/dispensary.csv',
  results: 'file:/clinic/trial-results/heart.parquet',
  siteResults: 'file:/clinic/trial-results/site-b.json',
} as const

export type Row = Readonly<Record<string, unknown>>
/** By leaf: what came of each that was listed. */
export type Given = Readonly<Record<string, readonly Row[]>>
export type Ask = {
  readonly user: string
  readonly context: Readonly<Record<string, string>> & { readonly purpose: string }
  readonly resource?: string
}

export type Clinic = AsyncDisposable & {
  readonly url: string
  /** Everything that is listed, read and decoded. */
  ask(question: Ask): Promise<Given>
  audit(): Promise<readonly AuditEvent[]>
}

/** With the configuration and the staff as they are committed, and Egon and Edda beside Erin: one on duty, one not, whenever this runs. */
export async function startClinic(): Promise<Clinic> {
  const folder = await createTempFolder('clinic')
  const usersFile = join(folder.path, 'users.yaml')
  await writeFile(usersFile, JSON.stringify({ users: await staffNow(new Date().getUTCHours()) }))
  const server = await startPortcullis({
    config: join(clinicFolder, 'portcullis.yaml'),
    env: { CLINIC_AUDIT: join(folder.path, 'audit'), CLINIC_USERS: usersFile },
  })
  const client = createClient({ server: server.url })

  async function ask({ user, context, resource = 'file:/clinic/' }: Ask): Promise<Given> {
    const token = await client.register({ userId: user, resourceId: resource, context })
    const given: Record<string, readonly Row[]> = {}
    for await (const item of client.items(token)) {
      if (item.kind !== 'leaf') continue
      const { bytes, mediaType } = await client.read(token, item.leaf.id)
      const chunks: Uint8Array[] = []
      for await (const chunk of bytes) chunks.push(chunk)
      given[item.leaf.id] = await decode(mediaType, Buffer.concat(chunks))
    }
    return given
  }

  return {
    url: server.url,
    ask,
    audit: () => readAudit(join(folder.path, 'audit')),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

type Staff = { readonly id: string; readonly attributes?: Row }

async function staffNow(hour: number): Promise<readonly Staff[]> {
  const { users } = load(await readFile(join(clinicFolder, 'users.yaml'), 'utf8')) as { users: readonly Staff[] }
  const erin = users.find(({ id }) => id === 'erin')!
  const onShift = (id: string, from: number, to: number): Staff => ({
    ...erin,
    id,
    attributes: { ...erin.attributes, shift: { days: [0, 1, 2, 3, 4, 5, 6], from: from % 24, to: to % 24 } },
  })
  return [...users, onShift('egon', hour + 22, hour + 4), onShift('edda', hour + 4, hour + 10)]
}

async function decode(mediaType: string, bytes: Buffer): Promise<readonly Row[]> {
  switch (mediaType.split(';')[0]) {
    case 'avro/binary':
      return decodeAvro(bytes)
    case 'text/csv':
      return parse(bytes, { columns: true }) as Row[]
    case 'application/vnd.apache.parquet': {
      const { buffer, byteOffset, length } = bytes
      return parquetReadObjects({ file: buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer })
    }
    case 'application/json':
      return JSON.parse(bytes.toString('utf8')) as Row[]
    default:
      throw new Error(`nobody decodes ${mediaType}`)
  }
}

function decodeAvro(bytes: Buffer): Promise<readonly Row[]> {
  return new Promise((resolve, reject) => {
    const rows: Row[] = []
    const decoder = new avro.streams.BlockDecoder()
    decoder.on('data', (row: object) => rows.push({ ...row }))
    decoder.on('error', reject)
    decoder.on('end', () => resolve(rows))
    decoder.end(bytes)
  })
}
