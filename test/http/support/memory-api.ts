/** The three services in memory, for tests of the edge: small, and as their interface says. */
import { randomUUID } from 'node:crypto'
import { PortcullisError } from '../../../src/domain/errors.ts'
import type { Token, UserId } from '../../../src/domain/ids.ts'
import type { Leaf } from '../../../src/domain/records.ts'
import { parseResourceId } from '../../../src/domain/resource-id.ts'
import type { DataApi, DeliveryApi, RegisterInput, RequestApi } from '../../../src/services/api.ts'
import type { LedgerItem } from '../../../src/tokens/token-store.ts'

export type MemoryApi = {
  readonly requests: RequestApi
  readonly delivery: DeliveryApi
  readonly data: DataApi
  readonly ownerOf: (token: Token) => Promise<UserId>
  /** All that reached the services. */
  readonly registered: RegisterInput[]
  readonly reads: { readonly token: Token; readonly owner: UserId; readonly leaf: string }[]
  /** Adds to the ledger of a token and wakes who waits. */
  put(token: string, ...items: readonly LedgerItem[]): void
  /** The ledger of a token breaks, for those who follow it and those who come. */
  break(token: string, error: PortcullisError): void
  /** What a read of this leaf gives. */
  bytes(leaf: string, open: (signal: AbortSignal) => AsyncIterable<Uint8Array>): void
  /** The error the next call of any service ends with. */
  failNext(error: PortcullisError): void
  /** Signals of ledgers and reads that were opened. */
  readonly signals: AbortSignal[]
}

type Entry = {
  readonly input: RegisterInput
  readonly items: LedgerItem[]
  readonly waiting: Set<() => void>
  readonly revoked: AbortController
}

export function createMemoryApi(): MemoryApi {
  const entries = new Map<string, Entry>()
  const contents = new Map<string, (signal: AbortSignal) => AsyncIterable<Uint8Array>>()
  const registered: RegisterInput[] = []
  const reads: { token: Token; owner: UserId; leaf: string }[] = []
  const signals: AbortSignal[] = []
  let failure: PortcullisError | undefined

  function failIfAsked(): void {
    const error = failure
    failure = undefined
    if (error !== undefined) throw error
  }
  function find(token: Token, owner?: UserId): Entry {
    const entry = entries.get(token)
    if (entry === undefined || (owner !== undefined && entry.input.owner !== owner))
      throw new PortcullisError('token.unknown')
    return entry
  }
  const wake = ({ waiting }: Entry) => {
    for (const one of waiting) one()
    waiting.clear()
  }

  return {
    registered,
    reads,
    signals,
    ownerOf: async (token) => find(token).input.owner,
    put(token, ...items) {
      const entry = find(token as Token)
      entry.items.push(...items)
      wake(entry)
    },
    break(token, error) {
      const entry = find(token as Token)
      entry.revoked.abort(error)
      wake(entry)
    },
    bytes: (leaf, open) => void contents.set(leaf, open),
    failNext(error) {
      failure = error
    },
    requests: {
      async register(input) {
        failIfAsked()
        const token = input.token ?? (randomUUID() as Token)
        if (entries.has(token)) throw new PortcullisError('token.used')
        registered.push(input)
        entries.set(token, { input, items: [], waiting: new Set(), revoked: new AbortController() })
        return token
      },
      async state(token, owner) {
        failIfAsked()
        const { input, items } = find(token, owner)
        const { resource, context } = input
        return {
          registration: { token, owner, resource, context, registeredAt: 0, expiresAt: 3_600_000 },
          complete: items.at(-1)?.kind === 'complete',
          items: items.filter(({ kind }) => kind !== 'complete').length,
        }
      },
      async revoke(token, owner) {
        failIfAsked()
        const entry = find(token, owner)
        entries.delete(token)
        entry.revoked.abort(new PortcullisError('token.unknown'))
        wake(entry)
      },
    },
    delivery: {
      async *items(token, owner, { position, signal }) {
        signals.push(signal)
        failIfAsked()
        const entry = find(token, owner)
        signal.addEventListener('abort', () => wake(entry), { once: true })
        for (let at = position; ; at++) {
          while (at >= entry.items.length && !signal.aborted && !entry.revoked.signal.aborted)
            await new Promise<void>((resolve) => entry.waiting.add(resolve))
          if (signal.aborted) return
          entry.revoked.signal.throwIfAborted()
          const item = entry.items[at]!
          yield item
          if (item.kind === 'complete') return
        }
      },
    },
    data: {
      async read({ token, owner, leaf, signal }) {
        signals.push(signal)
        failIfAsked()
        reads.push({ token, owner, leaf })
        const entry = find(token, owner)
        const open = contents.get(leaf)
        if (open === undefined) throw new PortcullisError('grant.unknown')
        return {
          kind: 'whole',
          mediaType: 'avro/binary',
          bytes: open(signal),
          revoked: entry.revoked.signal,
          takesRanges: false,
          compressible: false,
          returned: () => undefined,
        }
      },
    },
  }
}

export function leafItem(position: number, id = `file:/data/hr/leaf${position}.avro`): LedgerItem {
  const leaf: Leaf = { id: parseResourceId(id), mediaType: 'avro/binary', recordType: 'a.b.Employee', attributes: {} }
  return { kind: 'leaf', position, index: position * 10, leaf }
}
export const errorItem = (position: number): LedgerItem => ({
  kind: 'error',
  position,
  failure: { code: 'user.unknown', message: 'The user is not known here.', stage: 'user' },
})
export const completeItem = (position: number): LedgerItem => ({ kind: 'complete', position })
