/** What goes wrong around one process: each time a clear error to the right person, a line in the audit log, and the next request served. */
import { copyFile, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  accessBundle,
  hrDataFolder,
  repositoryFolder,
  startPortcullis,
  writeHrConfig,
} from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'
import { hrFiles } from './hr-truth.ts'
import { ask, leafIds, read, type System, startEmbedded } from './system.ts'

const folder = 'file:/data/hr/'
const first = folder + hrFiles[0]

let data: Awaited<ReturnType<typeof createTempFolder>>
let system: System

beforeAll(async () => {
  data = await createTempFolder('faults')
  for (const file of hrFiles) await copyFile(join(hrDataFolder, file), join(data.path, file))
  await mkdir(join(data.path, 'elsewhere'))
  await writeFile(join(data.path, 'elsewhere/x.txt'), 'x\n')
  const type = 'uk.gov.gchq.syntheticdatagenerator.types.Employee'
  system = await startEmbedded({
    dataFolder: data.path,
    changes: {
      catalogue: {
        roots: [
          { id: folder, folder: data.path, types: [{ suffix: '.avro', mediaType: 'avro/binary', recordType: type }] },
          { id: 'file:/elsewhere/', folder: join(data.path, 'elsewhere') },
        ],
      },
    },
  })
}, 60_000)
afterAll(async () => {
  await system?.[Symbol.asyncDispose]()
  await data?.[Symbol.asyncDispose]()
})

const post = (body: string, path = '/api/v1/requests') =>
  fetch(new URL(path, system.urls.request), { method: 'POST', headers: { 'content-type': 'application/json' }, body })

const auditOf = async (match: Record<string, unknown>) =>
  (await system.audit()).filter((event) =>
    Object.entries(match).every(([key, value]) => Reflect.get(event, key) === value),
  )

/** The system still does its work. */
async function isServed(): Promise<void> {
  const { token, items } = await ask(system, { userId: 'Alice', purpose: 'SALARY', resourceId: first })
  expect(leafIds(items)).toEqual([first])
  expect((await read(system, token, first)).length).toBeGreaterThan(0)
}

describe('a registration that is not valid', () => {
  const valid = { userId: 'Alice', resourceId: folder, context: { purpose: 'SALARY' } }
  const bodies: readonly (readonly [string, unknown, string])[] = [
    ['no user', { ...valid, userId: undefined }, 'userId'],
    ['user null', { ...valid, userId: null }, 'userId'],
    ['user a number', { ...valid, userId: 7 }, 'userId'],
    ['user empty', { ...valid, userId: '' }, 'userId'],
    ['no resource', { ...valid, resourceId: undefined }, 'resourceId'],
    ['resource a list', { ...valid, resourceId: [folder] }, 'resourceId'],
    ['resource not canonical', { ...valid, resourceId: `${folder}../secret` }, 'resourceId'],
    ['resource with an encoded slash', { ...valid, resourceId: `${folder}..%2fsecret` }, 'resourceId'],
    ['resource with two slashes', { ...valid, resourceId: 'file:///data/hr/' }, 'resourceId'],
    ['no context', { ...valid, context: undefined }, 'context'],
    ['context a text', { ...valid, context: 'SALARY' }, 'context'],
    ['no purpose', { ...valid, context: {} }, 'purpose'],
    ['purpose null', { ...valid, context: { purpose: null } }, 'purpose'],
    ['purpose a list', { ...valid, context: { purpose: ['SALARY'] } }, 'purpose'],
    ['context nested', { ...valid, context: { purpose: 'SALARY', more: { deep: true } } }, 'more'],
    ['a field too many', { ...valid, roles: ['HR'] }, 'roles'],
  ]

  test.each(bodies)('%s: 400 names the field, and nothing is registered', async (_, body, field) => {
    const before = (await system.audit()).length
    const response = await post(JSON.stringify(body))
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/u)
    const problem = (await response.json()) as { code: string; detail: string }
    expect(problem.code).toMatch(/^(request|resource)\.invalid$/u)
    expect(problem.detail).toContain(field)
    expect(await system.audit()).toHaveLength(before)
  })

  test.each([
    ['no JSON', '{"userId":', 400, 'request.invalid'],
    ['JSON that is no object', '[]', 400, 'request.invalid'],
    ['nothing', '', 400, 'request.invalid'],
    ['too much', JSON.stringify({ ...valid, context: { purpose: 'x'.repeat(2_000_000) } }), 400, 'request.too_large'],
  ] as const)('%s', async (_, body, status, code) => {
    const before = (await system.audit()).length
    const response = await post(body)
    expect({ status: response.status, code: ((await response.json()) as { code: string }).code }).toEqual({
      status,
      code,
    })
    expect(await system.audit()).toHaveLength(before)
    await isServed()
  })
})

test('an unknown user is told so, and the audit log names who asked', async () => {
  const { items } = await ask(system, { userId: 'Nobody', purpose: 'SALARY' })
  expect(items).toMatchObject([{ kind: 'error', failure: { code: 'user.unknown' } }, { kind: 'complete' }])
  expect(await auditOf({ userId: 'Nobody', code: 'user.unknown', kind: 'request.refused' })).toHaveLength(1)
  await isServed()
})

test('an unknown path answers the same twice in a row, like one where nothing may be seen', async () => {
  const resourceId = `${folder}no/such/path/`
  const twice = [
    await ask(system, { userId: 'Alice', purpose: '', resourceId }),
    await ask(system, { userId: 'Alice', purpose: '', resourceId }),
  ]
  for (const { items } of twice) expect(items).toEqual([{ kind: 'complete', position: 0 }])
  expect(await auditOf({ resourceId, code: 'resource.unknown' })).toHaveLength(2)
  await isServed()
})

test('a resource without a policy does not exist for anybody; the audit log says which policy is missing', async () => {
  const { items } = await ask(system, { userId: 'Alice', purpose: 'SALARY', resourceId: 'file:/elsewhere/' })
  expect(items).toEqual([{ kind: 'complete', position: 0 }])
  const [event] = await auditOf({ resourceId: 'file:/elsewhere/' }).then((events) =>
    events.filter(({ kind }) => kind === 'request.refused'),
  )
  expect(event?.reasons).toContainEqual(expect.objectContaining({ code: 'policy.missing' }))
  await isServed()
})

test('an unknown token is answered alike wherever it is shown, and audited by its hash', async () => {
  const token = '00000000-0000-4000-8000-000000000000'
  const answers = await Promise.all([
    fetch(new URL(`/api/v1/requests/${token}`, system.urls.request)),
    fetch(new URL(`/api/v1/requests/${token}/leaves`, system.urls.request)),
    post(JSON.stringify({ leafId: first }), `/api/v1/requests/${token}/read`),
    fetch(new URL(`/api/v1/requests/${token}`, system.urls.request), { method: 'DELETE' }),
  ])
  for (const answer of answers) {
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ code: 'token.unknown' })
  }
  expect(await auditOf({ code: 'token.unknown' })).not.toHaveLength(0)
  expect(JSON.stringify(await system.audit()) + system.processes.all!.log()).not.toContain(token)
  await isServed()
})

test('another leaf than those listed is refused like one that is not there', async () => {
  const { token } = await ask(system, { userId: 'Bob', purpose: 'SALARY' })
  const answers = await Promise.all(
    [folder + hrFiles[1], `${folder}no_such_file.avro`].map((leafId) =>
      post(JSON.stringify({ leafId }), `/api/v1/requests/${token}/read`),
    ),
  )
  const [withheld, unknown] = await Promise.all(
    answers.map(async (answer) => {
      const { instance: _, ...body } = (await answer.json()) as { instance: string }
      return { status: answer.status, body }
    }),
  )
  expect(withheld).toEqual(unknown)
  expect(withheld).toMatchObject({ status: 403, body: { code: 'grant.unknown' } })
  expect(await auditOf({ kind: 'read.denied', userId: 'Bob', code: 'grant.unknown' })).toHaveLength(2)
  await isServed()
})

test('a revoked token opens nothing any more', async () => {
  const { token } = await ask(system, { userId: 'Alice', purpose: 'SALARY' })
  await read(system, token, first)
  const answer = await fetch(new URL(`/api/v1/requests/${token}`, system.urls.request), { method: 'DELETE' })
  expect(answer.status).toBe(204)
  await expect(read(system, token, first)).rejects.toMatchObject({ code: 'token.unknown' })
  expect((await fetch(new URL(`/api/v1/requests/${token}/leaves`, system.urls.request))).status).toBe(404)
  expect(await auditOf({ kind: 'token.revoked' })).toHaveLength(1)
  await isServed()
})

describe('a file', () => {
  const name = 'broken.avro'
  const id = folder + name
  const path = () => join(data.path, name)
  beforeAll(() => copyFile(join(hrDataFolder, hrFiles[0]), path()))
  afterAll(() => rm(path(), { force: true }))

  async function readBroken(breakIt: () => Promise<void>): Promise<unknown> {
    await copyFile(join(hrDataFolder, hrFiles[0]), path())
    const { token } = await ask(system, { userId: 'Alice', purpose: 'SALARY', resourceId: id })
    await breakIt()
    return read(system, token, id).then(
      () => 'a clean end',
      (thrown: unknown) => (thrown as { code?: string }).code ?? String(thrown),
    )
  }

  test('that vanished after it was listed', async () => {
    expect(await readBroken(() => rm(path()))).toBe('source.not_found')
    expect(await auditOf({ leafId: id, code: 'source.not_found' })).toHaveLength(1)
    await isServed()
  })

  test('that was cut short does not end cleanly', async () => {
    const { length } = await readFile(join(hrDataFolder, hrFiles[0]))
    for (const size of [3, 200, length - 40, length - 1])
      expect(['request.aborted', 'format.corrupt', 'source.changed']).toContain(
        await readBroken(() => truncate(path(), size)),
      )
    expect(await auditOf({ leafId: id, kind: 'read.aborted' })).toHaveLength(4)
    await isServed()
  })

  test('of another format than declared, with no word of what is in it', async () => {
    expect(await readBroken(() => writeFile(path(), '{"salary": 123456789}\n'.repeat(50)))).toBe('format.corrupt')
    expect(system.processes.all!.log() + JSON.stringify(await system.audit())).not.toContain('123456789')
    await isServed()
  })
})

describe('the bundle', () => {
  const start = async (bundle: string) => {
    await using place = await createTempFolder('bundle')
    const server = await startPortcullis({ config: await writeHrConfig(place.path, { bundle }) })
    await server.stop()
  }

  test('that is missing or corrupt keeps the process from starting, with a message that names the setting', async () => {
    await using place = await createTempFolder('bundle')
    const corrupt = join(place.path, 'access.tar.gz')
    await writeFile(corrupt, 'no bundle')
    await expect(start(join(place.path, 'absent.tar.gz'))).rejects.toThrow(/bundle\.missing/u)
    await expect(start(corrupt)).rejects.toThrow(/bundle\.corrupt/u)
    const bytes = await readFile(accessBundle)
    await writeFile(corrupt, bytes.subarray(0, bytes.length / 2))
    await expect(start(corrupt)).rejects.toThrow(/bundle\.corrupt/u)
  })

  test('that turns bad while it is served leaves the last good one active', async () => {
    await using place = await createTempFolder('bundle')
    const bundle = join(place.path, 'access.tar.gz')
    await copyFile(accessBundle, bundle)
    await using running = await startEmbedded({ bundle })
    await writeFile(bundle, 'no bundle any more')
    await expect.poll(() => running.processes.all!.log(), { timeout: 10_000 }).toContain('policy.refused')
    const { token, items } = await ask(running, { userId: 'Alice', purpose: 'SALARY' })
    expect(leafIds(items)).toHaveLength(2)
    expect((await read(running, token, first)).length).toBeGreaterThan(0)
  })
})

test('a suspended account loses a read that was granted before', async () => {
  await using place = await createTempFolder('users')
  const usersFile = join(place.path, 'users.yaml')
  await copyFile(join(repositoryFolder, 'examples/hr/users.yaml'), usersFile)
  await using running = await startEmbedded({ usersFile })
  const { token } = await ask(running, { userId: 'Alice', purpose: 'SALARY' })
  await read(running, token, first)
  const users = await readFile(usersFile, 'utf8')
  await writeFile(usersFile, users.replace('id: Alice\n    active: true', 'id: Alice\n    active: false'))
  await expect
    .poll(() => read(running, token, first).catch((thrown: unknown) => (thrown as { code: string }).code), {
      timeout: 10_000,
    })
    .toBe('user.denied')
})
