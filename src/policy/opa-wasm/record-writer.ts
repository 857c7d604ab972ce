/**
 * A record's value in a policy's memory, written there by a module of our own (assembly/record-writer.ts) in place of OPA's parser, which is slower by more than half.
 * It is used where values lie in memory as it writes them, which is looked at once for each policy: another version of OPA may have them otherwise.
 */
import { isUtf8 } from 'node:buffer'
import { type Abi, type Address, pageBytes } from './abi.ts'
import type { FactSteps } from './fact-steps.ts'
import type { MemoryText } from './memory-text.ts'
import { recordWriterModule } from './record-writer-module.ts'
import { lieAlike, sampleOfValues } from './value-layout.ts'
import { type WasmMemory, type WasmModule, wasm } from './wasm.ts'

/** Zeros that the text is followed by. */
const zeroBytes = 8
/** Memory that is asked for at least when there is too little. */
const growthBytes = 4 * pageBytes

export type RecordWriter = {
  /**
   * Where the value lies, above all that is on the heap. Only of strict JSON; undefined where OPA's parser has to say what it is. What `facts` has found is then void.
   * @throws what makes the instance unusable, where there is no more memory
   */
  write(json: Uint8Array, facts: FactSteps | undefined): Address | undefined
}

type Exports = {
  follow(table: Address, any: number, deep: number, ends: number): void
  write(text: Address, length: number, free: Address, limit: Address, steps: number): Address
  free(): Address
}

type Deps = { readonly abi: Abi; readonly text: MemoryText; readonly memory: WasmMemory }

let compiled: WasmModule | undefined
const usable = new WeakMap<WasmModule, boolean>()

/** Undefined where the values of this policy lie in memory in another way. To be asked for when nothing above `mark` is in use. */
export function recordWriterOf(policy: WasmModule, deps: Deps, mark: Address): RecordWriter | undefined {
  const known = usable.get(policy)
  if (known === false) return undefined
  const writer = createRecordWriter(deps)
  if (known === undefined) usable.set(policy, writesAlike(writer, deps, mark))
  return usable.get(policy) === true ? writer : undefined
}

function writesAlike(writer: RecordWriter, { abi, text }: Deps, mark: Address): boolean {
  abi.opa_heap_ptr_set(mark)
  const sample = text.place(sampleOfValues)
  const parsed = abi.opa_value_parse(sample.address, sample.length)
  const written = writer.write(Buffer.from(sampleOfValues), undefined)
  abi.opa_heap_ptr_set(mark)
  return written !== undefined && lieAlike(text.bytes(), parsed, written)
}

function createRecordWriter({ abi, text, memory }: Deps): RecordWriter {
  compiled ??= new wasm.Module(Buffer.from(recordWriterModule, 'base64'))
  let facts: FactSteps | undefined
  let placed: Address = 0

  const host = {
    grow(top: Address) {
      const end = memory.buffer.byteLength
      abi.opa_heap_ptr_set(end)
      abi.opa_malloc(top - end + growthBytes)
      return memory.buffer.byteLength
    },
    decode(from: Address, until: Address, to: Address) {
      const decoded = decodedString(text.bytes().toString('utf8', from, until))
      return decoded === undefined ? -1 : text.bytes().write(decoded, to)
    },
    found(steps: number, from: Address, until: Address) {
      facts?.found(steps, from - placed, until - placed)
      return 0
    },
  }
  const { exports } = new wasm.Instance(compiled, { env: { memory }, memory: host, 'record-writer': host })
  const { follow, write, free } = exports as Exports

  /** So many bytes from here on, or more memory is made for them. */
  function reserve(start: Address, bytes: number): Address {
    if (start + bytes >= memory.buffer.byteLength) host.grow(start + bytes)
    return start + bytes
  }

  return {
    write(json, wanted) {
      if (!isUtf8(json)) return undefined
      facts = wanted
      const start = abi.opa_heap_ptr_get()
      const table = wanted?.names.length ?? 0
      placed = start + table
      const end = placed + json.length
      const first = reserve(start, table + json.length + zeroBytes)
      const bytes = text.bytes()
      bytes.set(json, placed)
      bytes.fill(0, end, first)
      if (wanted !== undefined) {
        bytes.set(wanted.names, start)
        follow(start, wanted.any, wanted.deep, wanted.ends)
        wanted.begin(json)
      }
      const address = write(placed, json.length, first, memory.buffer.byteLength, wanted?.first ?? 0)
      abi.opa_heap_ptr_set(address === 0 ? start : free())
      return address === 0 ? undefined : address
    },
  }
}

function decodedString(json: string): string | undefined {
  try {
    const decoded = JSON.parse(json) as string
    return decoded.isWellFormed() ? decoded : undefined
  } catch {
    return undefined
  }
}
