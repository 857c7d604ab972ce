import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFileUserDirectory } from '../../src/directory/file/file-user-directory.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { parseUserId } from '../../src/domain/ids.ts'
import type { User } from '../../src/domain/records.ts'
import { describeUserDirectory } from '../conformance/user-directory.ts'
import { createTempFolder } from '../support/temp-folder.ts'

let folder: string
let now = 0
const clock = { now: () => now }
const problems: string[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'users-'))
  problems.length = 0
})
afterEach(() => rm(folder, { recursive: true }))

async function directoryOf(text: string) {
  const file = join(folder, 'users.yaml')
  await writeFile(file, text)
  const directory = await createFileUserDirectory({ file, clock, onProblem: (problem) => problems.push(problem) })
  let version = 1
  return {
    directory,
    async change(next: string) {
      await writeFile(file, next)
      // a change within the clock's resolution still is one
      await utimes(file, ++version, version)
      now += 1_000
    },
  }
}

const alice = 'users: [{id: Alice, active: true, roles: [HR], attributes: {training: [PAY]}}]'

describeUserDirectory('the user directory in a file', async (users) => {
  const place = await createTempFolder('users')
  const file = join(place.path, 'users.yaml')
  const put = (next: readonly User[]) => writeFile(file, JSON.stringify({ users: next }))
  await put(users)
  const directory = await createFileUserDirectory({ file, clock: systemClock, onProblem: () => undefined })
  return {
    directory,
    put,
    async [Symbol.asyncDispose]() {
      await directory[Symbol.asyncDispose]()
      await place[Symbol.asyncDispose]()
    },
  }
})

describe('the user directory in a file', () => {
  test('denies everybody while the file is broken, says so once, and goes on when it is mended', async () => {
    const { directory, change } = await directoryOf(alice)
    await change('users: [{id: Alice')
    await expect(directory.find(parseUserId('Alice'))).rejects.toMatchObject({ code: 'source.unavailable' })
    now += 1_000
    await expect(directory.find(parseUserId('Alice'))).rejects.toMatchObject({ code: 'source.unavailable' })
    expect(problems).toEqual(['directory.file: is not valid YAML'])
    await change(alice)
    expect(await directory.find(parseUserId('Alice'))).toMatchObject({ id: 'Alice' })
  })

  test.each([
    ['users: {}', 'users: expected a list'],
    ['users: [{id: A, roles: []}]', 'users[0].active: expected true or false'],
    ['users: [{id: A, active: "true", roles: []}]', 'users[0].active: expected true or false'],
    ['users: [{id: A, active: true, roles: HR}]', 'users[0].roles: expected a list of strings'],
    ['users: [{id: A, active: true, roles: [], role: HR}]', 'users[0]: unknown key'],
    ['users: [{id: A, active: true, roles: []}, {id: A, active: true, roles: []}]', 'users[1].id: is there twice'],
  ])('does not start on %s', async (text, why) => {
    await expect(directoryOf(text)).rejects.toThrow(why)
  })
})
