/** Asks an entrypoint of a compiled policy, past everything that the engine checks around it. */
import type { Json } from '../../../src/domain/json.ts'
import { createBuiltins } from '../../../src/policy/opa-wasm/builtins/registry.ts'
import { readBundle } from '../../../src/policy/opa-wasm/bundle.ts'
import { createInstance } from '../../../src/policy/opa-wasm/instance.ts'
import { parseValue, valueToJson } from '../../../src/policy/opa-wasm/value-text.ts'

export type Answer = {
  readonly allow: boolean
  readonly reasons: readonly unknown[]
  readonly masks?: readonly { readonly path: string }[]
}

/** `data` is JSON text; absent: the bundle's own. */
export function createAsker(bundle: string | Uint8Array) {
  const { module, data } = readBundle(bundle)
  const instance = createInstance({ wasm: module, data, builtins: createBuiltins() })

  function value(entrypoint: string, input: unknown): Json {
    const results = instance.evaluate(entrypoint, JSON.stringify(input))
    const [answer] = JSON.parse(valueToJson(parseValue(results))) as [{ readonly result: Json }]
    return answer.result
  }

  return {
    setData: (text: string | Uint8Array) => instance.setData(text),
    value,
    ask: (entrypoint: string, input: unknown) => value(entrypoint, input) as unknown as Answer,
  }
}

export type Asker = ReturnType<typeof createAsker>
