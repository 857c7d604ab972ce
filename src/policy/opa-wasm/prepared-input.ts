/**
 * An input of which most stays the same: that part is parsed in WASM once, and each evaluation adds its own members above it. What adding and evaluating
 * change below is put back byte for byte before each evaluation, so that nothing of one is left for the next, whatever it did.
 */
import { PortcullisError } from '../../domain/errors.ts'
import type { Address } from './abi.ts'
import { type Core, parse } from './core.ts'
import { evaluateOnce } from './evaluate-once.ts'
import type { BuiltinFailure } from './host-calls.ts'

export type PreparedInput = {
  /**
   * With these members added to the base, in JSON or value text that the caller has made itself or checked strictly.
   * @throws as `evaluate` of the instance
   */
  evaluate(members: Readonly<Record<string, string | Uint8Array>>): string
}

type Outcome = { readonly result: string | undefined; readonly failure: BuiltinFailure | undefined }

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

export function createPreparedInput(
  entrypoint: number,
  base: string,
  limits: { readonly inputBytesMax: number; readonly resultBytesMax: number },
): (core: Core, members: Readonly<Record<string, string | Uint8Array>>) => Outcome {
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

  return (core, members) => {
    const { abi, text, dataMark } = core
    const names = Object.keys(members)
    if (core.prepared !== owner || placed === undefined || !names.every((name) => placed!.paths.has(name)))
      placed = place(core, names)
    if (placed === undefined) return { result: undefined, failure: undefined }
    const { input, context, paths, bytes, mark } = placed
    text.bytes().set(bytes, dataMark)
    abi.opa_heap_ptr_set(mark)
    let size = baseBytes
    for (const name of names) {
      const given = members[name]!
      size += typeof given === 'string' ? Buffer.byteLength(given) : given.byteLength
      if (size > limits.inputBytesMax) throw new PortcullisError('policy.limit')
      const value = parse(abi, text, given)
      if (value === 0) return { result: undefined, failure: undefined }
      if (abi.opa_value_add_path(input, paths.get(name)!, value) !== 0) throw new PortcullisError('policy.failed')
    }
    return { result: evaluateOnce(core, context, limits.resultBytesMax), failure: core.failure() }
  }
}
