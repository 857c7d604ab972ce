/** WebAssembly as Node has it: the compiler's library types know it only together with a browser's. */

export type WasmModule = object
export type WasmMemory = { readonly buffer: ArrayBuffer }
export type WasmImport = WasmMemory | ((...args: number[]) => number)
export type WasmExports = { readonly exports: Readonly<Record<string, unknown>> }
export type WasmGlobal = { value: unknown }

type Wasm = {
  readonly Module: new (bytes: Uint8Array) => WasmModule
  readonly Memory: new (limits: { readonly initial: number; readonly maximum: number }) => WasmMemory
  readonly Instance: new (
    module: WasmModule,
    imports: Readonly<Record<string, Readonly<Record<string, WasmImport>>>>,
  ) => WasmExports
  readonly Global: new (...args: never) => WasmGlobal
  /** What is imported does not fit. */
  readonly LinkError: new (
    message?: string,
  ) => Error
  readonly RuntimeError: new (message?: string) => Error
}

export const wasm: Wasm = (globalThis as unknown as { readonly WebAssembly: Wasm }).WebAssembly

export function isWasmModule(value: unknown): value is WasmModule {
  return value instanceof wasm.Module
}
