/** The HR specification in full, user × purpose × file × field, over every way to run the system. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import {
  decodeEmployees,
  expectedRecord,
  hrFiles,
  hrPurposes,
  hrUsers,
  readEmployees,
  visibleFiles,
} from './hr-truth.ts'
import { ask, leafIds, read, type System, startDistributed, startEmbedded } from './system.ts'

const folder = 'file:/data/hr/'
const systems = [
  { name: 'one process, embedded', start: () => startEmbedded() },
  {
    name: 'eight processes over Kafka and Redis',
    start: () => startDistributed({ kafkaBrokers: inject('kafkaBrokers'), redisUrl: inject('redisUrl') }),
  },
] as const

const cases = hrUsers.flatMap((user) => hrPurposes.map((purpose) => ({ user, purpose })))

describe.each(systems)('$name', ({ start }) => {
  let system: System
  beforeAll(async () => {
    system = await start()
  }, 120_000)
  afterAll(() => system?.[Symbol.asyncDispose]())

  test.each(cases)(
    '$user for purpose "$purpose" gets exactly the files, records and fields that policy permits',
    async ({ user, purpose }) => {
      const { token, items } = await ask(system, { userId: user, purpose })
      expect(leafIds(items)).toEqual(visibleFiles(user).map((file) => folder + file))
      expect(items.map(({ kind, position }) => ({ kind, position }))).toEqual([
        ...visibleFiles(user).map((_, position) => ({ kind: 'leaf', position })),
        { kind: 'complete', position: visibleFiles(user).length },
      ])
      for (const file of visibleFiles(user)) {
        const expected = (await readEmployees(file)).flatMap((record) => expectedRecord(user, purpose, record) ?? [])
        expect(await decodeEmployees(await read(system, token, folder + file))).toEqual(expected)
      }
    },
  )

  test.each(hrUsers)('%s asks for one file: it is there, or it is as if it did not exist', async (user) => {
    for (const file of hrFiles) {
      const { items } = await ask(system, { userId: user, purpose: 'SALARY', resourceId: folder + file })
      const unknown = await ask(system, { userId: user, purpose: 'SALARY', resourceId: `${folder}no_such_file.avro` })
      if (visibleFiles(user).includes(file)) expect(leafIds(items)).toEqual([folder + file])
      else expect(items).toEqual(unknown.items)
      expect(unknown.items).toEqual([{ kind: 'complete', position: 0 }])
    }
  })

  test('a suspended account is told so, gets nothing, and the audit log has it', async () => {
    const { token, items } = await ask(system, { userId: 'Mallory', purpose: 'SALARY' })
    expect(items).toMatchObject([
      { kind: 'error', position: 0, failure: { code: 'user.denied' } },
      { kind: 'complete', position: 1 },
    ])
    await expect(read(system, token, folder + hrFiles[0])).rejects.toMatchObject({ code: 'grant.unknown' })
    await expect
      .poll(async () => (await system.audit()).filter(({ userId }) => userId === 'Mallory'))
      .not.toHaveLength(0)
  })
})
