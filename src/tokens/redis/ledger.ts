/** Reads one token's ledger page by page, and waits to be woken for more. */
import type { Clock } from '../../domain/clock.ts'
import { PortcullisError } from '../../domain/errors.ts'
import { checkPosition } from '../ledger-position.ts'
import type { LedgerItem } from '../token-store.ts'
import { decodeItem, itemId } from './stored.ts'
import type { Listener } from './wake-ups.ts'

/** Items fetched at once. */
const pageLength = 100
/** How long a page may be given to a slow client before it is asked again whether the token still stands, in milliseconds. */
const pageAgeMsMax = 500

export type LedgerSource = {
  /** The reply of the page script. */
  readonly page: (firstId: string, length: number) => Promise<unknown>
  readonly listen: () => Promise<Listener>
  readonly clock: Clock
}

type Reply =
  | readonly ['unknown' | 'nothing']
  | readonly ['known', expiresAt: string, items: string, complete: string, found: readonly Entry[]]
type Entry = readonly [id: string, fields: readonly [name: string, item: string]]

export async function* readLedger(
  source: LedgerSource,
  { position, signal }: { readonly position: number; readonly signal: AbortSignal },
): AsyncIterable<LedgerItem> {
  checkPosition(position)
  const { clock } = source
  let listener: Listener | undefined
  let next = position
  let expiresAt: number | undefined
  try {
    while (!signal.aborted) {
      const seen = listener?.news.version
      const askedAt = clock.now()
      const reply = (await source.page(itemId(next), pageLength)) as Reply
      if (signal.aborted) return
      // known before and now gone without a trace: neither expired nor revoked
      if (reply[0] === 'nothing' && expiresAt !== undefined && expiresAt > clock.now())
        throw new PortcullisError('request.lost')
      if (reply[0] !== 'known') throw new PortcullisError('token.unknown')
      const [, expiry, items, complete, found] = reply
      expiresAt = Number(expiry)
      for (const item of numbered(found, next, Number(items))) {
        yield item
        next++
        if (signal.aborted) return
        if (clock.now() - askedAt >= pageAgeMsMax || clock.now() >= expiresAt) break
      }
      if (next < Number(items)) continue
      if (complete !== '') {
        if (next === Number(items)) yield { kind: 'complete', position: next }
        return
      }
      if (listener === undefined || seen === undefined) listener = await source.listen()
      else await listener.news.changed(seen, { signal, timeoutMs: expiresAt - clock.now() })
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown
  } finally {
    listener?.stop()
  }
}

/** @throws PortcullisError request.lost when items are missing that the request counts */
function* numbered(found: readonly Entry[], first: number, items: number): Iterable<LedgerItem> {
  if (first < items && found.length === 0) throw new PortcullisError('request.lost')
  let position = first
  for (const [id, [, item]] of found) {
    if (id !== itemId(position)) throw new PortcullisError('request.lost')
    yield decodeItem(item, position++)
  }
}
