/** What every user directory does, sentence by sentence of its port. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UserDirectory } from '../../src/directory/user-directory.ts'
import { parseUserId } from '../../src/domain/ids.ts'
import type { User } from '../../src/domain/records.ts'

export type UserDirectoryHarness = AsyncDisposable & {
  readonly directory: UserDirectory
  /** Exchanges all users, in the way that somebody who runs the directory does. */
  put(users: readonly User[]): Promise<void>
}

const alice: User = {
  id: parseUserId('Alice'),
  active: true,
  roles: ['HR', 'PAYROLL'],
  attributes: { training: ['PAY'], grade: 7, nested: { a: null } },
}
/** The port's promise is one second. */
const showsWithinMs = 3_000

export function describeUserDirectory(
  name: string,
  start: (users: readonly User[]) => Promise<UserDirectoryHarness>,
): void {
  describe(name, () => {
    let harness: UserDirectoryHarness
    beforeAll(async () => {
      harness = await start([alice])
    })
    afterAll(() => harness?.[Symbol.asyncDispose]())

    test('finds a user with everything that is known', async () => {
      expect(await harness.directory.find(alice.id)).toEqual(alice)
    })

    test.each(['alice', 'Alice ', '__proto__', 'constructor', 'Bob'])('does not know %j', async (id) => {
      await expect(harness.directory.find(parseUserId(id))).rejects.toMatchObject({ code: 'user.unknown' })
    })

    test('shows a change, and who is gone', async () => {
      const suspended = { ...alice, active: false, roles: [], attributes: {} }
      await harness.put([suspended])
      await expect.poll(() => harness.directory.find(alice.id), { timeout: showsWithinMs }).toEqual(suspended)
      await harness.put([])
      const find = () => harness.directory.find(alice.id).catch((thrown: { code: string }) => thrown.code)
      await expect.poll(find, { timeout: showsWithinMs }).toBe('user.unknown')
    })
  })
}
