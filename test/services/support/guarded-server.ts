/** The data service over real files and a real HTTP server, with policy as each test says it. */
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createFormats, createShapers } from '../../../src/app/adapters.ts'
import { createFileCatalogue } from '../../../src/catalogue/file/file-catalogue.ts'
import type { AuditEvent } from '../../../src/domain/audit-event.ts'
import { systemClock } from '../../../src/domain/clock.ts'
import { parseUserId, type Revision, type Token } from '../../../src/domain/ids.ts'
import type { RecordPolicy } from '../../../src/domain/record-policy.ts'
import type { User } from '../../../src/domain/records.ts'
import { parseResourceId } from '../../../src/domain/resource-id.ts'
import { createAuthenticator } from '../../../src/http/authentication/authenticator.ts'
import { registerNativeApi } from '../../../src/http/native/native-api.ts'
import { createHttpServer, listenOptions } from '../../../src/http/server.ts'
import { createAuditEvents } from '../../../src/pipeline/audit-events.ts'
import type { PolicyEngine } from '../../../src/policy/policy-engine.ts'
import { createFileReader } from '../../../src/readers/file/file-reader.ts'
import { createDataService } from '../../../src/services/data/data-service.ts'
import { createEmbeddedTokenStore } from '../../../src/tokens/embedded/embedded-token-store.ts'
import { accessBundle } from '../../support/portcullis-process.ts'
import { createTempFolder } from '../../support/temp-folder.ts'

export type GuardedServer = AsyncDisposable & {
  readonly url: string
  readonly recorded: AuditEvent[]
  /** What the next read, and each recheck, finds. */
  policy: RecordPolicy
  revision: string
  user: User
  /** Writes the leaf and grants it; what it gives is the address to read it at. */
  leaf(name: string, content: string | Uint8Array, context?: Readonly<Record<string, string>>): Promise<string>
}

const types = [
  { suffix: '.avro', mediaType: 'avro/binary', recordType: 'Row' },
  { suffix: '.ndjson', mediaType: 'application/x-ndjson', recordType: 'Row' },
  { suffix: '.json', mediaType: 'application/json', recordType: 'Row' },
  { suffix: '.csv', mediaType: 'text/csv', recordType: 'Row' },
  { suffix: '.txt', mediaType: 'text/plain', recordType: 'Row' },
  { suffix: '.bin', mediaType: 'application/octet-stream', recordType: 'Row' },
  { suffix: '.parquet', mediaType: 'application/vnd.apache.parquet', recordType: 'Row' },
]

export async function startGuardedServer(): Promise<GuardedServer> {
  const place = await createTempFolder('guarded')
  const folder = parseResourceId('file:/data/')
  const tokens = await createEmbeddedTokenStore({ clock: systemClock })
  const recorded: AuditEvent[] = []
  const owner = parseUserId('Alice')
  const state = {
    policy: { kind: 'untouched' } as RecordPolicy,
    revision: 'r1',
    user: { id: owner, active: true, roles: ['HR'], attributes: {} } as User,
  }
  const engine = (): PolicyEngine => {
    const revision = state.revision as Revision
    const permit = { effect: 'permit', revision } as const
    const { policy } = state
    return {
      revision,
      fast: true,
      decideUser: () => permit,
      decideResource: () => permit,
      prepare: () => policy,
      [Symbol.dispose]: () => undefined,
    }
  }
  const data = createDataService({
    tokens,
    engine,
    directory: { find: async () => state.user, async [Symbol.asyncDispose]() {} },
    catalogue: createFileCatalogue({
      roots: [{ id: folder, folder: place.path, types }],
      onUnnameable: () => undefined,
    }),
    readers: [createFileReader()],
    formats: await createFormats({ bundle: accessBundle }),
    shapers: await createShapers(),
    etagKey: Buffer.alloc(32, 7),
    trail: {
      async record(events) {
        recorded.push(...events)
      },
      async [Symbol.asyncDispose]() {},
    },
    events: createAuditEvents('data', systemClock.now),
    now: systemClock.now,
    readsMax: 16,
    recheckMs: 20,
    onFault: () => undefined,
  })
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const authenticator = await createAuthenticator(
    { kind: 'none' },
    { log, clock: systemClock, listen: '127.0.0.1:0', ownerOf: async () => owner },
  )
  const app = await createHttpServer({ authenticator, log, closeGraceMs: 200 })
  await registerNativeApi(app, { authenticator, log, data })
  await app.listen(listenOptions('127.0.0.1:0'))
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  return Object.assign(state, {
    url,
    recorded,
    async leaf(name: string, content: string | Uint8Array, context: Readonly<Record<string, string>> = {}) {
      await writeFile(join(place.path, name), content)
      const token = randomUUID() as Token
      const id = parseResourceId(`file:/data/${name}`)
      const { mediaType } = types.find(({ suffix }) => name.endsWith(suffix))!
      const now = systemClock.now()
      const times = { registeredAt: now, expiresAt: now + 600_000 }
      await tokens.register({ token, owner, resource: folder, context: { purpose: 'TEST', ...context }, ...times }, {})
      const leaf = { id, mediaType, recordType: 'Row', attributes: {} }
      await tokens.grant(token, [{ index: 0, leaf, revision: state.revision as Revision, grantedAt: now }])
      return `${url}/api/v1/requests/${token}/read?leafId=${encodeURIComponent(id)}`
    },
    async [Symbol.asyncDispose]() {
      await app.close()
      await tokens[Symbol.asyncDispose]()
      await place[Symbol.asyncDispose]()
    },
  })
}
