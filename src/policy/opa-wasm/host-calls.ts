/**
 * How WASM calls built-ins of the host. Nothing is thrown through WASM if it can be avoided, since each exception leaks the module's C stack:
 * a built-in that fails or is missing is noted, WASM sees undefined, and the evaluation is denied when it ends.
 */
import type { ErrorCode } from '../../domain/errors.ts'
import type { Abi, Address } from './abi.ts'
import type { Builtin, BuiltinContext } from './builtins/builtin.ts'
import type { BuiltinLookup } from './builtins/supplied.ts'
import type { MemoryText } from './memory-text.ts'
import type { Value } from './value.ts'
import { textOfBytes } from './value-bytes.ts'
import { parseValue, printValue } from './value-text.ts'

/** What went wrong in a built-in; `error` can quote data and stays inside. */
export type BuiltinFailure = {
  readonly code: ErrorCode & ('builtin.failed' | 'builtin.missing')
  readonly builtin: string
  readonly error?: unknown
}

export type HostCalls = {
  readonly imports: Record<string, (...args: number[]) => number>
  /** To be called before each evaluation; `context` is asked at most once, and only if a built-in is called. */
  begin(context: () => BuiltinContext): void
  /** The first failure since `begin`. */
  failure(): BuiltinFailure | undefined
  /** Names by the ids that the module calls them by. */
  name(ids: ReadonlyMap<number, string>): void
}

export function createHostCalls(deps: {
  readonly builtins: BuiltinLookup
  readonly text: MemoryText
  readonly abi: () => Abi
}): HostCalls {
  const { text } = deps
  let table: readonly (readonly [name: string, builtin: Builtin | undefined])[] = []
  let contextOf: (() => BuiltinContext) | undefined
  let context: BuiltinContext | undefined
  let failure: BuiltinFailure | undefined

  function call(id: number, addresses: readonly Address[]): Address {
    const [name, builtin] = table[id] ?? [`number ${id}`, undefined]
    if (builtin === undefined || contextOf === undefined) {
      failure ??= { code: 'builtin.missing', builtin: name }
      return 0
    }
    const { opa_value_dump, opa_value_parse } = deps.abi()
    const texts = addresses.map((address) => operandText(opa_value_dump(address)))
    const answer = answerOf(name, builtin, texts)
    if (answer === undefined) return 0
    const { address, length } = text.place(answer)
    return opa_value_parse(address, length)
  }

  /** Strings in WASM need not be UTF-8, and the digest of one must not be that of another. */
  function operandText(address: Address): string {
    const plain = text.read(address)
    if (!plain.includes('\ufffd')) return plain
    const bytes = text.bytes()
    return textOfBytes(bytes.subarray(address, bytes.indexOf(0, address)))
  }

  function contextNow(): BuiltinContext {
    context ??= contextOf!()
    return context
  }

  function answerOf(name: string, builtin: Builtin, texts: readonly string[]): string | undefined {
    try {
      const value: Value | undefined = builtin(texts.map(parseValue), contextNow())
      return value === undefined ? undefined : printValue(value)
    } catch (error) {
      failure ??= { code: 'builtin.failed', builtin: name, error }
      return undefined
    }
  }

  return {
    imports: {
      opa_builtin0: (id) => call(id!, []),
      opa_builtin1: (id, _context, a) => call(id!, [a!]),
      opa_builtin2: (id, _context, a, b) => call(id!, [a!, b!]),
      opa_builtin3: (id, _context, a, b, c) => call(id!, [a!, b!, c!]),
      opa_builtin4: (id, _context, a, b, c, d) => call(id!, [a!, b!, c!, d!]),
    },
    begin(given) {
      contextOf = given
      context = undefined
      failure = undefined
    },
    failure: () => failure,
    name(ids) {
      const rows: (readonly [string, Builtin | undefined])[] = []
      for (const [id, name] of ids) rows[id] = [name, deps.builtins.get(name)]
      table = rows
    },
  }
}
