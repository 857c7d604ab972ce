/** The token store of one process: everything in memory, and with a folder what must outlive the process in a journal. */
import { setInterval as every } from 'node:timers/promises'
import type { Clock } from '../../domain/clock.ts'
import { PortcullisError } from '../../domain/errors.ts'
import type { ResourceId, Token, UserId } from '../../domain/ids.ts'
import type { Extras, Registration } from '../../domain/records.ts'
import { checkPosition } from '../ledger-position.ts'
import type { Grant, LedgerItem, TokenStore } from '../token-store.ts'
import { createWakeUp, type WakeUp } from '../wake-up.ts'
import { type Journal, type JournaledRequest, type Outcome, openJournal } from './journal.ts'
import { createRequestLedger, type RequestLedger } from './request-ledger.ts'

export const embeddedTokenLimits = {
  /** Requests known at once. */
  registrationsMax: 250_000,
  /** Grants and ledger items of all requests together, from which on no new request is taken. Those under way may still finish. */
  itemsMax: 2_000_000,
  /** Tokens remembered as used; beyond it the oldest are forgotten. */
  usedMax: 1_000_000,
  /** How long after its expiry a token is remembered as used, in milliseconds. */
  usedRememberedMs: 24 * 3_600_000,
  /** How often what has expired is removed, in milliseconds. It is unknown from the moment it expires. */
  sweepMs: 5_000,
  /** Ledger items of the longest complete request that is kept over a restart; a longer one is derived again. */
  keptItemsMax: 10_000,
  /** Length of the journal, in bytes, below which it is not worth while to write it anew without what has expired. */
  compactLengthMin: 64 * 1024 * 1024,
} as const

export type EmbeddedTokenLimits = { readonly [Name in keyof typeof embeddedTokenLimits]: number }

export type EmbeddedTokenStoreOptions = Partial<EmbeddedTokenLimits> & {
  /** Absent: in memory, gone with the process. One process at a time. */
  readonly folder?: string
  readonly clock: Clock
  readonly log?: { warn(fields: object, event: string): void }
}

type Request = {
  readonly registration: Registration
  readonly extras: Extras
  readonly grants: Map<ResourceId, Grant>
  readonly ledger: RequestLedger
  readonly news: WakeUp
  total?: number
}

export async function createEmbeddedTokenStore(options: EmbeddedTokenStoreOptions): Promise<TokenStore> {
  const { clock, log } = options
  const limits: EmbeddedTokenLimits = { ...embeddedTokenLimits, ...options }
  const requests = new Map<Token, Request>()
  /** Every token ever registered and still remembered, the oldest first, with the end of its remembering. */
  const used = new Map<Token, number>()
  const closing = new AbortController()
  let itemsHeld = 0

  const journal = options.folder === undefined ? undefined : await opened(options.folder)
  const sweeping = sweepNowAndThen()

  async function opened(folder: string): Promise<Journal> {
    const journal = await openJournal(folder, {
      now: clock.now,
      live: () => ({ requests: worthKeeping(), used }),
      compactLengthMin: limits.compactLengthMin,
      onCompactionFailed: () => log?.warn({}, 'tokens.journal_not_compacted'),
    }).catch((thrown: unknown) => {
      throw thrown instanceof PortcullisError ? thrown : unavailable('The token folder cannot be opened.', thrown)
    })
    if (journal.damaged) log?.warn({}, 'tokens.damaged_file_set_aside')
    // the oldest first, whatever the journal's order
    for (const [token, until] of [...journal.restored.used].sort(([, a], [, b]) => a - b)) used.set(token, until)
    for (const { registration, extras, outcome } of journal.restored.requests.values())
      admit(registration, extras, outcome)
    return journal
  }

  function* worthKeeping(): Iterable<JournaledRequest> {
    for (const request of requests.values()) {
      const outcome = outcomeOf(request)
      yield {
        registration: request.registration,
        extras: request.extras,
        ...(outcome === undefined ? {} : { outcome }),
      }
    }
  }

  /** undefined: it is derived again after a restart. */
  function outcomeOf({ ledger, grants, total }: Request): Outcome | undefined {
    if (!ledger.complete || ledger.items.length > limits.keptItemsMax) return undefined
    return { items: ledger.items, grants: [...grants.values()], ...(total === undefined ? {} : { total }) }
  }

  function admit(registration: Registration, extras: Extras, outcome?: Outcome): void {
    const { token } = registration
    const grants = new Map(outcome?.grants.map((grant) => [grant.leaf.id, grant]))
    const ledger = createRequestLedger(outcome?.items)
    itemsHeld += grants.size + ledger.items.length
    requests.set(token, {
      registration,
      extras,
      grants,
      ledger,
      news: createWakeUp(),
      ...(outcome?.total === undefined ? {} : { total: outcome.total }),
    })
  }

  function drop(token: Token): void {
    const request = requests.get(token)
    if (request === undefined) return
    requests.delete(token)
    itemsHeld -= request.grants.size + request.ledger.items.length
    request.news.wake()
  }

  function known(token: Token): Request | undefined {
    if (closing.signal.aborted) throw unavailable('The token store is closed.')
    const request = requests.get(token)
    return request !== undefined && request.registration.expiresAt > clock.now() ? request : undefined
  }

  function owned(token: Token, owner: UserId): Request {
    const request = known(token)
    if (request?.registration.owner !== owner) throw new PortcullisError('token.unknown')
    return request
  }

  async function register(registration: Registration, extras: Extras): Promise<void> {
    const { token, expiresAt } = registration
    known(token)
    if ((used.get(token) ?? Number.NEGATIVE_INFINITY) > clock.now()) throw new PortcullisError('token.used')
    if (requests.size >= limits.registrationsMax || itemsHeld >= limits.itemsMax)
      throw unavailable('The token store is full. Try again later.')
    const rememberedUntil = expiresAt + limits.usedRememberedMs
    // taken before the journal is written, so of two at once one loses
    used.delete(token)
    used.set(token, rememberedUntil)
    try {
      await journal?.register(registration, extras, rememberedUntil)
    } catch (thrown) {
      used.delete(token)
      throw unavailable('The token store cannot be written.', thrown)
    }
    if (!closing.signal.aborted) admit(registration, extras)
  }

  async function revoke(token: Token, owner: UserId): Promise<void> {
    owned(token, owner)
    try {
      await journal?.revoke(token)
    } catch (thrown) {
      throw unavailable('The token store cannot be written.', thrown)
    }
    drop(token)
  }

  async function* ledger(
    token: Token,
    owner: UserId,
    { position, signal }: { readonly position: number; readonly signal: AbortSignal },
  ): AsyncIterable<LedgerItem> {
    checkPosition(position)
    const request = owned(token, owner)
    const { items } = request.ledger
    for (let next = position; !signal.aborted; ) {
      if (owned(token, owner) !== request) throw new PortcullisError('token.unknown')
      const seen = request.news.version
      if (next < items.length) yield items[next++]!
      else if (request.ledger.complete) {
        if (next === items.length) yield { kind: 'complete', position: next }
        return
      } else {
        const timeoutMs = request.registration.expiresAt - clock.now()
        await request.news.changed(seen, { signal, timeoutMs })
      }
    }
  }

  function sweep(): void {
    const now = clock.now()
    const expired: Token[] = []
    for (const [token, { registration }] of requests) if (registration.expiresAt <= now) expired.push(token)
    for (const token of expired) drop(token)
    for (const [token, rememberedUntil] of used) {
      if (rememberedUntil > now && used.size <= limits.usedMax) break
      if (!requests.has(token)) used.delete(token)
    }
  }

  async function sweepNowAndThen(): Promise<void> {
    try {
      for await (const _ of every(limits.sweepMs, undefined, { signal: closing.signal, ref: false })) sweep()
    } catch {
      // closed
    }
  }

  return {
    register,
    revoke,
    ledger,
    find: async (token, owner) => owned(token, owner).registration,
    async findForPipeline(token) {
      const request = known(token)
      if (request === undefined) throw new PortcullisError('token.unknown')
      return request.registration
    },
    async grant(token, grants) {
      const request = known(token)
      if (request === undefined) return
      for (const grant of grants) {
        if (request.grants.has(grant.leaf.id)) continue
        request.grants.set(grant.leaf.id, grant)
        itemsHeld++
      }
    },
    async findGrant(token, leaf) {
      const grant = known(token)?.grants.get(leaf)
      if (grant === undefined) throw new PortcullisError('grant.unknown')
      return grant
    },
    async setTotal(token, total) {
      const request = known(token)
      if (request !== undefined) request.total = total
    },
    total: async (token) => known(token)?.total,
    async append(token, entries) {
      const request = known(token)
      if (request === undefined || request.ledger.complete) return
      const before = request.ledger.items.length
      const changed = request.ledger.append(entries)
      itemsHeld += request.ledger.items.length - before
      if (request.ledger.complete) keep(request)
      if (changed) request.news.wake()
    },
    async state(token, owner) {
      const { registration, ledger } = owned(token, owner)
      return { registration, complete: ledger.complete, items: ledger.items.length }
    },
    async *unfinished() {
      for (const token of [...requests.keys()]) {
        const request = known(token)
        if (request === undefined || request.ledger.complete) continue
        yield { registration: request.registration, extras: request.extras }
      }
    },
    async check() {
      known('' as Token)
      try {
        await journal?.check()
      } catch (thrown) {
        throw unavailable('The token store cannot be written.', thrown)
      }
    },
    async [Symbol.asyncDispose]() {
      if (closing.signal.aborted) return
      closing.abort()
      for (const { news } of requests.values()) news.wake()
      await sweeping
      await journal?.[Symbol.asyncDispose]()
    },
  }

  function keep(request: Request): void {
    const outcome = outcomeOf(request)
    if (outcome === undefined) return
    journal?.complete(request.registration.token, outcome).catch(() => log?.warn({}, 'tokens.outcome_not_kept'))
  }
}

function unavailable(message: string, cause?: unknown): PortcullisError {
  return new PortcullisError('store.unavailable', { message, ...(cause === undefined ? {} : { cause }) })
}
