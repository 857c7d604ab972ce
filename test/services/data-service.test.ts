import { randomUUID } from 'node:crypto'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEngineLoader, createFormats, createShapers } from '../../src/app/adapters.ts'
import { createFileCatalogue } from '../../src/catalogue/file/file-catalogue.ts'
import { createFileUserDirectory } from '../../src/directory/file/file-user-directory.ts'
import type { UserDirectory } from '../../src/directory/user-directory.ts'
import type { AuditEvent } from '../../src/domain/audit-event.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { PortcullisError } from '../../src/domain/errors.ts'
import { parseUserId, type Token } from '../../src/domain/ids.ts'
import type { Leaf } from '../../src/domain/records.ts'
import { parseResourceId } from '../../src/domain/resource-id.ts'
import { createAuditEvents } from '../../src/pipeline/audit-events.ts'
import type { PolicyEngine } from '../../src/policy/policy-engine.ts'
import { createFileReader } from '../../src/readers/file/file-reader.ts'
import type { DataApi } from '../../src/services/api.ts'
import { createDataService } from '../../src/services/data/data-service.ts'
import { createEmbeddedTokenStore } from '../../src/tokens/embedded/embedded-token-store.ts'
import type { TokenStore } from '../../src/tokens/token-store.ts'
import { accessBundle, hrDataFolder, repositoryFolder } from '../support/portcullis-process.ts'
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts'

const folder = parseResourceId('file:/data/hr/')
const leaf: Leaf = {
  id: parseResourceId('file:/data/hr/employee_file0.avro'),
  mediaType: 'avro/binary',
  recordType: 'Employee',
  attributes: {},
}
const alice = parseUserId('Alice')
const never = new AbortController().signal

let place: TempFolder
let tokens: TokenStore
let engine: PolicyEngine
let data: DataApi
let directory: UserDirectory
let recorded: AuditEvent[] = []
/** Kinds that cannot be recorded. */
const unrecordable = new Set<string>()

beforeAll(async () => {
  place = await createTempFolder('data-service')
  await copyFile(join(hrDataFolder, 'employee_file0.avro'), join(place.path, 'employee_file0.avro'))
  await copyFile(join(repositoryFolder, 'examples/hr/users.yaml'), join(place.path, 'users.yaml'))
  tokens = await createEmbeddedTokenStore({ clock: systemClock })
  engine = (await createEngineLoader())(accessBundle)
  directory = await createFileUserDirectory({
    file: join(place.path, 'users.yaml'),
    clock: systemClock,
    onProblem: () => undefined,
  })
  data = createDataService({
    tokens,
    engine: () => engine,
    directory,
    catalogue: createFileCatalogue({
      roots: [
        {
          id: folder,
          folder: place.path,
          types: [{ suffix: '.avro', mediaType: leaf.mediaType, recordType: 'Employee' }],
        },
      ],
      onUnnameable: () => undefined,
    }),
    readers: [createFileReader()],
    formats: await createFormats({ bundle: accessBundle }),
    shapers: await createShapers(),
    etagKey: Buffer.alloc(32, 1),
    trail: {
      async record(events) {
        if (events.some(({ kind }) => unrecordable.has(kind))) throw new PortcullisError('audit.failed')
        recorded.push(...events)
      },
      async [Symbol.asyncDispose]() {},
    },
    events: createAuditEvents('data', systemClock.now),
    now: systemClock.now,
    readsMax: 4,
    recheckMs: 50,
    onFault: () => undefined,
  })
})
afterAll(async () => {
  engine?.[Symbol.dispose]()
  await tokens?.[Symbol.asyncDispose]()
  await place?.[Symbol.asyncDispose]()
})

async function granted(owner = alice, granting = leaf): Promise<Token> {
  const token = randomUUID() as Token
  const now = Date.now()
  const registration = {
    token,
    owner,
    resource: folder,
    context: { purpose: 'SALARY' },
    registeredAt: now,
    expiresAt: now + 60_000,
  }
  await tokens.register(registration, {})
  await tokens.grant(token, [{ index: 0, leaf: granting, revision: engine.revision, grantedAt: now }])
  recorded = []
  return token
}

async function drain(bytes: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0
  for await (const chunk of bytes) length += chunk.length
  return length
}

const kinds = () => recorded.map(({ kind }) => kind)
const codeOf = (thrown: unknown) => (thrown as PortcullisError).code

test('a read is recorded before its first byte and before its clean end, with its counts', async () => {
  const token = await granted()
  const read = await data.read({ token, owner: alice, leaf: leaf.id, signal: never })
  expect(kinds()).toEqual(['read.started'])
  expect(await drain(read.bytes)).toBeGreaterThan(0)
  expect(recorded).toMatchObject([
    { kind: 'read.started', userId: 'Alice', leafId: leaf.id, decision: 'permit', revision: engine.revision },
    { kind: 'read.finished', userId: 'Alice', recordsProcessed: 5, recordsReturned: 5 },
  ])
})

describe('what cannot be recorded is not given', () => {
  test('a read whose start cannot be recorded', async () => {
    const token = await granted()
    unrecordable.add('read.started')
    try {
      await expect(data.read({ token, owner: alice, leaf: leaf.id, signal: never })).rejects.toMatchObject({
        code: 'audit.failed',
      })
    } finally {
      unrecordable.clear()
    }
  })

  test('a read whose end cannot be recorded does not end cleanly', async () => {
    const token = await granted()
    const read = await data.read({ token, owner: alice, leaf: leaf.id, signal: never })
    unrecordable.add('read.finished')
    try {
      await expect(drain(read.bytes)).rejects.toMatchObject({ code: 'audit.failed' })
    } finally {
      unrecordable.clear()
    }
    expect(kinds()).toEqual(['read.started', 'read.aborted'])
  })
})

describe('who may not read learns nothing, and the audit log learns why', () => {
  test('another owner', async () => {
    const token = await granted()
    const thrown = await data.read({ token, owner: parseUserId('Eve'), leaf: leaf.id, signal: never }).catch(codeOf)
    expect(thrown).toBe('token.unknown')
    expect(recorded).toMatchObject([{ kind: 'read.denied', userId: 'Eve', code: 'token.unknown' }])
  })

  test('a leaf that was not granted', async () => {
    const token = await granted()
    const other = parseResourceId('file:/data/hr/employee_file1.avro')
    expect(await data.read({ token, owner: alice, leaf: other, signal: never }).catch(codeOf)).toBe('grant.unknown')
  })

  test('a grant outside of what was asked for, which only a forged message can make', async () => {
    const outside = { ...leaf, id: parseResourceId('file:/data/secret/x.avro') }
    const token = await granted(alice, outside)
    expect(await data.read({ token, owner: alice, leaf: outside.id, signal: never }).catch(codeOf)).toBe(
      'grant.unknown',
    )
  })

  test('a user whom policy no longer lets see the leaf: granted once, decided again now', async () => {
    const withheld = { ...leaf, id: parseResourceId('file:/data/hr/employee_file1.avro') }
    await copyFile(join(hrDataFolder, 'employee_file1.avro'), join(place.path, 'employee_file1.avro'))
    const bob = parseUserId('Bob')
    const token = await granted(bob, withheld)
    expect(await data.read({ token, owner: bob, leaf: withheld.id, signal: never }).catch(codeOf)).toBe('grant.unknown')
    expect(recorded).toMatchObject([{ kind: 'read.denied', code: 'grant.unknown', reasons: [expect.anything()] }])
  })

  test('a user who is gone from the directory', async () => {
    const token = await granted(parseUserId('Nobody'))
    expect(await data.read({ token, owner: parseUserId('Nobody'), leaf: leaf.id, signal: never }).catch(codeOf)).toBe(
      'user.unknown',
    )
  })
})

describe('a read under way', () => {
  test('ends when the token is revoked, also while nobody pulls', async () => {
    const token = await granted()
    const read = await data.read({ token, owner: alice, leaf: leaf.id, signal: never })
    await tokens.revoke(token, alice)
    await expect.poll(() => read.revoked.aborted).toBe(true)
    await expect(drain(read.bytes)).rejects.toMatchObject({ code: 'token.unknown' })
    await expect.poll(kinds).toEqual(['read.started', 'read.aborted'])
  })

  test('ends when the account is suspended', async () => {
    const token = await granted()
    const read = await data.read({ token, owner: alice, leaf: leaf.id, signal: never })
    const file = join(place.path, 'users.yaml')
    const users = await readFile(file, 'utf8')
    await writeFile(file, users.replace('id: Alice\n    active: true', 'id: Alice\n    active: false'))
    try {
      await expect.poll(() => read.revoked.aborted).toBe(true)
      await expect(drain(read.bytes)).rejects.toMatchObject({ code: 'user.denied' })
    } finally {
      await writeFile(file, users)
      await expect.poll(async () => (await directory.find(alice)).active).toBe(true)
    }
  })

  test('that its client leaves is an aborted read', async () => {
    const token = await granted()
    const leaving = new AbortController()
    await data.read({ token, owner: alice, leaf: leaf.id, signal: leaving.signal })
    leaving.abort()
    await expect
      .poll(() => recorded)
      .toMatchObject([{ kind: 'read.started' }, { kind: 'read.aborted', code: 'request.aborted' }])
  })

  test('counts against the limit until it ends; one more is told to try again', async () => {
    const token = await granted()
    const open = () => data.read({ token, owner: alice, leaf: leaf.id, signal: never })
    const reads = await Promise.all([open(), open(), open(), open()])
    expect(await open().catch(codeOf)).toBe('service.busy')
    for (const { bytes } of reads) await drain(bytes)
    expect(await drain((await open()).bytes)).toBeGreaterThan(0)
  })
})
