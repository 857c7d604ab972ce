/** Users from one YAML (or JSON) file. A change of the file shows within `recheckMs`; a file that no longer parses denies everybody until it is mended. */
import { readFile, stat } from 'node:fs/promises'
import { CORE_SCHEMA, load } from 'js-yaml'
import type { Clock } from '../../domain/clock.ts'
import { PortcullisError } from '../../domain/errors.ts'
import { parseUserId, type UserId } from '../../domain/ids.ts'
import type { Json } from '../../domain/json.ts'
import type { User } from '../../domain/records.ts'
import type { UserDirectory } from '../user-directory.ts'

export const usersFileBytesMax = 64 * 1024 * 1024
/** How old what we know of the file may be, in milliseconds. */
const recheckMs = 250

export type Snapshot = { readonly version: string; readonly users: ReadonlyMap<UserId, User> }

export type FileUserDirectoryDeps = {
  readonly file: string
  readonly clock: Clock
  /** Told once for each version of the file that can't be used. */
  readonly onProblem: (problem: string) => void
}

/** @throws PortcullisError config.invalid when the file can't be used at the start */
export async function createFileUserDirectory(deps: FileUserDirectoryDeps): Promise<UserDirectory> {
  let snapshot: Snapshot | PortcullisError = await readUsers(deps.file)
  let checkedAt = deps.clock.now()
  let refreshing: Promise<void> | undefined
  let told: string | undefined

  async function refresh(): Promise<void> {
    try {
      const version = await versionOf(deps.file)
      if (!(snapshot instanceof PortcullisError) && snapshot.version === version) return
      snapshot = await readUsers(deps.file)
      told = undefined
    } catch (thrown) {
      const problem = thrown instanceof PortcullisError ? thrown.message : 'the users file cannot be read'
      if (problem !== told) deps.onProblem(problem)
      told = problem
      snapshot = new PortcullisError('source.unavailable', {
        message: 'The user directory cannot be read; ask its administrator.',
        cause: thrown,
      })
    } finally {
      checkedAt = deps.clock.now()
      refreshing = undefined
    }
  }

  return {
    async find(id) {
      if (deps.clock.now() - checkedAt >= recheckMs) await (refreshing ??= refresh())
      if (snapshot instanceof PortcullisError) throw snapshot
      const user = snapshot.users.get(id)
      if (user === undefined) throw new PortcullisError('user.unknown')
      return user
    },
    async [Symbol.asyncDispose]() {
      await refreshing
    },
  }
}

async function versionOf(file: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(file)
  return `${mtimeMs}:${size}:${ino}`
}

/** All there are, as the file is now. @throws config.invalid */
export async function readUsers(file: string): Promise<Snapshot> {
  const version = await versionOf(file).catch((cause: unknown) => {
    throw new PortcullisError('config.invalid', { message: 'directory.file: cannot be read', cause })
  })
  if (Number(version.split(':')[1]) > usersFileBytesMax)
    throw new PortcullisError('config.invalid', {
      message: `directory.file: is larger than ${usersFileBytesMax} bytes`,
    })
  let document: unknown
  try {
    document = load(await readFile(file, 'utf8'), { schema: CORE_SCHEMA, maxAliases: 0, filename: 'users' })
  } catch (cause) {
    throw new PortcullisError('config.invalid', { message: 'directory.file: is not valid YAML', cause })
  }
  return { version, users: parseUsers(document) }
}

function parseUsers(document: unknown): ReadonlyMap<UserId, User> {
  const users = new Map<UserId, User>()
  if (!isObject(document) || !Array.isArray(document.users)) throw problem('users: expected a list')
  for (const [index, entry] of document.users.entries()) {
    const user = parseUser(entry, `users[${index}]`)
    if (users.has(user.id)) throw problem(`users[${index}].id: is there twice`)
    users.set(user.id, user)
  }
  return users
}

function parseUser(entry: unknown, at: string): User {
  if (!isObject(entry)) throw problem(`${at}: expected a map`)
  const unknown = Object.keys(entry).find((key) => !['id', 'active', 'roles', 'attributes'].includes(key))
  if (unknown !== undefined) throw problem(`${at}: unknown key; known are id, active, roles, attributes`)
  const { id, active, roles, attributes = {} } = entry
  if (typeof id !== 'string') throw problem(`${at}.id: expected a string`)
  if (typeof active !== 'boolean') throw problem(`${at}.active: expected true or false`)
  if (!Array.isArray(roles) || !roles.every((role) => typeof role === 'string'))
    throw problem(`${at}.roles: expected a list of strings`)
  if (!isObject(attributes)) throw problem(`${at}.attributes: expected a map`)
  return Object.freeze({
    id: parseUserId(id),
    active,
    roles: Object.freeze([...roles]),
    attributes: attributes as Readonly<Record<string, Json>>,
  })
}

function problem(message: string): PortcullisError {
  return new PortcullisError('config.invalid', { message: `directory.file: ${message}` })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
