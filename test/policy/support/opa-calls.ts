/** Calls of built-ins, answered by real OPA's interpreter and by ours: what the two say to the same arguments must be the same. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import type { Builtins } from '../../../src/policy/opa-wasm/builtins/builtin.ts'
import { BuiltinError } from '../../../src/policy/opa-wasm/builtins/builtin.ts'
import type { Value } from '../../../src/policy/opa-wasm/value.ts'
import { valueFromLenientJson, valueToJson } from '../../../src/policy/opa-wasm/value-text.ts'
import { findOpa, withFiles } from './opa.ts'

export type Call = { readonly name: string; readonly args: readonly Value[] }

/** JSON of the answer; undefined where the built-in fails or has none. */
export type Answer = string | undefined

const outputBytesMax = 256 * 1_048_576

/** Some calls make OPA panic: to those there is nothing to compare. */
export const crashed = Symbol('crashed')

/** Arguments are JSON. One evaluation for all calls; of those that end in a panic, each half anew. */
export function askOpa(calls: readonly Call[]): readonly (Answer | typeof crashed)[] {
  try {
    return evaluateAll(calls)
  } catch (error) {
    if (!String((error as { readonly stderr?: Buffer }).stderr).includes('panic: runtime error')) throw error
    if (calls.length <= 1) return calls.map(() => crashed)
    const middle = calls.length >> 1
    return [...askOpa(calls.slice(0, middle)), ...askOpa(calls.slice(middle))]
  }
}

function evaluateAll(calls: readonly Call[]): readonly Answer[] {
  const names = [...new Set(calls.map(({ name, args }) => `${name}/${args.length}`))]
  const rules = names.map((key) => {
    const [name, arity] = key.split('/')
    const args = Array.from({ length: Number(arity) }, (_, index) => `call.args[${index}]`)
    return `answers[i] := json.marshal(answer) if {
	some i, call in data.calls
	call.key == "${key}"
	answer := ${name}(${args.join(', ')})
}`
  })
  const policy = `package test\n\n${rules.join('\n\n')}\n`
  const data = `{"calls": [${calls
    .map(({ name, args }) => `{"key": "${name}/${args.length}", "args": [${args.map(valueToJson).join(', ')}]}`)
    .join(',\n')}]}`
  const output = withFiles({ 'policy.rego': policy, 'data.json': data }, (folder) =>
    execFileSync(findOpa(), ['eval', '--format', 'json', '-d', '.', 'data.test.answers'], {
      cwd: folder,
      maxBuffer: outputBytesMax,
      stdio: ['ignore', 'pipe', 'pipe'],
    }).toString('utf8'),
  )
  const { result } = JSON.parse(output) as { result?: { expressions: { value: Record<string, string> }[] }[] }
  const answers = result?.[0]?.expressions[0]?.value ?? {}
  return calls.map((_, index) => answers[String(index)])
}

export function askOurs(builtins: Builtins, { name, args }: Call): Answer {
  const builtin = builtins.get(name)
  if (builtin === undefined) throw new Error(`there is no built-in ${name}`)
  const context = {
    now: BigInt(Date.now()) * 1_000_000n,
    random: (length: number) => randomBytes(length),
    memory: new Map<string, unknown>(),
  }
  try {
    const answer = builtin(args, context)
    return answer === undefined ? undefined : valueToJson(answer)
  } catch (error) {
    // Anything else than a BuiltinError is a bug, and so is one that hides another error.
    if (error instanceof BuiltinError && !error.message.endsWith('failed unexpectedly')) return undefined
    throw error
  }
}

/** Numbers in their shortest form, so that texts are equal where values are. */
export function comparable(answer: Answer): Answer {
  return answer === undefined ? undefined : valueToJson(valueFromLenientJson(answer))
}
