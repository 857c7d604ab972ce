/** Bytes of a list while no rule looks at them. The comma after an item waits for the next one, which a rule may come to drop. */
import type { RecordPolicy } from '../../domain/record-policy.ts'
import type { GuardOptions } from '../format.ts'
import { corrupt } from '../record-stream/format-errors.ts'
import { permitted } from '../record-stream/guard-records.ts'
import type { JsonItems } from './json-items.ts'

export type ItemsPassing = {
  /** Whether bytes still pass as they are. */
  goesOn(): boolean
  policy(): RecordPolicy
  /** Of the first byte that has not been taken. */
  offset(): number
  /** Whether an item has passed. */
  anyPassed(): boolean
  /** What is to be given on, and how many bytes of the chunk were taken: all, or up to the next item where a rule wants to see it. */
  take(chunk: Buffer): { readonly given: Buffer; readonly taken: number }
  /** @throws format.corrupt where the list was not closed */
  end(): void
}

const comma = Buffer.from(',')
const nothing = Buffer.alloc(0)

export function createItemsPassing(
  items: JsonItems,
  {
    first,
    lead,
    checkpoint,
  }: { readonly first: RecordPolicy; readonly lead: Buffer; readonly checkpoint: GuardOptions['checkpoint'] },
): ItemsPassing {
  let policy = first
  let waiting = lead
  let offset = lead.length
  let begun = false
  let anyPassed = false

  /** The index of the first byte that does not pass. */
  function pass(chunk: Buffer): number {
    let at = 0
    while (at < chunk.length && (begun || items.closed() || policy.kind === 'untouched')) {
      const end = items.findEnd(chunk, at)
      begun = end < 0
      anyPassed ||= end >= 0
      at = begun ? chunk.length : end
    }
    return at
  }

  return {
    goesOn: () => policy.kind === 'untouched' || begun || items.closed(),
    policy: () => policy,
    offset: () => offset,
    anyPassed: () => anyPassed,
    take(chunk) {
      policy = permitted(checkpoint?.() ?? policy)
      const taken = pass(chunk)
      offset += taken
      if (taken === 0) return { given: nothing, taken }
      const waits = !begun && !items.closed()
      const bytes = chunk.subarray(0, waits ? taken - 1 : taken)
      const given = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes])
      waiting = waits ? comma : nothing
      return { given, taken }
    },
    end() {
      if (!items.closed()) throw corrupt(offset, 'a list that does not end')
    },
  }
}
