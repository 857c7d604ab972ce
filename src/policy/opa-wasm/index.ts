/** `portcullis/policy`: OPA bundles and modules compiled to WASM, evaluated in Node by themselves, with all of OPA's built-ins. */
import type { Json } from '../../domain/json.ts'
import type { BuiltinContext, Builtins } from './builtins/builtin.ts'
import { suppliedBuiltins } from './builtins/supplied.ts'
import { type Bundle, checkEntrypoints, compile, readBundle } from './bundle.ts'
import { resultOf } from './decision-text.ts'
import { createInstance, type InstanceLimits } from './instance.ts'
import { checkJsonBytes } from './json-check.ts'
import { printJson } from './json-text.ts'
import { jsonOf } from './plain-json.ts'
import { valueToJson } from './value-text.ts'
import { isWasmModule, type WasmModule } from './wasm.ts'

export { readTarGz } from './tar.ts'

export type PolicyOptions = {
  /** More built-ins, or others in place of OPA's, by name. */
  readonly builtins?: Builtins
  readonly limits?: Partial<InstanceLimits>
  /** Time and randomness as built-ins see them in each evaluation. */
  readonly context?: () => BuiltinContext
  /** `throw` (default): a built-in that fails ends the evaluation. `undefined`: its expression is undefined, as `opa eval` takes it. */
  readonly builtinErrors?: 'throw' | 'undefined'
}

export type ModuleOptions = PolicyOptions & {
  readonly wasm: Uint8Array | WasmModule
  /** The document `data`: a value, or JSON in UTF-8. Default `{}`. */
  readonly data?: unknown
}

/** Evaluations are synchronous, one at a time, and leave nothing behind; what fails throws a PortcullisError and the next one is not affected. */
export interface Policy {
  readonly entrypoints: readonly string[]
  /**
   * The value of an entrypoint (default: the first); undefined where it is undefined. `input` is any plain value (null, false, 0 and "" are inputs), or JSON in
   * UTF-8 as a Uint8Array, which is checked strictly; undefined: there is no input. Sets come back as arrays in OPA's order, whole numbers beyond 2^53 as bigint.
   * @throws policy.input_invalid, policy.limit, policy.failed, builtin.failed
   */
  evaluate(input?: unknown, entrypoint?: string): Json | undefined
  /** The same as JSON text, with every digit of every number. */
  evaluateToText(input?: unknown, entrypoint?: string): string | undefined
  /** Exchanges `data` for the evaluations that follow. */
  setData(data: unknown): void
}

/** A policy of a bundle that `opa build -t wasm` made: a path or bytes. @throws bundle.missing, bundle.corrupt, builtin.missing */
export function loadBundle(
  source: string | Uint8Array,
  options: PolicyOptions = {},
): Policy & Pick<Bundle, 'revision' | 'roots' | 'metadata'> {
  const { module, data, entrypoints, revision, roots, metadata } = readBundle(source)
  const policy = policyOf(module, data, options)
  checkEntrypoints(entrypoints, policy.entrypoints)
  return { ...policy, entrypoints, revision, roots, metadata }
}

/** A policy of a module alone. @throws bundle.corrupt, builtin.missing */
export function createPolicy({ wasm, data = {}, ...options }: ModuleOptions): Policy {
  return policyOf(isWasmModule(wasm) ? wasm : compile(wasm as Uint8Array), inputText(data), options)
}

function policyOf(module: WasmModule, data: string | Uint8Array, options: PolicyOptions): Policy {
  const instance = createInstance({
    wasm: module,
    data,
    builtins: suppliedBuiltins({ more: options.builtins }),
    builtinErrors: options.builtinErrors === 'undefined' ? 'undefined' : 'deny',
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.context === undefined ? {} : { context: options.context }),
  })
  const [first = ''] = instance.entrypoints

  function evaluated(input: unknown, entrypoint: string) {
    if (input === undefined) return resultOf(instance.evaluate(entrypoint, undefined))
    if (input instanceof Uint8Array) return resultOf(instance.evaluateJson(entrypoint, input, checkJsonBytes))
    return resultOf(instance.evaluateJson(entrypoint, Buffer.from(printJson(input)), printed))
  }

  return {
    entrypoints: instance.entrypoints,
    evaluate(input, entrypoint = first) {
      const value = evaluated(input, entrypoint)
      return value === undefined ? undefined : jsonOf(value)
    },
    evaluateToText(input, entrypoint = first) {
      const value = evaluated(input, entrypoint)
      return value === undefined ? undefined : valueToJson(value)
    },
    setData: (next) => instance.setData(inputText(next)),
  }
}

/** What we have printed is strict. */
function printed(): void {}

function inputText(value: unknown): string | Uint8Array {
  if (!(value instanceof Uint8Array)) return printJson(value)
  checkJsonBytes(value)
  return value
}
