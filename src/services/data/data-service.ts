/** Gives the bytes of a leaf through the guard: everything is decided again with the active bundle, and again while the transfer runs. */
import { randomUUID } from 'node:crypto'
import type { AuditTrail } from '../../audit/audit-trail.ts'
import type { ResourceCatalogue } from '../../catalogue/resource-catalogue.ts'
import type { UserDirectory } from '../../directory/user-directory.ts'
import { PortcullisError, toPortcullisError } from '../../domain/errors.ts'
import { linkSignals } from '../../domain/linked-signal.ts'
import { hashToken } from '../../domain/token-hash.ts'
import type { AuditEvents } from '../../pipeline/audit-events.ts'
import type { PolicyEngine } from '../../policy/policy-engine.ts'
import type { TokenStore } from '../../tokens/token-store.ts'
import type { DataApi, OpenedRead, ReadInput } from '../api.ts'
import { type Access, authorize } from './authorize.ts'
import { type Answer, type AnswerDeps, openAnswer } from './open-answer.ts'
import { createReadAudit } from './read-audit.ts'
import { createReadWatch } from './read-watch.ts'

export type DataServiceDeps = AnswerDeps & {
  readonly tokens: TokenStore
  readonly directory: UserDirectory
  readonly catalogue: ResourceCatalogue
  readonly engine: () => PolicyEngine
  readonly trail: AuditTrail
  readonly events: AuditEvents
  readonly now: () => number
  /** Reads under way at once; more are answered `service.busy`. */
  readonly readsMax: number
  /** How often a read under way is checked again, in milliseconds. */
  readonly recheckMs: number
  /** The fault behind a failed read, for the log. */
  readonly onFault: (thrown: unknown, read: { readonly readId: string; readonly tokenHash: string }) => void
}

export function createDataService(deps: DataServiceDeps): DataApi {
  let underWay = 0
  return {
    async read(input) {
      if (underWay >= deps.readsMax) throw new PortcullisError('service.busy')
      underWay++
      let done = false
      const finish = () => {
        if (!done) underWay--
        done = true
      }
      try {
        return await openRead(deps, input, finish)
      } catch (thrown) {
        finish()
        throw thrown
      }
    },
  }
}

async function openRead(deps: DataServiceDeps, input: ReadInput, finish: () => void): Promise<OpenedRead> {
  const readId = randomUUID()
  const audit = createReadAudit(deps, input, readId)
  const onFault = (thrown: unknown) => deps.onFault(thrown, { readId, tokenHash: hashToken(input.token) })
  let access: Access
  try {
    access = await authorize(deps, input, audit.seen)
  } catch (thrown) {
    const error = await audit.denied(thrown)
    onFault(thrown)
    throw error
  }

  const watch = createReadWatch({ ...deps, input, access })
  const ending = linkSignals(input.signal, watch.signal)
  const { signal } = ending
  let isAborted = false
  const aborted = async (thrown: unknown): Promise<PortcullisError> => {
    const error =
      watch.reason() ?? (input.signal.aborted ? new PortcullisError('request.aborted') : toPortcullisError(thrown))
    // a read ends once, however many see it end
    if (isAborted) return error
    isAborted = true
    onFault(thrown)
    await audit.aborted(error)
    return error
  }
  const close = () => {
    watch.stop()
    ending.release()
    finish()
  }

  let answer: Answer
  try {
    answer = await openAnswer(deps, input, access, audit, watch, signal)
  } catch (thrown) {
    const error = await aborted(thrown)
    close()
    throw withoutPlace(error)
  }

  const { stream, first, etag, size, part, ...given } = answer
  let started = false
  /** The consumer went away in the middle, or before it began. */
  async function abandon(): Promise<void> {
    await stream.return(undefined)
    await aborted(new PortcullisError('request.aborted'))
  }
  const abandonUnread = () => {
    if (!started) abandon().catch(onFault).finally(close)
  }
  signal.addEventListener('abort', abandonUnread, { once: true })

  async function* bytes(): AsyncGenerator<Uint8Array> {
    started = true
    let settled = false
    try {
      for (let next = first; !next.done; next = await stream.next()) {
        signal.throwIfAborted()
        audit.progress.bytes += next.value.length
        yield next.value
      }
      signal.throwIfAborted()
      // written before the clean end: an answer that could not be recorded does not end cleanly
      await audit.finished()
      settled = true
    } catch (thrown) {
      settled = true
      throw await aborted(thrown)
    } finally {
      try {
        if (!settled) await abandon()
      } finally {
        close()
      }
    }
  }
  return {
    ...given,
    bytes: bytes(),
    revoked: watch.signal,
    returned: () => (given.returned() < 0 ? undefined : given.returned()),
    ...(etag === undefined ? {} : { etag }),
    ...(size === undefined ? {} : { size }),
    ...(part === undefined ? {} : { part }),
  }
}

/** A format says at which byte the data is wrong: that is for the log, as it counts the records before it that policy may have dropped. */
function withoutPlace(error: PortcullisError): PortcullisError {
  return error.code.startsWith('format.') ? new PortcullisError(error.code, { cause: error }) : error
}
