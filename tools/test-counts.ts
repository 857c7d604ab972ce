/** What the reports of vitest and of `opa test` count, as passed and failed. */

export type Counts = { readonly passed: number; readonly failed: number }

/** The parts of vitest's JSON report that are read here. */
type VitestReport = {
  readonly success: boolean
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
}

/** One test of `opa test --format json`. */
type OpaTest = { readonly fail?: boolean; readonly error?: unknown; readonly skip?: boolean }

/** A skipped test counts as failed: what was not checked must not look checked. So does a run that failed outside of its tests. */
export function countVitest(report: VitestReport): Counts {
  const failed = report.numFailedTests + report.numPendingTests + report.numTodoTests
  const failedOutside = failed === 0 && (!report.success || report.numPassedTests === 0)
  return { passed: report.numPassedTests, failed: failedOutside ? 1 : failed }
}

export function countOpaTests(tests: readonly OpaTest[]): Counts {
  if (tests.length === 0) return { passed: 0, failed: 1 }
  const failed = tests.filter((test) => test.fail || test.error !== undefined || test.skip).length
  return { passed: tests.length - failed, failed }
}
