/** Faster ways to the plain path's answers: the request crosses into WASM once, a record crosses without what no rule reads, and answers are remembered by facts. */
import type { RecordDecision } from '../../domain/decision.ts'
import type { FactSelector, FactValue, RecordPolicy } from '../../domain/record-policy.ts'
import type { Dependence } from './dependence.ts'
import { factsOfRecord, factsPrinter, topLevelField } from './facts.ts'
import type { WasmInstance } from './instance.ts'
import { guardEntrypoint, type Read } from './plain-path.ts'

/** Distinct combinations of facts remembered in one read. */
export const combinationsMax = 4_096
/** Facts whose truth fits one number. */
const truthsMax = 30

/** The same decision for every record: to be asked only where no rule reads the record or a fact. */
export function decideOnce(instance: WasmInstance, { members, decisions }: Read): RecordDecision {
  return decisions.of(instance.evaluate(guardEntrypoint, `{${members},"record":{},"facts":{}}`))
}

export function createFactsPolicy(
  instance: WasmInstance,
  { members, decisions }: Read,
  facts: readonly FactSelector[],
): Extract<RecordPolicy, { kind: 'by-facts' }> {
  const input = instance.prepare(guardEntrypoint, `{${members},"record":{}}`)
  const print = factsPrinter(facts)
  const remembered = new Map<number | string, RecordDecision>()
  const truthsOnly = facts.length <= truthsMax && facts.every(({ op }) => op !== 'get')

  function decided(key: number | string, values: readonly FactValue[]): RecordDecision {
    const decision = decisions.of(input.evaluate({ facts: typeof key === 'string' ? key : print(values) }))
    if (remembered.size >= combinationsMax) remembered.clear()
    remembered.set(key, decision)
    return decision
  }

  return {
    kind: 'by-facts',
    facts,
    decide(values) {
      const key = (truthsOnly ? truthsOf(values, facts.length) : undefined) ?? print(values)
      return remembered.get(key) ?? decided(key, values)
    },
  }
}

/** A bit a fact; undefined where one is not a truth value. */
function truthsOf(values: readonly FactValue[], length: number): number | undefined {
  let bits = 0
  for (let index = 0; index < length; index++) {
    const value = values[index]
    if (value === true) bits |= 1 << index
    else if (value !== false) return undefined
  }
  return bits
}

/** `dependence` undefined: rules may read all of the record and all facts. */
export function createRecordPolicy(
  instance: WasmInstance,
  { members, facts, decisions }: Read,
  dependence: Dependence | undefined,
): Extract<RecordPolicy, { kind: 'by-record' }> {
  const needed = dependence === undefined ? facts : neededFacts(facts, dependence)
  const fields = dependence === undefined ? undefined : fieldsOf(dependence, needed)
  if (needed.length === 0) {
    const input = instance.prepare(guardEntrypoint, `{${members},"facts":${factsPrinter(facts)([])}}`)
    return { kind: 'by-record', fields, decide: (record) => decisions.of(input.evaluate({ record })) }
  }
  const input = instance.prepare(guardEntrypoint, `{${members}}`)
  const print = factsPrinter(needed)
  return {
    kind: 'by-record',
    fields,
    decide: (record) => decisions.of(input.evaluate({ record, facts: print(factsOfRecord(needed, record)) })),
  }
}

export function neededFacts(facts: readonly FactSelector[], { facts: read }: Dependence): readonly FactSelector[] {
  return facts.filter(({ name }) => read.has(name))
}

/** What rules read and what facts are computed from; undefined: all. */
function fieldsOf({ fields }: Dependence, facts: readonly FactSelector[]): readonly string[] | undefined {
  const all = new Set(fields)
  for (const fact of facts) {
    const field = topLevelField(fact)
    if (field === undefined) return undefined
    all.add(field)
  }
  return fields === undefined ? undefined : [...all].sort()
}
