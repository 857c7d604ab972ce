/** `tsx tools/compliance-run.ts [part of a case's file or note]`: OPA's conformance cases against our engine; ends with "N of M compliance cases pass". */
import process from 'node:process'
import { createBuiltins } from '../src/policy/opa-wasm/builtins/registry.ts'
import { runCase, withTestBuiltins } from './compliance/run-case.ts'
import { openComplianceSuite } from './compliance/suite.ts'

async function main(part = ''): Promise<void> {
  using suite = await openComplianceSuite()
  const builtins = withTestBuiltins(createBuiltins())
  const chosen = suite.cases.filter(({ file, note }) => `${file} ${note}`.includes(part))
  const failedByCategory = new Map<string, number>()
  for (const given of chosen) {
    const verdict = runCase(given, () => suite.wasmOf(given), builtins)
    if (verdict.pass) continue
    const category = given.file.split('/')[0]!
    failedByCategory.set(category, (failedByCategory.get(category) ?? 0) + 1)
    process.stdout.write(`not ok ${given.file}: ${given.note}\n     ${verdict.why}\n`)
  }
  for (const [category, count] of failedByCategory) process.stdout.write(`${count} failed: ${category}\n`)
  const failed = [...failedByCategory.values()].reduce((sum, count) => sum + count, 0)
  process.stdout.write(`${chosen.length - failed} of ${chosen.length} compliance cases pass\n`)
}

await main(process.argv[2])
