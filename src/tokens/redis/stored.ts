/** How a token's keys are named and what lies under them. The token itself is in neither, its hash is. */
import type { ErrorCode } from '../../domain/errors.ts'
import { PortcullisError } from '../../domain/errors.ts'
import type { Token } from '../../domain/ids.ts'
import type { Registration } from '../../domain/records.ts'
import { hashToken } from '../../domain/token-hash.ts'
import type { Grant, LedgerEntry, LedgerItem } from '../token-store.ts'

export type TokenKeys = {
  readonly request: string
  readonly used: string
  readonly grants: string
  readonly ledger: string
  /** Where changes of the ledger are announced. */
  readonly channel: string
}

/** All keys of one token share the hash tag, so that one script may touch them in a cluster. */
export function keysOf(prefix: string, token: Token): TokenKeys {
  const key = (name: string) => `${prefix}{${hashToken(token)}}:${name}`
  return {
    request: key('request'),
    used: key('used'),
    grants: key('grants'),
    ledger: key('ledger'),
    channel: key('news'),
  }
}

export function encodeRegistration({ token: _, ...rest }: Registration): string {
  return JSON.stringify(rest)
}

export function decodeRegistration(text: string, token: Token): Registration {
  return { token, ...parse<Omit<Registration, 'token'>>(text, 'token.unknown') }
}

export function decodeGrant(text: string): Grant {
  return parse<Grant>(text, 'grant.unknown')
}

/** Index and item in turn, as the append script takes them. */
export function encodeEntry(entry: LedgerEntry): [index: string, item: string] {
  switch (entry.kind) {
    case 'end':
      return ['end', String(entry.total)]
    case 'hidden':
      return [String(entry.index), '']
    case 'leaf':
      return [
        String(entry.index),
        JSON.stringify({ kind: 'leaf', leaf: entry.leaf, index: entry.index, revision: entry.revision }),
      ]
    case 'error':
      return [String(entry.index), JSON.stringify({ kind: 'error', failure: entry.failure })]
  }
}

/** The id in the ledger's stream of the item at a position; 0 is no id. */
export function itemId(position: number): string {
  return `${position + 1}-0`
}

export function decodeItem(text: string, position: number): LedgerItem {
  return { ...parse<LedgerItem>(text, 'request.lost'), position }
}

/** What isn't ours, or not whole, is denied. */
function parse<Value>(text: string, code: ErrorCode): Value {
  try {
    return JSON.parse(text) as Value
  } catch {
    throw new PortcullisError(code)
  }
}
