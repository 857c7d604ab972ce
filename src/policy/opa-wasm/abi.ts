/** OPA's WASM ABI 1.3, as far as this engine uses it. */
import { PortcullisError } from '../../domain/errors.ts'
import { type WasmExports, wasm } from './wasm.ts'

export const pageBytes = 65_536

/** A pointer into the module's memory; 0 is undefined. */
export type Address = number

export type Abi = {
  readonly opa_malloc: (bytes: number) => Address
  readonly opa_heap_ptr_get: () => Address
  readonly opa_heap_ptr_set: (address: Address) => void
  readonly opa_value_parse: (address: Address, bytes: number) => Address
  readonly opa_value_add_path: (base: Address, path: Address, value: Address) => number
  readonly opa_value_dump: (value: Address) => Address
  readonly opa_json_dump: (value: Address) => Address
  readonly opa_eval_ctx_new: () => Address
  readonly opa_eval_ctx_set_input: (context: Address, value: Address) => void
  readonly opa_eval_ctx_set_data: (context: Address, value: Address) => void
  readonly opa_eval_ctx_set_entrypoint: (context: Address, id: number) => void
  readonly opa_eval_ctx_get_result: (context: Address) => Address
  readonly eval: (context: Address) => number
  readonly builtins: () => Address
  readonly entrypoints: () => Address
}

const functions = [
  'opa_malloc',
  'opa_heap_ptr_get',
  'opa_heap_ptr_set',
  'opa_value_parse',
  'opa_value_add_path',
  'opa_value_dump',
  'opa_json_dump',
  'opa_eval_ctx_new',
  'opa_eval_ctx_set_input',
  'opa_eval_ctx_set_data',
  'opa_eval_ctx_set_entrypoint',
  'opa_eval_ctx_get_result',
  'eval',
  'builtins',
  'entrypoints',
] as const satisfies readonly (keyof Abi)[]

/** @throws bundle.corrupt when the module is not one that OPA compiled, or for another ABI */
export function abiOf(instance: WasmExports): Abi {
  const { exports } = instance
  for (const name of functions) if (typeof exports[name] !== 'function') throw corrupt(`it does not export ${name}`)
  const version = versionOf(exports.opa_wasm_abi_version)
  const minor = versionOf(exports.opa_wasm_abi_minor_version)
  if (version !== 1 || minor < 2) throw corrupt(`its ABI is ${version}.${minor}, expected 1.2 or a later 1.x`)
  return exports as unknown as Abi
}

function versionOf(exported: unknown): number {
  return exported instanceof wasm.Global && typeof exported.value === 'number' ? exported.value : -1
}

function corrupt(why: string): PortcullisError {
  return new PortcullisError('bundle.corrupt', { message: `policy.wasm: not a policy compiled by OPA: ${why}` })
}
