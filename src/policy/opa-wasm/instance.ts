/**
 * A policy in WASM that any number of evaluations go through, one at a time. It never wears out: whatever is thrown out of WASM (a trap, an abort, a limit)
 * fails that evaluation alone, and the next one runs in a fresh instance. Nothing of one evaluation is left for the next.
 */
import { PortcullisError } from '../../domain/errors.ts'
import { type Address, pageBytes } from './abi.ts'
import type { BuiltinContext } from './builtins/builtin.ts'
import type { BuiltinLookup } from './builtins/supplied.ts'
import { type Core, createCore, PolicyAbort, parse } from './core.ts'
import { evaluateOnce } from './evaluate-once.ts'
import { depthError, limitError } from './limit-errors.ts'
import { createPreparedInput, type Outcome, type PreparedInput } from './prepared-input.ts'
import { type WasmModule, wasm } from './wasm.ts'

export type InstanceLimits = {
  /** Of the module's memory, 64 KiB each: data, input and all intermediate values of one evaluation. */
  readonly memoryPagesMax: number
  readonly inputBytesMax: number
  readonly resultBytesMax: number
  /** Of one evaluation, in milliseconds; a policy that takes longer is interrupted. */
  readonly timeMsMax: number
}

export const defaultLimits: InstanceLimits = {
  memoryPagesMax: 1_024,
  inputBytesMax: 16 * 1_048_576,
  resultBytesMax: 4 * 1_048_576,
  timeMsMax: 2_000,
}

/** The writer takes a millisecond to set up, as long as it saves in so many evaluations. */
const evaluationsBeforeWriter = 50

export type InstanceOptions = {
  readonly wasm: WasmModule
  /** The document `data`: JSON or value text, which the caller has checked. Default `{}`. */
  readonly data?: string | Uint8Array
  readonly builtins: BuiltinLookup
  readonly limits?: Partial<InstanceLimits>
  /** What built-ins know of each evaluation. Default: the system's clock and randomness. */
  readonly context?: () => BuiltinContext
  /** `deny` (default): a built-in that fails makes `evaluate` throw builtin.failed. `undefined`: as `opa eval` without --strict-builtin-errors. */
  readonly builtinErrors?: 'deny' | 'undefined'
}

export interface WasmInstance {
  readonly entrypoints: readonly string[]
  /** The host's built-ins that the policy can call. */
  readonly builtinNames: readonly string[]
  /** How often an instance was replaced because something was thrown. */
  readonly replaced: number
  readonly memoryBytes: number
  /**
   * The result set in value text, as `{{"result": …}}`, or `set()` where the entrypoint is undefined.
   * `input` is JSON or value text that the caller has made itself or checked strictly; undefined: there is no input.
   * @throws policy.failed (its cause has OPA's words), policy.limit, policy.input_invalid, builtin.failed, builtin.missing
   */
  evaluate(entrypoint: string, input: string | Uint8Array | undefined): string
  /**
   * The same for bytes of JSON, which go into memory the quick way where they can. `check` throws for what is not strict JSON, and isn't asked about what the writer takes.
   * @throws as `evaluate` and `check`
   */
  evaluateJson(entrypoint: string, json: Uint8Array, check: (json: Uint8Array) => void): string
  /** Replaces `data` for the evaluations that follow. */
  setData(data: string | Uint8Array): void
  /** For evaluations that differ in few members: `base` is an object without these, in JSON or value text, and crosses into WASM once. */
  prepare(entrypoint: string, base: string): PreparedInput
}

export function createInstance(options: InstanceOptions): WasmInstance {
  const limits = { ...defaultLimits, ...options.limits }
  const contextOf = options.context ?? systemContext
  let data = options.data ?? '{}'
  let generation = 0
  let running = false
  let evaluations = 0
  let core: Core | undefined = first()
  const { entrypoints, builtinNames } = core

  /** A module that does not even start is no policy. */
  function first(): Core {
    try {
      return create()
    } catch (error) {
      const failure = failureOf(error, limits)
      if (error instanceof PortcullisError || failure.code === 'policy.limit') throw failure
      throw new PortcullisError('bundle.corrupt', {
        message: 'The policy bundle is corrupt: policy.wasm: cannot be started.',
        cause: error,
      })
    }
  }

  function create(): Core {
    generation++
    const { wasm: module, builtins } = options
    return createCore({ module, data, builtins, memoryPagesMax: limits.memoryPagesMax, timeMsMax: limits.timeMsMax })
  }

  function run<Result>(use: (core: Core) => Result): Result {
    if (running)
      throw new PortcullisError('policy.failed', {
        message: 'The policy was evaluated from within its own evaluation.',
      })
    running = true
    let finished = false
    try {
      core ??= create()
      core.begin(contextOf)
      const result = use(core)
      finished = true
      return result
    } catch (error) {
      throw failureOf(error, limits)
    } finally {
      if (!finished) core = undefined
      running = false
    }
  }

  function entrypoint(name: string): number {
    const id = entrypoints.get(name)
    if (id === undefined) throw new PortcullisError('policy.failed', { message: 'The policy has no such entrypoint.' })
    return id
  }

  function checkLength(bytes: number): void {
    if (bytes > limits.inputBytesMax) throw limitError('inputBytesMax', limits.inputBytesMax)
  }

  /** With nothing in memory but `data`. */
  function emptied(used: Core): Core {
    used.prepared = undefined
    used.abi.opa_heap_ptr_set(used.dataMark)
    return used
  }

  function outcome(used: Core, id: number, input: Address): Outcome {
    return { result: evaluateOnce(used, used.contextOf(id, input), limits.resultBytesMax), failure: used.failure() }
  }

  function evaluate(name: string, input: string | Uint8Array | undefined): string {
    const id = entrypoint(name)
    if (input !== undefined) checkLength(typeof input === 'string' ? Buffer.byteLength(input) : input.byteLength)
    return settled(
      run((used) => {
        const { abi, text } = emptied(used)
        const value = input === undefined ? 0 : parse(abi, text, input)
        return input !== undefined && value === 0 ? invalidInput : outcome(used, id, value)
      }),
    )
  }

  function evaluateJson(name: string, json: Uint8Array, check: (json: Uint8Array) => void): string {
    const id = entrypoint(name)
    checkLength(json.byteLength)
    evaluations++
    const written = evaluations > evaluationsBeforeWriter ? run((used) => writtenOutcome(used, id, json)) : undefined
    if (written !== undefined) return settled(written)
    check(json)
    return evaluate(name, json)
  }

  function writtenOutcome(used: Core, id: number, json: Uint8Array): Outcome | undefined {
    const writer = used.recordWriter()
    emptied(used)
    const value = writer?.write(json, undefined)
    return value === undefined ? undefined : outcome(used, id, value)
  }

  function settled({ result, failure }: Outcome): string {
    if (result === undefined) throw new PortcullisError('policy.input_invalid')
    if (failure !== undefined && (options.builtinErrors !== 'undefined' || failure.code === 'builtin.missing'))
      throw new PortcullisError(failure.code, { cause: failure.error ?? failure.builtin })
    return result
  }

  function prepare(name: string, base: string): PreparedInput {
    const id = entrypoint(name)
    const prepared = createPreparedInput(id, base, limits)
    return {
      evaluate: (members) => settled(run((used) => prepared.evaluate(used, members))),
      evaluateRecord: (record, facts) => settled(run((used) => prepared.evaluateRecord(used, record, facts))),
    }
  }

  return {
    entrypoints: [...entrypoints.keys()],
    builtinNames,
    get replaced() {
      return generation - 1
    },
    get memoryBytes() {
      return core?.memoryBytes() ?? 0
    },
    evaluate,
    evaluateJson,
    prepare,
    setData(next) {
      data = next
      core = create()
    },
  }
}

const invalidInput: Outcome = { result: undefined, failure: undefined }

const outOfMemory = 'opa_malloc: failed'

function failureOf(error: unknown, { memoryPagesMax }: InstanceLimits): PortcullisError {
  if (error instanceof PortcullisError) return error
  const trap = error instanceof wasm.RuntimeError ? error.message : ''
  if ((error instanceof PolicyAbort && error.message === outOfMemory) || /memory access out of bounds/i.test(trap))
    return limitError('memoryPagesMax', memoryPagesMax, error)
  if (error instanceof RangeError || /stack/i.test(trap)) return depthError(error)
  return new PortcullisError('policy.failed', { cause: error })
}

function systemContext(): BuiltinContext {
  // loading node:crypto takes milliseconds of a start, and few policies need it
  const random = (length: number) => process.getBuiltinModule('node:crypto').randomBytes(length)
  return { now: BigInt(Date.now()) * 1_000_000n, random, memory: new Map() }
}

/** Bytes that an instance may use at most. */
export function memoryBytesMax(limits: InstanceLimits): number {
  return limits.memoryPagesMax * pageBytes
}
