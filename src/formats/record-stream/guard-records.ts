/** Decides record by record: what text formats share. The policy may change between two records; output is given on in pieces. */
import type { Mask, RecordDecision } from '../../domain/decision.ts'
import { PortcullisError } from '../../domain/errors.ts'
import type { FactSelector, FactValue, RecordPolicy } from '../../domain/record-policy.ts'
import type { GuardOptions } from '../format.ts'
import type { ByteSink } from './byte-sink.ts'
import { checkpointRecords } from './limits.ts'

/** What a format can do with the one record it holds. All of it is valid until the next is read. */
export interface HeldRecord {
  facts(selectors: readonly FactSelector[]): readonly FactValue[]
  /** JSON text of the record: all of it, or an object with at least these fields. */
  json(fields: readonly string[] | undefined): Uint8Array
  /** As its own bytes where no mask touches it. `masks` is the same object for equal decisions. */
  write(masks: readonly Mask[], sink: ByteSink): void
}

export type RecordGuard = {
  /** Decides and counts, and has the record written unless it is dropped. */
  pass(record: HeldRecord, write: (masks: readonly Mask[]) => void): void
  /** Looks at abortion and the checkpoint: to be called before output is given on. */
  check(): void
}

/** @throws policy.denied where there is nothing to read */
export function createRecordGuard({ counts, signal, checkpoint }: GuardOptions, first: RecordPolicy): RecordGuard {
  let policy = permitted(first)
  let unchecked = 0
  counts.processed = 0
  counts.returned = 0

  function decide(record: HeldRecord): RecordDecision {
    switch (policy.kind) {
      case 'constant':
        return policy.decision
      case 'by-facts':
        return policy.decide(record.facts(policy.facts))
      case 'by-record':
        return policy.decide(record.json(policy.fields))
      case 'untouched':
        return unmasked
      case 'deny':
        throw new PortcullisError('policy.denied')
    }
  }

  function check(): void {
    unchecked = 0
    signal.throwIfAborted()
    policy = permitted(checkpoint?.() ?? policy)
  }

  return {
    pass(record, write) {
      if (++unchecked > checkpointRecords) check()
      counts.processed++
      const decision = decide(record)
      if (decision.drop) return
      counts.returned++
      write(decision.masks)
    },
    check,
  }
}

const unmasked: RecordDecision = { drop: false, masks: [] }

/** @throws policy.denied */
export function permitted(policy: RecordPolicy): RecordPolicy {
  if (policy.kind === 'deny') throw new PortcullisError('policy.denied')
  return policy
}

/** Whether it hides nothing from anybody, which is known before the first record. */
export function passesAll(policy: RecordPolicy): boolean {
  return (
    policy.kind === 'untouched' ||
    (policy.kind === 'constant' && !policy.decision.drop && policy.decision.masks.length === 0)
  )
}
