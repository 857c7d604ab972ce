/** What `decide`, `explain`, and the reports on policies need of a configuration: an explainer of its bundle, its users, its leaves. */
import { readUsers } from '../directory/file/file-user-directory.ts'
import { systemClock } from '../domain/clock.ts'
import { PortcullisError } from '../domain/errors.ts'
import { parseUserId } from '../domain/ids.ts'
import type { Json } from '../domain/json.ts'
import type { Context, User } from '../domain/records.ts'
import { parseResourceId } from '../domain/resource-id.ts'
import { mergeMasks } from '../policy/masks/merge-masks.ts'
import { parseMask } from '../policy/masks/parse-mask.ts'
import { requestOf } from '../policy/opa-wasm/access-input.ts'
import { measureCoverage } from '../policy/opa-wasm/explain/coverage.ts'
import { createExplainer, type Explainer } from '../policy/opa-wasm/explain/explainer.ts'
import { fieldsOfRules } from '../policy/opa-wasm/explain/fields.ts'
import { searchFlips } from '../policy/opa-wasm/explain/flips.ts'
import { parseQuestion, type Question } from '../policy/opa-wasm/explain/question.ts'
import { vocabularyOf } from '../policy/opa-wasm/explain/vocabulary.ts'
import type { Config } from './config.ts'
import { createLog } from './log.ts'
import { openPolicy } from './open-policy.ts'
import { createSources } from './sources.ts'

export { describeChange } from '../policy/opa-wasm/explain/changes.ts'
export type { BodyCoverage, TrafficCoverage } from '../policy/opa-wasm/explain/coverage.ts'
export type { Explanation, StageExplanation } from '../policy/opa-wasm/explain/explainer.ts'
export type { FieldUse } from '../policy/opa-wasm/explain/fields.ts'
export type { FlipSearch, Target } from '../policy/opa-wasm/explain/flips.ts'
export type { Question } from '../policy/opa-wasm/explain/question.ts'
export type { Condition, Field, RuleOutcome } from '../policy/opa-wasm/explain/why.ts'
export { fieldsOfRules, measureCoverage, parseQuestion, searchFlips, vocabularyOf }

/** A question in the words of a person: who, what, what for. A resource that ends in `/` asks for the user decision alone. */
export type Asked = {
  readonly user: string
  readonly resource: string
  readonly context: Context
  readonly record?: Json
}

export type Desk = {
  readonly explainer: Explainer
  /** Of the users' file; `[]` where the desk was opened without a configuration. */
  readonly users: readonly Json[]
  /** @throws user.unknown, resource.unknown, resource.invalid, request.invalid, source.unavailable */
  question(asked: Asked, now: number): Promise<Question>
}

/** @throws bundle.* */
export function openBundleDesk(bundle: string | Uint8Array): Desk {
  return {
    explainer: createExplainer({ bundle, masks: { parse: parseMask, merge: mergeMasks } }),
    users: [],
    question: async () => {
      throw new PortcullisError('config.invalid', {
        message: 'Users and resources are known by a configuration only: give --config.',
      })
    },
  }
}

/** `bundle` goes before the configured one. @throws config.invalid, bundle.* */
export async function openDesk(config: Config, bundle?: string): Promise<Desk> {
  const { users } = await readUsers(config.directory.file)
  const desk = openBundleDesk(bundle ?? (await configuredBundle(config)))

  async function question({ user: id, context, record, ...asked }: Asked, now: number): Promise<Question> {
    const resource = parseResourceId(asked.resource)
    const user = users.get(parseUserId(id))
    if (user === undefined) throw new PortcullisError('user.unknown')
    if (resource.endsWith('/')) return { user: userOf(user), context, now, request: { resource } }
    using sources = await createSources(config.catalogue.roots, {
      environment: process.env,
      now: systemClock.now,
      onUnnameable: () => undefined,
    })
    const { leaf } = await sources.catalogue.locate(resource)
    const members = requestOf({ user, context, leaf, now }) as Pick<Question, 'user' | 'context' | 'resource'>
    return { ...members, now, ...(record === undefined ? {} : { record }) }
  }

  return { ...desk, users: [...users.values()].map(userOf), question }
}

async function configuredBundle(config: Config): Promise<Uint8Array> {
  using holder = await openPolicy(config, createLog('silent'))
  return holder.bundle().bytes
}

function userOf({ id, active, roles, attributes }: User): Json {
  return { id, active, roles, attributes }
}
