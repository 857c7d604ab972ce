import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBuiltins } from '../../src/policy/opa-wasm/builtins/registry.ts'
import { runCase, withTestBuiltins } from '../../tools/compliance/run-case.ts'
import { type ComplianceSuite, openComplianceSuite } from '../../tools/compliance/suite.ts'

const MINUTE_MS = 60_000
/** Cold, OPA's module is compiled first, and then the suite by it. */
const compileTimeoutMs = 20 * MINUTE_MS
const runTimeoutMs = 10 * MINUTE_MS
const passesMin = 2_370

const exceptions = JSON.parse(readFileSync(new URL('./compliance-exceptions.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>

let suite: ComplianceSuite
const failures: string[] = []

beforeAll(async () => {
  suite = await openComplianceSuite()
}, compileTimeoutMs)

afterAll(() => suite[Symbol.dispose]())

test(
  `at least ${passesMin} of OPA's own conformance cases pass`,
  () => {
    const builtins = withTestBuiltins(createBuiltins())
    for (const given of suite.cases) {
      if (!runCase(given, () => suite.wasmOf(given), builtins).pass) failures.push(`${given.file}: ${given.note}`)
    }
    expect(suite.cases.length - failures.length).toBeGreaterThanOrEqual(passesMin)
  },
  runTimeoutMs,
)

test('the cases that fail are exactly those that the list of exceptions gives a reason for', () => {
  expect(failures.sort()).toEqual(Object.keys(exceptions).sort())
  for (const reason of Object.values(exceptions)) expect(reason.length).toBeGreaterThan(20)
})
