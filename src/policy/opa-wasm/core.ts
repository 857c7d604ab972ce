/** One WebAssembly instance of a policy. It is dead after anything was thrown out of WASM: `instance.ts` then makes a new one. */
import { PortcullisError } from '../../domain/errors.ts'
import { type Abi, type Address, abiOf, pageBytes } from './abi.ts'
import type { BuiltinContext } from './builtins/builtin.ts'
import type { BuiltinLookup } from './builtins/supplied.ts'
import { type BuiltinFailure, createHostCalls } from './host-calls.ts'
import { limitError } from './limit-errors.ts'
import { createMemoryText, type MemoryText } from './memory-text.ts'
import { type RecordWriter, recordWriterOf } from './record-writer.ts'
import { type WasmExports, type WasmImport, type WasmModule, wasm } from './wasm.ts'
import { budgetAddress, budgetExport } from './wasm-meter.ts'

/** Counted loops and calls between two looks at the clock: tens of microseconds, as a rule. */
const stepsBetweenChecks = 2_000
/** What an evaluation may go on computing beyond its time, in milliseconds of the processor. */
const graceMs = 50
/** As many pages as most modules that OPA compiles ask for; those with thousands of rules ask for more. It grows up to the limit as needed. */
const memoryPagesMin = 8

export type CoreOptions = {
  readonly module: WasmModule
  /** The document `data`, in value text that was checked. */
  readonly data: string | Uint8Array
  readonly builtins: BuiltinLookup
  readonly memoryPagesMax: number
  /** Of one evaluation, in milliseconds; modules that `compile` made are interrupted when it is over. */
  readonly timeMsMax: number
}

export type Core = {
  readonly entrypoints: ReadonlyMap<string, number>
  /** Names of the host's built-ins that the policy can call. */
  readonly builtinNames: readonly string[]
  readonly abi: Abi
  readonly text: MemoryText
  /** First free address above `data`. */
  readonly dataMark: Address
  readonly memoryBytes: () => number
  /** Undefined where values do not lie in this module's memory as it writes them. The first call uses memory above `dataMark`. */
  recordWriter(): RecordWriter | undefined
  /** What lies in memory above `dataMark` for evaluations to come; whoever writes there without it sets it to undefined. */
  prepared: object | undefined
  begin(context: () => BuiltinContext): void
  failure(): BuiltinFailure | undefined
  /** A context for `eval` with this input, allocated where the heap is now. */
  contextOf(entrypoint: number, input: Address): Address
}

/** What `opa_abort` throws: its message names places in the policy, and can quote data. */
export class PolicyAbort extends Error {
  override readonly name = 'PolicyAbort'
}

/** @throws bundle.corrupt for a module that is not a policy; policy.limit when `data` needs more memory than there may be */
export function createCore(options: CoreOptions): Core {
  for (let pages = memoryPagesMin; ; pages *= 2)
    try {
      return createCoreWith(options, pages)
    } catch (error) {
      const isTooSmall = error instanceof PortcullisError && error.cause instanceof wasm.LinkError
      if (!isTooSmall || 2 * pages > options.memoryPagesMax) throw error
    }
}

function createCoreWith(options: CoreOptions, pages: number): Core {
  const memory = new wasm.Memory({ initial: pages, maximum: Math.max(pages, options.memoryPagesMax) })
  let abi: Abi | undefined
  const text = createMemoryText(memory, () => abi!)
  const calls = createHostCalls({ builtins: options.builtins, text, abi: () => abi! })
  const env = {
    ...calls.imports,
    memory,
    opa_abort: (address: Address) => {
      if (address !== budgetAddress) throw new PolicyAbort(text.read(address))
      if (performance.now() > deadline && isBusy()) throw limitError('timeMsMax', options.timeMsMax)
      budget.value = stepsBetweenChecks
      return 0
    },
    opa_println: () => 0,
  }
  let deadline = Number.POSITIVE_INFINITY
  let cpuAtDeadline: NodeJS.CpuUsage | undefined
  let budget: { value: unknown } = { value: 0 }
  const instance = instantiate(options, env)
  const exported = instance.exports[budgetExport]
  if (exported instanceof wasm.Global) budget = exported
  budget.value = stepsBetweenChecks
  const exports = abiOf(instance)
  abi = exports

  /** Late by the clock alone is whom the machine did not let run: what is late must also go on using the processor. */
  function isBusy(): boolean {
    if (cpuAtDeadline === undefined) {
      cpuAtDeadline = process.cpuUsage()
      return false
    }
    const { user, system } = process.cpuUsage(cpuAtDeadline)
    return user + system > 1_000 * Math.min(graceMs, options.timeMsMax)
  }

  const entrypoints = numbersOf(text.read(exports.opa_json_dump(exports.entrypoints())))
  const ids = numbersOf(text.read(exports.opa_json_dump(exports.builtins())))
  calls.name(new Map([...ids].map(([name, id]) => [id, name])))
  const data = parse(exports, text, options.data)
  if (data === 0) throw new PortcullisError('bundle.corrupt', { message: 'data.json: not valid JSON' })

  const dataMark = exports.opa_heap_ptr_get()
  let writer: RecordWriter | undefined
  let isWriterKnown = false

  const core: Core = {
    entrypoints,
    builtinNames: [...ids.keys()].sort(),
    abi: exports,
    text,
    dataMark,
    memoryBytes: () => memory.buffer.byteLength,
    recordWriter() {
      if (!isWriterKnown) {
        core.prepared = undefined
        writer = recordWriterOf(options.module, { abi: exports, text, memory }, dataMark)
        isWriterKnown = true
      }
      return writer
    },
    prepared: undefined,
    begin(context) {
      deadline = performance.now() + options.timeMsMax
      cpuAtDeadline = undefined
      calls.begin(context)
    },
    failure: calls.failure,
    contextOf(entrypoint, input) {
      const context = exports.opa_eval_ctx_new()
      exports.opa_eval_ctx_set_input(context, input)
      exports.opa_eval_ctx_set_data(context, data)
      exports.opa_eval_ctx_set_entrypoint(context, entrypoint)
      return context
    },
  }
  return core
}

/** 0 where the text is not in value format. */
export function parse(abi: Abi, text: MemoryText, value: string | Uint8Array): Address {
  const { address, length } = text.place(value)
  return abi.opa_value_parse(address, length)
}

function instantiate({ module, memoryPagesMax }: CoreOptions, env: Readonly<Record<string, WasmImport>>): WasmExports {
  try {
    return new wasm.Instance(module, { env })
  } catch (error) {
    throw new PortcullisError('bundle.corrupt', {
      message: `policy.wasm: not a policy compiled by OPA, or one that needs more memory at its start than the ${memoryPagesMax * pageBytes} bytes that it may have`,
      cause: error,
    })
  }
}

function numbersOf(json: string): ReadonlyMap<string, number> {
  return new Map(Object.entries(JSON.parse(json) as Record<string, number>))
}
