import { expect, test } from 'vitest'
import { countOpaTests, countVitest } from '../../tools/test-counts.ts'

const report = { success: true, numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 }

test.each([
  ['all passed', {}, { passed: 3, failed: 0 }],
  ['some failed', { success: false, numFailedTests: 2 }, { passed: 3, failed: 2 }],
  ['a skipped or planned test counts as failed', { numPendingTests: 1, numTodoTests: 1 }, { passed: 3, failed: 2 }],
  ['a file that could not be loaded counts as failed', { success: false }, { passed: 3, failed: 1 }],
  ['no test at all counts as failed', { numPassedTests: 0 }, { passed: 0, failed: 1 }],
])('vitest: %s', (_name, change, counts) => {
  expect(countVitest({ ...report, ...change })).toEqual(counts)
})

test.each([
  ['all passed', [{}, {}], { passed: 2, failed: 0 }],
  [
    'failed, broken and skipped ones count as failed',
    [{}, { fail: true }, { error: {} }, { skip: true }],
    { passed: 1, failed: 3 },
  ],
  ['no test at all counts as failed', [], { passed: 0, failed: 1 }],
])('opa test: %s', (_name, tests, counts) => {
  expect(countOpaTests(tests)).toEqual(counts)
})
