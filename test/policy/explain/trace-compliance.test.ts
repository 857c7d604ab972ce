/** OPA's own conformance cases by the trace: where it comes to an answer, it is WASM's, but for the order of arrays made from sets, and for the clock. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBuiltins } from '../../../src/policy/opa-wasm/builtins/registry.ts'
import { compile } from '../../../src/policy/opa-wasm/bundle.ts'
import { tracePlan } from '../../../src/policy/opa-wasm/explain/trace.ts'
import { createInstance } from '../../../src/policy/opa-wasm/instance.ts'
import { PlanUnsupported, parsePlan } from '../../../src/policy/opa-wasm/plan/ir.ts'
import { setOf } from '../../../src/policy/opa-wasm/value.ts'
import { parseValue, printValue } from '../../../src/policy/opa-wasm/value-text.ts'
import { withTestBuiltins } from '../../../tools/compliance/run-case.ts'
import { type ComplianceCase, type ComplianceSuite, openComplianceSuite } from '../../../tools/compliance/suite.ts'

const MINUTE_MS = 60_000
/** Cold, OPA's module is compiled first, and then the suite by it. */
const compileTimeoutMs = 20 * MINUTE_MS
const runTimeoutMs = 10 * MINUTE_MS

/** Whose answers depend on what the trace has another notion of than WASM alone. */
const otherwise = [
  // WASM goes through sets as they are hashed
  /^compositereferences\/test-compositereferences-(0746|0748|0749|0750)\.yaml$/,
  // the trace's clock is the input's `now`
  /^cryptox509parseandverifycertificates\//,
  /^jwtdecodeverify\//,
]

let suite: ComplianceSuite
beforeAll(async () => {
  suite = await openComplianceSuite()
}, compileTimeoutMs)
afterAll(() => suite[Symbol.dispose]())

const builtins = withTestBuiltins(createBuiltins())

function byWasm(given: ComplianceCase, input: string): string {
  const data = given.data === undefined ? {} : { data: given.data }
  const wasm = compile(suite.wasmOf(given))
  try {
    const instance = createInstance({ wasm, ...data, builtins, builtinErrors: 'undefined' })
    return printValue(parseValue(instance.evaluate(instance.entrypoints[0]!, input)))
  } catch (error) {
    return (error as { code: string }).code
  }
}

/** Undefined: the trace says that it can't tell. */
function byTrace(given: ComplianceCase, input: string): string | undefined {
  try {
    const plan = parsePlan(JSON.parse(suite.planOf(given)) as unknown)
    const [entrypoint] = plan.entrypoints.keys()
    const deps = { plan, data: parseValue(given.data ?? '{}'), host: builtins }
    const trace = tracePlan(deps, entrypoint!, input)
    if (trace.kind === 'unknown') return undefined
    if (trace.kind === 'conflict') return 'policy.failed'
    return trace.result === undefined ? 'set()' : printValue(setOf([trace.result]))
  } catch (error) {
    if (error instanceof PlanUnsupported) return undefined
    throw error
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test(
  'a trace comes to what WASM answers, wherever it comes to an answer',
  () => {
    let same = 0
    const different: string[] = []
    for (const given of suite.cases) {
      // questions always have an input, which is JSON
      const { input = '{}' } = given
      if (given.compileError !== undefined || !isJson(input)) continue
      if (otherwise.some((pattern) => pattern.test(given.file))) continue
      const own = byTrace(given, input)
      if (own === undefined) continue
      if (own === byWasm(given, input)) same++
      else different.push(`${given.file}: ${given.note}`)
    }
    expect(different).toEqual([])
    expect(same).toBeGreaterThan(1900)
  },
  runTimeoutMs,
)
