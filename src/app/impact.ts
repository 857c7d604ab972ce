/** Composes what the effect of a policy change is worked out with: the sources and users of a configuration, and two revisions. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readUsers } from '../directory/file/file-user-directory.ts'
import { systemClock } from '../domain/clock.ts'
import { PortcullisError } from '../domain/errors.ts'
import type { UserId } from '../domain/ids.ts'
import type { User } from '../domain/records.ts'
import { parseResourceId } from '../domain/resource-id.ts'
import type { ImpactDeps, Question } from '../impact/impact.ts'
import { recordedRequests } from '../impact/recorded-requests.ts'
import { readTarGz } from '../policy/opa-wasm/index.ts'
import { createEngineLoader, createFormats } from './adapters.ts'
import type { Config } from './config.ts'
import { createSources } from './sources.ts'

export type ImpactInput = {
  readonly config: Config
  readonly before: Uint8Array
  readonly after: Uint8Array
  /** When the requests are made, in milliseconds since the epoch; default: now. */
  readonly now?: number
  readonly signal: AbortSignal
}

export type Impact = Disposable & { readonly deps: ImpactDeps; readonly users: ReadonlyMap<UserId, User> }

/** @throws bundle.*, config.invalid */
export async function composeImpact(input: ImpactInput): Promise<Impact> {
  const { config, before, after, now = systemClock.now(), signal } = input
  const { users } = await readUsers(config.directory.file)
  const sources = await createSources(config.catalogue.roots, {
    environment: process.env,
    now: systemClock.now,
    onUnnameable: () => undefined,
  })
  const [load, loadPlain, { isAtLeastAsStrict }, formats] = await Promise.all([
    createEngineLoader(),
    createEngineLoader({ fast: false }),
    import('../policy/masks/strictness.ts'),
    createFormats(config.policy),
  ])
  const side = (bundle: Uint8Array) => {
    let plain: ReturnType<typeof loadPlain> | undefined
    return { engine: load(bundle), plain: () => (plain ??= loadPlain(bundle)) }
  }
  const directory = {
    async find(id: UserId) {
      const user = users.get(id)
      if (user === undefined) throw new PortcullisError('user.unknown')
      return user
    },
    async [Symbol.asyncDispose]() {},
  }
  return {
    users,
    deps: {
      ...sources,
      before: side(before),
      after: side(after),
      isAtLeastAsStrict,
      directory,
      formats,
      now,
      signal,
    },
    [Symbol.dispose]: () => sources[Symbol.dispose](),
  }
}

export type QuestionOptions = {
  /** Resource ids, audit logs, or folders of them. */
  readonly on: readonly string[]
  /** For resources: who asks; empty: every user of the directory. */
  readonly users: readonly UserId[]
  /** For resources: what for; empty: every purpose that the policies know. */
  readonly purposes: readonly string[]
  /** For resources: what the context holds beside the purpose. */
  readonly context?: Readonly<Record<string, string>>
}

/** @throws config.invalid, resource.invalid */
export async function questionsOf(options: QuestionOptions, after: Uint8Array): Promise<readonly Question[]> {
  const purposes = options.purposes.length > 0 ? options.purposes : purposesOf(after)
  const questions = await Promise.all(
    options.on.map(async (on): Promise<readonly Question[]> => {
      const lines = await recorded(on)
      if (lines !== undefined) return recordedRequests(lines)
      const resource = parseResourceId(on)
      return options.users.flatMap((user) =>
        purposes.map((purpose) => ({ user, resource, context: { ...options.context, purpose } })),
      )
    }),
  )
  return questions.flat()
}

/** The lines of an audit log, a file or a folder; undefined: there is no such place. */
async function recorded(path: string): Promise<readonly string[] | undefined> {
  const info = await stat(path).catch(() => undefined)
  if (info === undefined) return undefined
  const files = info.isDirectory()
    ? (await readdir(path)).filter((name) => name.endsWith('.ndjson')).map((name) => join(path, name))
    : [path]
  const texts = await Promise.all(files.sort().map((file) => readFile(file, 'utf8')))
  return texts.flatMap((text) => text.split('\n'))
}

/** `lib.purposes` of the bundle, and one that it doesn't know. */
function purposesOf(bundle: Uint8Array): readonly string[] {
  const data = JSON.parse(readTarGz(bundle).get('data.json')?.toString('utf8') ?? '{}') as {
    lib?: { purposes?: Readonly<Record<string, unknown>> }
  }
  return [...Object.keys(data.lib?.purposes ?? {}), '']
}
