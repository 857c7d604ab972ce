/** Text in and out of a module's memory. Views are renewed when memory has grown, since growing detaches them. */
import type { Abi, Address } from './abi.ts'
import type { WasmMemory } from './wasm.ts'

export type MemoryText = {
  /** The bytes of memory as they are now; not to be kept. */
  bytes(): Buffer
  /** The NUL-terminated text at an address. */
  read(address: Address): string
  /** Copies into freshly allocated memory. */
  place(text: string | Uint8Array): { readonly address: Address; readonly length: number }
}

export function createMemoryText(memory: WasmMemory, abi: () => Abi): MemoryText {
  let view = Buffer.from(memory.buffer)

  function bytes(): Buffer {
    if (view.length === 0) view = Buffer.from(memory.buffer)
    return view
  }

  return {
    bytes,
    read(address) {
      const now = bytes()
      return now.toString('utf8', address, now.indexOf(0, address))
    },
    place(text) {
      const length = typeof text === 'string' ? Buffer.byteLength(text) : text.byteLength
      const address = abi().opa_malloc(length)
      if (typeof text === 'string') bytes().write(text, address, length, 'utf8')
      else bytes().set(text, address)
      return { address, length }
    },
  }
}
