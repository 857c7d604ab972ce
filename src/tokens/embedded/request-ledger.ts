/** One request's ledger in memory: what was seen of its indexes, and the visible items in the order they came. */
import type { LedgerEntry, LedgerItem } from '../token-store.ts'

export type VisibleItem = Exclude<LedgerItem, { kind: 'complete' }>

export type RequestLedger = {
  readonly items: readonly VisibleItem[]
  /** END is in and all its indexes are; nothing is added any more. */
  readonly complete: boolean
  /** @returns whether anything changed that a reader may see */
  append(entries: readonly LedgerEntry[]): boolean
}

export function createRequestLedger(restored?: readonly VisibleItem[]): RequestLedger {
  const items: VisibleItem[] = [...(restored ?? [])]
  let complete = restored !== undefined
  /** The lowest index not seen yet. Entries come nearly in order, so those ahead of it stay few. */
  let next = 0
  const ahead = new Set<number>()
  let total: number | undefined

  /** @returns false when it was seen before */
  function see(index: number): boolean {
    if (index < next || ahead.has(index)) return false
    ahead.add(index)
    while (ahead.delete(next)) next++
    return true
  }

  function take(entry: LedgerEntry): void {
    const position = items.length
    switch (entry.kind) {
      case 'end':
        total = entry.total
        return
      case 'hidden':
        see(entry.index)
        return
      case 'leaf':
        if (see(entry.index)) items.push({ ...entry, position })
        return
      case 'error':
        if (see(entry.index)) items.push({ kind: 'error', position, failure: entry.failure })
        return
    }
  }

  return {
    items,
    get complete() {
      return complete
    },
    append(entries) {
      const before = items.length
      for (const entry of entries) {
        if (complete) break
        take(entry)
        complete = total !== undefined && next >= total
      }
      return items.length > before || complete
    },
  }
}
