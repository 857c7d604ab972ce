/** A policy that can be made to fail in every way an evaluation can, and inputs that do. */

import { createBuiltins } from '../../../src/policy/opa-wasm/builtins/registry.ts'
import { compile } from '../../../src/policy/opa-wasm/bundle.ts'
import { createInstance, type InstanceOptions, type WasmInstance } from '../../../src/policy/opa-wasm/instance.ts'
import type { WasmModule } from '../../../src/policy/opa-wasm/wasm.ts'
import { type Built, build } from './opa.ts'

const source = `package p

import data.known

# bait: no input at all would be allowed
default allow := false

allow if not input.blocked

seen := {"input": input}

all := object.keys(input)

conflict := 1 if input.a

conflict := 2 if input.b

items[input.key] := 1

items["x"] := 2

decoded := hex.decode(input.text)

long := count([1 |
	some i in numbers.range(1, input.n)
	some j in numbers.range(1, input.n)
	i * j < 0
])

# each level calls the next four times, and no loop runs
doubled := _f0(input.n)

${Array.from({ length: 16 }, (_, index) => `_f${index}(x) := ((_f${index + 1}(x + 1) + _f${index + 1}(x + 2)) + _f${index + 1}(x + 3)) + _f${index + 1}(x + 4)`).join('\n\n')}

_f16(x) := x

large := [numbers.range(1, input.n) | some _ in numbers.range(1, input.n)]

nested := count([1 | walk(input, _)])

replaced := size if {
	size := count(known.list) with data.known.list as [input]
}

total := count(known.list)
`

export const poisonEntrypoints = [
  'allow',
  'seen',
  'all',
  'conflict',
  'items',
  'decoded',
  'long',
  'doubled',
  'large',
  'nested',
  'replaced',
  'total',
].map((name) => `p/${name}`)

let built: Built | undefined
let module: WasmModule | undefined

export function poisonBuilt(): Built {
  built ??= build({ 'p/p.rego': source, 'data.json': '{"known": {"list": [1, 2, 3]}}' }, poisonEntrypoints)
  return built
}

export function poisonInstance(options: Partial<InstanceOptions> = {}): WasmInstance {
  const { wasm, data } = poisonBuilt()
  module ??= compile(wasm)
  return createInstance({ wasm: module, data, builtins: createBuiltins(), ...options })
}

export function nestedArray(levels: number): string {
  return `${'['.repeat(levels)}${']'.repeat(levels)}`
}
