/** The reference: one evaluation a record, over the whole document. Every faster way is compared with it. */
import type { RecordDecision } from '../../domain/decision.ts'
import type { FactSelector } from '../../domain/record-policy.ts'
import type { DecisionCache } from './decision-cache.ts'
import { factsOfRecord, factsPrinter } from './facts.ts'
import type { WasmInstance } from './instance.ts'
import { checkJsonBytes } from './json-check.ts'

/** What is the same for all records of a read. */
export type Read = {
  /** Members of the input that are known before the first record: user, context, resource, now, layers. */
  readonly members: string
  /** All that the attached rules declare. */
  readonly facts: readonly FactSelector[]
  readonly decisions: DecisionCache
}

export const guardEntrypoint = 'access/guard'

/** @throws policy.input_invalid where a record is no strict JSON; what evaluating throws */
export function createPlainPath(
  instance: WasmInstance,
  { members, facts, decisions }: Read,
): (recordJson: Uint8Array) => RecordDecision {
  const head = Buffer.from(`{${members},"record":`)
  const print = factsPrinter(facts)
  return (recordJson) => {
    checkJsonBytes(recordJson)
    const tail = Buffer.from(`,"facts":${print(factsOfRecord(facts, recordJson))}}`)
    return decisions.of(instance.evaluate(guardEntrypoint, Buffer.concat([head, recordJson, tail])))
  }
}
