/** OPA's own conformance cases by the reader of plans: where it comes to an answer, it is WASM's; what it can't follow it says. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBuiltins } from '../../src/policy/opa-wasm/builtins/registry.ts'
import { compile } from '../../src/policy/opa-wasm/bundle.ts'
import { createInstance } from '../../src/policy/opa-wasm/instance.ts'
import { isKnown } from '../../src/policy/opa-wasm/plan/abstract.ts'
import { PlanConflict, PlanUnsupported, parsePlan } from '../../src/policy/opa-wasm/plan/ir.ts'
import { runPlan } from '../../src/policy/opa-wasm/plan/machine.ts'
import { setOf } from '../../src/policy/opa-wasm/value.ts'
import { parseValue, printValue } from '../../src/policy/opa-wasm/value-text.ts'
import { withTestBuiltins } from '../../tools/compliance/run-case.ts'
import { type ComplianceCase, type ComplianceSuite, openComplianceSuite } from '../../tools/compliance/suite.ts'

const MINUTE_MS = 60_000
/** Cold, OPA's module is compiled first, and then the suite by it. */
const compileTimeoutMs = 20 * MINUTE_MS
const runTimeoutMs = 10 * MINUTE_MS

let suite: ComplianceSuite
beforeAll(async () => {
  suite = await openComplianceSuite()
}, compileTimeoutMs)
afterAll(() => suite[Symbol.dispose]())

const builtins = withTestBuiltins(createBuiltins())

function byWasm(given: ComplianceCase): string {
  const data = given.data === undefined ? {} : { data: given.data }
  try {
    const instance = createInstance({
      wasm: compile(suite.wasmOf(given)),
      ...data,
      builtins,
      builtinErrors: 'undefined',
    })
    return printValue(parseValue(instance.evaluate(instance.entrypoints[0]!, given.input)))
  } catch (error) {
    return (error as { code: string }).code
  }
}

function byPlan(given: ComplianceCase): string {
  try {
    const plan = parsePlan(JSON.parse(suite.planOf(given)) as unknown)
    const input = given.input === undefined ? undefined : parseValue(given.input)
    const [entrypoint] = plan.entrypoints.keys()
    const result = runPlan({ plan, data: parseValue(given.data ?? '{}'), input }, entrypoint!)
    if (result === undefined) return 'set()'
    return isKnown(result) ? printValue(setOf([result])) : 'open'
  } catch (error) {
    if (error instanceof PlanConflict) return 'policy.failed'
    if (error instanceof PlanUnsupported) return 'unsupported'
    throw error
  }
}

test(
  'a plan that is followed comes to what WASM answers',
  () => {
    const tally = { same: 0, open: 0, unsupported: 0 }
    const different: string[] = []
    for (const given of suite.cases) {
      if (given.compileError !== undefined) continue
      const own = byPlan(given)
      if (own === 'open' || own === 'unsupported') tally[own]++
      else if (own === byWasm(given)) tally.same++
      else different.push(`${given.file}: ${given.note}`)
    }
    expect(different).toEqual([])
    expect(tally.same).toBeGreaterThan(950)
    expect(tally.unsupported).toBeLessThan(60)
  },
  runTimeoutMs,
)
