/** A model of a token store that is too simple to be wrong: whole lists, looked through from the start. */
import type { Token, UserId } from '../../src/domain/ids.ts'
import type { Registration } from '../../src/domain/records.ts'
import type { LedgerEntry } from '../../src/tokens/token-store.ts'
import { aRegistration, type MovableClock } from '../tokens/support.ts'

/** How long each registration of the model lives, in milliseconds. */
export const lives = 1_000_000

export type Operation =
  | { readonly do: 'register'; readonly token: number; readonly owner: UserId }
  | { readonly do: 'revoke' | 'state'; readonly token: number; readonly owner: UserId }
  | { readonly do: 'append'; readonly token: number; readonly entries: readonly LedgerEntry[] }
  | { readonly do: 'grant'; readonly token: number; readonly indexes: readonly number[] }
  | { readonly do: 'findGrant' | 'setTotal'; readonly token: number; readonly index: number }
  | { readonly do: 'total' | 'expire' | 'unfinished' | 'restart'; readonly token: number }
  | { readonly do: 'read'; readonly token: number; readonly owner: UserId; readonly position: number }

type Known = {
  registration: Registration
  granted: Set<number>
  total: number | undefined
  accepted: LedgerEntry[]
  end: number | undefined
  complete: boolean
  kept: { granted: Set<number>; total: number | undefined } | undefined
}

export function createModel(clock: MovableClock) {
  const requests = new Map<Token, Known>()
  const used = new Set<Token>()

  function known(token: Token): Known | undefined {
    const request = requests.get(token)
    return request !== undefined && request.registration.expiresAt > clock.now() ? request : undefined
  }
  const owned = (token: Token, owner: UserId) => (known(token)?.registration.owner === owner ? known(token) : undefined)
  const visible = ({ accepted }: Known) => accepted.filter(({ kind }) => kind !== 'hidden')

  function accept(request: Known, entry: LedgerEntry): void {
    if (request.complete) return
    if (entry.kind === 'end') request.end = entry.total
    else if (!request.accepted.some((other) => other.kind !== 'end' && other.index === entry.index))
      request.accepted.push(entry)
    const { end: total } = request
    request.complete =
      total !== undefined &&
      Array.from({ length: total }, (_, index) => index).every((index) =>
        request.accepted.some((other) => other.kind !== 'end' && other.index === index),
      )
    if (request.complete) request.kept = { granted: new Set(request.granted), total: request.total }
  }

  return {
    answer(operation: Operation, token: Token, told: readonly Token[]): unknown {
      switch (operation.do) {
        case 'register': {
          if (used.has(token)) return 'token.used'
          used.add(token)
          const registration = aRegistration(clock, { token, owner: operation.owner, livesMs: lives })
          requests.set(token, {
            registration,
            granted: new Set(),
            total: undefined,
            accepted: [],
            end: undefined,
            complete: false,
            kept: undefined,
          })
          return 'none'
        }
        case 'revoke':
          if (owned(token, operation.owner) === undefined) return 'token.unknown'
          requests.delete(token)
          return 'none'
        case 'append': {
          const request = known(token)
          if (request !== undefined) for (const entry of operation.entries) accept(request, entry)
          return 'none'
        }
        case 'grant':
          for (const index of operation.indexes) known(token)?.granted.add(index)
          return 'none'
        case 'findGrant':
          return known(token)?.granted.has(operation.index) ? operation.index : 'grant.unknown'
        case 'setTotal': {
          const request = known(token)
          if (request !== undefined) request.total = operation.index
          return 'none'
        }
        case 'total':
          return known(token)?.total
        case 'state': {
          const request = owned(token, operation.owner)
          return request === undefined
            ? 'token.unknown'
            : { complete: request.complete, items: visible(request).length }
        }
        case 'unfinished':
          return told.filter((token) => known(token)?.complete === false).sort()
        case 'read': {
          const request = owned(token, operation.owner)
          if (request === undefined) return operation.position >= 0 ? 'token.unknown' : undefined
          const items = visible(request).map((entry, position) =>
            entry.kind === 'leaf' ? `${position}:leaf ${entry.index}` : `${position}:error`,
          )
          if (request.complete) items.push(`${items.length}:complete`)
          return [...items.slice(operation.position), ...(request.complete ? [] : ['waits'])]
        }
        default:
          throw new Error(`no answer to ${operation.do}`)
      }
    },
    /** What was not complete is derived again from the start. */
    restart() {
      for (const request of requests.values()) {
        if (request.kept !== undefined)
          Object.assign(request, { granted: new Set(request.kept.granted), total: request.kept.total })
        else Object.assign(request, { granted: new Set(), total: undefined, accepted: [], end: undefined })
      }
    },
  }
}
