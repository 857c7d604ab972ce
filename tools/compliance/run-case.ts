/** One conformance case through our engine: what it expects, and what comes out. */
import { randomBytes } from 'node:crypto'
import { PortcullisError } from '../../src/domain/errors.ts'
import { type BuiltinContext, BuiltinError, type Builtins } from '../../src/policy/opa-wasm/builtins/builtin.ts'
import { PolicyAbort } from '../../src/policy/opa-wasm/core.ts'
import { createInstance } from '../../src/policy/opa-wasm/instance.ts'
import {
  compareValues,
  equalValues,
  isArray,
  isObject,
  isSet,
  objectOf,
  record,
  setOf,
  type Value,
} from '../../src/policy/opa-wasm/value.ts'
import { parseValue, printValue, valueFromLenientJson, valueToJson } from '../../src/policy/opa-wasm/value-text.ts'
import { wasm } from '../../src/policy/opa-wasm/wasm.ts'
import type { ComplianceCase } from './suite.ts'

/** `why` says what was expected and what came. */
export type Verdict = { readonly pass: true } | { readonly pass: false; readonly why: string }

type Outcome = { readonly result: Value } | { readonly error: unknown }

/** The one built-in that only the suite has: here the clock stands still anyway. */
export function withTestBuiltins(builtins: Builtins): Builtins {
  return new Map([...builtins, ['test.sleep', () => null]])
}

export function runCase(given: ComplianceCase, wasmOf: () => Uint8Array, builtins: Builtins): Verdict {
  if (given.compileError !== undefined) return failed(`OPA does not compile it: ${given.compileError}`)
  const outcome = evaluate(given, wasmOf(), builtins)
  if (given.wantResult !== undefined) return judgeResult(given, parseValue(given.wantResult), outcome)
  if (given.wantDefined !== undefined) {
    if ('error' in outcome) return failed(`it failed: ${describe(outcome.error)}`)
    return isEmpty(outcome.result) === given.wantDefined ? failed(`defined: ${!given.wantDefined}`) : { pass: true }
  }
  // WASM has no strict mode: what fails there is undefined here. In service the built-in's failure denies as well.
  if (given.strictError === true) return judgeResult(given, [], outcome)
  return judgeError(given, outcome)
}

function evaluate(given: ComplianceCase, bytes: Uint8Array, builtins: Builtins): Outcome {
  try {
    const instance = createInstance({
      wasm: new wasm.Module(bytes),
      ...(given.data === undefined ? {} : { data: given.data }),
      builtins,
      context: () => contextOf(given),
      builtinErrors: 'undefined',
    })
    return { result: parseValue(instance.evaluate(instance.entrypoints[0]!, given.input)) }
  } catch (error) {
    return { error }
  }
}

function contextOf({ env }: ComplianceCase): BuiltinContext {
  return {
    now: BigInt(Date.now()) * 1_000_000n,
    random: (length) => randomBytes(length),
    memory: new Map(),
    runtime: record(env === undefined ? {} : { env: record(env) }),
  }
}

function judgeResult(given: ComplianceCase, want: Value, outcome: Outcome): Verdict {
  if ('error' in outcome) return failed(`it failed: ${describe(outcome.error)}`)
  const expected = setOf(isArray(want) ? want : [want])
  const got = setOf(itemsOf(outcome.result).map((bindings) => comparable(bindings, given)))
  return equalValues(expected, got)
    ? { pass: true }
    : failed(`expected ${printValue(expected)}\n     got ${printValue(got)}`)
}

/** As the suite's own runner compares: through JSON, so that sets are arrays. */
function comparable(bindings: Value, given: ComplianceCase): Value {
  const plain = valueFromLenientJson(valueToJson(bindings))
  if (!isObject(plain)) return plain
  const kept = plain.entries.filter(
    ([name]) => given.ignoreGeneratedVars !== true || !String(name).startsWith('__localq'),
  )
  return objectOf(
    kept.map(([name, value]) => [
      name,
      given.sortBindings === true && isArray(value) ? [...value].sort(compareValues) : value,
    ]),
  )
}

/** In words of OPA's WASM code. */
const abortsByCode: Readonly<Record<string, RegExp>> = {
  eval_conflict_error: /var assignment conflict|object insert conflict/,
}

function judgeError(given: ComplianceCase, outcome: Outcome): Verdict {
  const wanted = `${given.wantErrorCode ?? ''} ${given.wantError ?? ''}`.trim()
  if ('result' in outcome) return failed(`expected the error ${wanted}\n     got ${printValue(outcome.result)}`)
  const cause = outcome.error instanceof PortcullisError ? outcome.error.cause : undefined
  const code = given.wantErrorCode
  const fits =
    (cause instanceof PolicyAbort && code !== undefined && abortsByCode[code]?.test(cause.message) === true) ||
    (cause instanceof BuiltinError && code === cause.code)
  return fits ? { pass: true } : failed(`expected the error ${wanted}\n     got ${describe(outcome.error)}`)
}

function itemsOf(result: Value): readonly Value[] {
  return isSet(result) ? result.items : []
}

function isEmpty(result: Value): boolean {
  return itemsOf(result).length === 0
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : ` (${describe(error.cause)})`
  return `${error.message}${cause}`
}

function failed(why: string): Verdict {
  return { pass: false, why }
}
