/** Faster ways to the plain path's answers: the request crosses into WASM once, a record crosses without what no rule reads, and answers are remembered by facts. */
import type { RecordDecision } from '../../domain/decision.ts'
import type { FactSelector, FactValue, RecordPolicy } from '../../domain/record-policy.ts'
import type { Dependence } from './dependence.ts'
import { createFactSteps } from './fact-steps.ts'
import { factsOfRecord, factsPrinter, topLevelField } from './facts.ts'
import type { WasmInstance } from './instance.ts'
import { printJson } from './json-text.ts'
import { guardEntrypoint, type Read } from './plain-path.ts'
import type { RecordFacts } from './prepared-input.ts'

/** Distinct combinations of facts remembered in one read. */
export const combinationsMax = 4_096
/** Facts whose truth fits one number. */
const truthsMax = 30
/** Distinct projected records remembered in one read. */
export const recordsRememberedMax = 4_096
/** Bytes of a projected record up to which it is remembered. */
const rememberedBytesMax = 512
/** Records after which remembering has to have been of use for one in so many. */
const trialRecords = 1_000
const hitsOneIn = 5

/** The same decision for every record: to be asked only where no rule reads the record or a fact. */
export function decideOnce(instance: WasmInstance, { members, decisions }: Read): RecordDecision {
  return decisions.of(instance.evaluate(guardEntrypoint, `{${members},"record":{},"facts":{}}`))
}

/** Facts that several rules declare alike are asked for once. */
export function createFactsPolicy(
  instance: WasmInstance,
  { members, decisions }: Read,
  needed: readonly FactSelector[],
): Extract<RecordPolicy, { kind: 'by-facts' }> {
  const input = instance.prepare(guardEntrypoint, `{${members},"record":{}}`)
  const { facts, print } = distinctFacts(needed)
  const remembered = createMemory<number | string>(combinationsMax)
  const truthsOnly = facts.length <= truthsMax && facts.every(({ op }) => op !== 'get')

  function decided(key: number | string, values: readonly FactValue[]): RecordDecision {
    const decision = decisions.of(input.evaluate({ facts: typeof key === 'string' ? key : print(values) }))
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
  const none = needed.length === 0
  const input = instance.prepare(
    guardEntrypoint,
    none ? `{${members},"facts":${factsPrinter(facts)([])}}` : `{${members}}`,
  )
  const asked = none ? undefined : recordFactsOf(needed)
  const decide = (record: Uint8Array) => decisions.of(input.evaluateRecord(record, asked))

  return { kind: 'by-record', fields, decide: fields === undefined ? decide : rememberingRecords(decide) }
}

/** Projected records are small and often the same. Where they are not, remembering them is given up. */
function rememberingRecords(decide: (record: Uint8Array) => RecordDecision): (record: Uint8Array) => RecordDecision {
  const remembered = createMemory<string>(recordsRememberedMax)
  let asked = 0
  let found = 0
  return (record) => {
    if (record.length > rememberedBytesMax || (asked >= trialRecords && found * hitsOneIn < asked))
      return decide(record)
    asked++
    const key = Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString('latin1')
    const known = remembered.get(key)
    if (known !== undefined) {
      found++
      return known
    }
    const decision = decide(record)
    remembered.set(key, decision)
    return decision
  }
}

type Memory<Key> = { get(key: Key): RecordDecision | undefined; set(key: Key, decision: RecordDecision): void }

/** Forgets all when it is full: what is asked often is soon known again. */
function createMemory<Key>(max: number): Memory<Key> {
  const known = new Map<Key, RecordDecision>()
  return {
    get: (key) => known.get(key),
    set(key, decision) {
      if (known.size >= max) known.clear()
      known.set(key, decision)
    },
  }
}

/** Each selector once, whatever its name, and the input that all names are given in. */
function distinctFacts(needed: readonly FactSelector[]): {
  readonly facts: readonly FactSelector[]
  readonly print: (values: readonly FactValue[]) => string
} {
  const indexes = new Map<string, number>()
  const facts: FactSelector[] = []
  const places = needed.map((fact) => {
    const key = printJson({ ...fact, name: '' })
    const index = indexes.get(key) ?? facts.push(fact) - 1
    indexes.set(key, index)
    return index
  })
  const printAll = factsPrinter(needed)
  return { facts, print: (values) => printAll(places.map((index) => values[index])) }
}

function recordFactsOf(needed: readonly FactSelector[]): RecordFacts {
  const { facts, print } = distinctFacts(needed)
  return { steps: createFactSteps(facts), of: (record) => factsOfRecord(facts, record), print }
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
