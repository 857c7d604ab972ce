/** Tokens, registrations, leaves and a clock that tests of the token store share. */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../../src/domain/clock.ts'
import type { PortcullisError } from '../../src/domain/errors.ts'
import type { ResourceId, Revision, Token, UserId } from '../../src/domain/ids.ts'
import type { Leaf, Registration } from '../../src/domain/records.ts'
import type { Grant, LedgerEntry, LedgerItem, TokenStore } from '../../src/tokens/token-store.ts'

export const alice = 'Alice' as UserId
export const bob = 'Bob' as UserId

export type MovableClock = Clock & { advance(ms: number): void }

/** Real time, and what a test adds to it. */
export function movableClock(): MovableClock {
  let offset = 0
  return {
    now: () => Date.now() + offset,
    advance(ms) {
      offset += ms
    },
  }
}

export type RegistrationOptions = { readonly owner?: UserId; readonly token?: Token; readonly livesMs?: number }

/** The store under test, and the clock it goes by. */
export type TokenStoreSuite = {
  readonly store: TokenStore
  readonly clock: MovableClock
  registered(options?: RegistrationOptions): Promise<Token>
}

export function aRegistration(clock: Clock, options: RegistrationOptions = {}): Registration {
  const registeredAt = clock.now()
  return {
    token: options.token ?? (randomUUID() as Token),
    owner: options.owner ?? alice,
    resource: 'file:/data/hr/' as ResourceId,
    context: { purpose: 'SALARY', note: 'ü "quoted" \u2028' },
    registeredAt,
    expiresAt: registeredAt + (options.livesMs ?? 60_000),
  }
}

export function leafOf(name: string | number, attributes: Record<string, string> = {}): Leaf {
  return {
    id: `file:/data/hr/${name}.avro` as ResourceId,
    mediaType: 'application/avro',
    recordType: 'uk.gov.Employee',
    attributes,
    product: 'hr/employees',
    fields: [{ path: '/name', classification: 'restricted' }],
  }
}

export function grantOf(index: number, name: string | number = index): Grant {
  return { index, leaf: leafOf(name, { size: '7' }), revision: 'r1' as Revision, grantedAt: 1_700_000_000_000 + index }
}

export const leaf = (index: number, name: string | number = index): LedgerEntry => ({
  kind: 'leaf',
  index,
  leaf: leafOf(name),
})
export const hidden = (index: number): LedgerEntry => ({ kind: 'hidden', index })
export const failed = (index: number): LedgerEntry => ({ kind: 'error', index, failure: failure(index) })
export const end = (total: number): LedgerEntry => ({ kind: 'end', total })
export const failure = (index: number) => ({ code: 'internal', message: `Something ${index}.`, stage: 'policy' })

/** A short form of an item: `0:leaf file:/…`. */
export function shortOf(item: LedgerItem): string {
  switch (item.kind) {
    case 'leaf':
      return `${item.position}:leaf ${item.index}`
    case 'error':
      return `${item.position}:error`
    case 'complete':
      return `${item.position}:complete`
  }
}

export function open(
  store: TokenStore,
  token: Token,
  options: { owner?: UserId; position?: number; signal?: AbortSignal } = {},
): AsyncIterator<LedgerItem> {
  return store
    .ledger(token, options.owner ?? alice, {
      position: options.position ?? 0,
      signal: options.signal ?? new AbortController().signal,
    })
    [Symbol.asyncIterator]()
}

/** All items of a ledger to its end, in short form. */
export async function drain(reader: AsyncIterator<LedgerItem>): Promise<string[]> {
  const items: string[] = []
  for (let next = await reader.next(); !next.done; next = await reader.next()) items.push(shortOf(next.value))
  return items
}

export async function nextShort(reader: AsyncIterator<LedgerItem>): Promise<string | undefined> {
  const next = await reader.next()
  return next.done ? undefined : shortOf(next.value)
}

export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'none'
  } catch (thrown) {
    return (thrown as PortcullisError).code
  }
}
