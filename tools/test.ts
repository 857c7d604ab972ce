/** `tsx tools/test.ts [code|policies|tests]`: runs the checks, says how each went, and ends with "N passed, N failed". */
import process from 'node:process'
import { type Check, checks } from './checks.ts'
import type { Counts } from './test-counts.ts'

async function main(group: string | undefined): Promise<void> {
  const total = { passed: 0, failed: 0 }
  for (const check of checks) {
    if (group !== undefined && check.group !== group) continue
    const { passed, failed } = await runCheck(check)
    total.passed += passed
    total.failed += failed
  }
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`)
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1
}

async function runCheck(check: Check): Promise<Counts> {
  process.stdout.write(`---- ${check.name}\n`)
  const started = performance.now()
  const result = await check.run().catch((error: Error) => ({ passed: 0, failed: 1, report: `${error.message}\n` }))
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  if (result.failed > 0) process.stdout.write(result.report)
  const counts = `${result.passed} passed, ${result.failed} failed`
  process.stdout.write(`${result.failed > 0 ? 'FAIL' : 'ok  '} ${check.name}: ${counts} (${seconds} s)\n`)
  return result
}

await main(process.argv[2])
