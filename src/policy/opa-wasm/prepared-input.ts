/**
 * An input of which most stays the same: that part is parsed in WASM once, and each evaluation adds its own members above it. What adding and evaluating
 * change below is put back byte for byte before each evaluation, so that nothing of one is left for the next, whatever it did.
 */
import { PortcullisError } from '../../domain/errors.ts'
import type { FactValue } from '../../domain/record-policy.ts'
import type { Address } from './abi.ts'
import { type Core, parse } from './core.ts'
import { evaluateOnce } from './evaluate-once.ts'
import type { FactSteps } from './fact-steps.ts'
import type { BuiltinFailure } from './host-calls.ts'
import { limitError } from './limit-errors.ts'

export type PreparedInput = {
  /**
   * With these members added to the base, in JSON or value text that the caller has made itself or checked strictly.
   * @throws as `evaluate` of the instance
   */
  evaluate(members: Members): string
  /**
   * With the member `record` added, in JSON that the caller has made itself or checked strictly, and the member `facts` where they are asked for.
   * @throws as `evaluate` of the instance; fact.unavailable
   */
  evaluateRecord(record: Uint8Array, facts?: RecordFacts): string
}

export type Members = Readonly<Record<string, string | Uint8Array>>

/** Facts as a member of the input. */
export type RecordFacts = {
  /** Finds them while the record is written into memory; undefined where they are too many for it. */
  readonly steps: FactSteps | undefined
  /** The slower way. */
  of(record: Uint8Array): readonly FactValue[]
  /** In value text. */
  print(values: readonly FactValue[]): string
}

export type Outcome = { readonly result: string | undefined; readonly failure: BuiltinFailure | undefined }

/** The base as it lies in one instance. */
type Placed = {
  readonly input: Address
  readonly context: Address
  /** Member → the path that `opa_value_add_path` takes. */
  readonly paths: Map<string, Address>
  /** What lies between the data and `mark`. */
  readonly bytes: Buffer
  readonly mark: Address
}

const recordNames = ['record']
const recordAndFactsNames = ['record', 'facts']

export function createPreparedInput(
  entrypoint: number,
  base: string,
  limits: { readonly inputBytesMax: number; readonly resultBytesMax: number },
): {
  evaluate(core: Core, members: Members): Outcome
  evaluateRecord(core: Core, record: Uint8Array, facts: RecordFacts | undefined): Outcome
} {
  const owner = {}
  const baseBytes = Buffer.byteLength(base)
  let placed: Placed | undefined

  function place(core: Core, names: readonly string[]): Placed | undefined {
    const { abi, text, dataMark } = core
    core.prepared = undefined
    abi.opa_heap_ptr_set(dataMark)
    const input = parse(abi, text, base)
    if (input === 0) return undefined
    const paths = new Map(names.map((name) => [name, parse(abi, text, JSON.stringify([name]))]))
    const context = core.contextOf(entrypoint, input)
    const mark = abi.opa_heap_ptr_get()
    core.prepared = owner
    return { input, context, paths, bytes: Buffer.from(text.bytes().subarray(dataMark, mark)), mark }
  }

  /** The base in memory as it was when it was placed there, with nothing above it. */
  function restored(core: Core, names: readonly string[]): Placed | undefined {
    if (core.prepared !== owner || placed === undefined || !names.every((name) => placed!.paths.has(name)))
      placed = place(core, names)
    if (placed === undefined) return undefined
    core.text.bytes().set(placed.bytes, core.dataMark)
    core.abi.opa_heap_ptr_set(placed.mark)
    return placed
  }

  function add(core: Core, { input, paths }: Placed, name: string, value: Address): boolean {
    if (value === 0) return false
    if (core.abi.opa_value_add_path(input, paths.get(name)!, value) !== 0) throw new PortcullisError('policy.failed')
    return true
  }

  function outcome(core: Core, { context }: Placed): Outcome {
    return { result: evaluateOnce(core, context, limits.resultBytesMax), failure: core.failure() }
  }

  function check(bytes: number): void {
    if (bytes > limits.inputBytesMax) throw limitError('inputBytesMax', limits.inputBytesMax)
  }

  return {
    evaluate(core, members) {
      const names = Object.keys(members)
      const known = restored(core, names)
      if (known === undefined) return invalid
      let size = baseBytes
      for (const name of names) {
        const given = members[name]!
        size += typeof given === 'string' ? Buffer.byteLength(given) : given.byteLength
        check(size)
        if (!add(core, known, name, parse(core.abi, core.text, given))) return invalid
      }
      return outcome(core, known)
    },
    evaluateRecord(core, record, facts) {
      check(baseBytes + record.byteLength)
      const writer = core.recordWriter()
      const known = restored(core, facts === undefined ? recordNames : recordAndFactsNames)
      if (known === undefined) return invalid
      const written = writer?.write(record, facts?.steps)
      if (!add(core, known, 'record', written ?? parse(core.abi, core.text, record))) return invalid
      if (facts !== undefined) {
        const isFound = written !== undefined && facts.steps !== undefined
        const printed = facts.print(isFound ? facts.steps.values() : facts.of(record))
        check(baseBytes + record.byteLength + Buffer.byteLength(printed))
        if (!add(core, known, 'facts', parse(core.abi, core.text, printed))) return invalid
      }
      return outcome(core, known)
    },
  }
}

const invalid: Outcome = { result: undefined, failure: undefined }
