/** Gives the bytes of a leaf through the guard: everything is decided again with the active bundle, and again while the transfer runs. */
import { randomUUID } from 'node:crypto'
import type { AuditTrail } from '../../audit/audit-trail.ts'
import type { ResourceCatalogue } from '../../catalogue/resource-catalogue.ts'
import type { UserDirectory } from '../../directory/user-directory.ts'
import { PortcullisError, toPortcullisError } from '../../domain/errors.ts'
import { linkSignals } from '../../domain/linked-signal.ts'
import { hashToken } from '../../domain/token-hash.ts'
import type { Format } from '../../formats/format.ts'
import type { AuditDetails, AuditEvents } from '../../pipeline/audit-events.ts'
import type { PolicyEngine } from '../../policy/policy-engine.ts'
import type { Reader } from '../../readers/reader.ts'
import type { TokenStore } from '../../tokens/token-store.ts'
import type { DataApi } from '../api.ts'
import { type Access, authorize, type Seen } from './authorize.ts'
import { createReadWatch } from './read-watch.ts'

export type DataServiceDeps = {
  readonly tokens: TokenStore
  readonly directory: UserDirectory
  readonly catalogue: ResourceCatalogue
  readonly engine: () => PolicyEngine
  readonly readers: readonly Reader[]
  readonly formats: readonly Format[]
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

type ReadInput = Parameters<DataApi['read']>[0]

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

async function openRead(deps: DataServiceDeps, input: ReadInput, finish: () => void) {
  const readId = randomUUID()
  const counts = { processed: -1, returned: -1 }
  const onFault = (thrown: unknown) => deps.onFault(thrown, { readId, tokenHash: hashToken(input.token) })
  let bytesWritten = 0
  const seen: Seen = {}
  let access: Access
  const details = (): AuditDetails => ({
    readId,
    userId: input.owner,
    leafId: input.leaf,
    ...(seen.registration === undefined
      ? {}
      : { resourceId: seen.registration.resource, context: seen.registration.context }),
    ...(seen.revision === undefined ? {} : { revision: seen.revision }),
  })
  const progress = (): AuditDetails => ({
    ...(counts.processed < 0 ? {} : { recordsProcessed: counts.processed, recordsReturned: counts.returned }),
    bytesWritten,
  })

  try {
    access = await authorize(deps, input, seen)
  } catch (thrown) {
    const error = toPortcullisError(thrown)
    await deps.trail.record([
      deps.events.each('read.denied', input.token, {
        ...details(),
        decision: 'deny',
        code: error.code,
        ...reasonsOf(thrown),
      }),
    ])
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
    await deps.trail.record([
      deps.events.each('read.aborted', input.token, {
        ...details(),
        ...progress(),
        code: error.code,
        ...reasonsOf(error),
      }),
    ])
    return error
  }
  const close = () => {
    watch.stop()
    ending.release()
    finish()
  }

  const { leaf, place } = access
  let stream: AsyncIterator<Uint8Array>
  let first: IteratorResult<Uint8Array>
  try {
    const format = deps.formats.find(({ mediaTypes }) => mediaTypes.includes(leaf.mediaType))
    const reader = deps.readers.find(({ scheme }) => scheme === place.scheme)
    if (format === undefined) throw new PortcullisError('format.unknown')
    if (reader === undefined) throw new PortcullisError('source.unavailable')
    await deps.trail.record([deps.events.each('read.started', input.token, { ...details(), decision: 'permit' })])
    const source = await reader.open(place, { signal })
    const guarded = format.guard(source.bytes, {
      policyFor: watch.policyFor,
      checkpoint: watch.checkpoint,
      counts,
      signal,
    })
    stream = guarded[Symbol.asyncIterator]()
    // refusals known from the schema come before the first byte, as an answer and not as a broken transfer
    first = await stream.next()
  } catch (thrown) {
    const error = await aborted(thrown)
    close()
    throw error
  }

  let started = false
  /** The consumer went away in the middle, or before it began. */
  async function abandon(): Promise<void> {
    await stream.return?.()
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
        bytesWritten += next.value.length
        yield next.value
      }
      signal.throwIfAborted()
      // written before the clean end: an answer that could not be recorded does not end cleanly
      await deps.trail.record([
        deps.events.each('read.finished', input.token, { ...details(), ...progress(), decision: 'permit' }),
      ])
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
  return { mediaType: leaf.mediaType, bytes: bytes(), revoked: watch.signal }
}

/** Policy denied it, where there are reasons; whatever else went wrong is no decision. */
function reasonsOf(thrown: unknown): Pick<AuditDetails, 'reasons' | 'decision'> {
  const reasons = (thrown as { reasons?: AuditDetails['reasons'] }).reasons
  return reasons === undefined ? {} : { reasons, decision: 'deny' }
}
