/** The outcome of `opa test` as JUnit XML, which CI systems read and OPA does not write. */

/** One test of `opa test --format json`; times are nanoseconds. */
export type OpaTest = {
  readonly location?: { readonly file?: string; readonly row?: number }
  readonly package?: string
  readonly name?: string
  readonly fail?: boolean
  readonly skip?: boolean
  readonly error?: unknown
  readonly duration?: number
}

/** A suite a package; a skipped test is told as skipped, not as passed. */
export function printJunit(tests: readonly OpaTest[]): string {
  const suites = [...groupByPackage(tests)].map(([name, some]) => {
    const counts = `tests="${some.length}" failures="${some.filter(isFailed).length}" skipped="${some.filter(({ skip }) => skip).length}"`
    return `  <testsuite name="${escaped(name)}" ${counts}>\n${some.map(printCase).join('')}  </testsuite>\n`
  })
  const failed = tests.filter(isFailed).length
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="opa test" tests="${tests.length}" failures="${failed}">\n${suites.join('')}</testsuites>\n`
}

function printCase(test: OpaTest): string {
  const { name = '', package: suite = '', location = {}, duration = 0, skip } = test
  const place = location.file === undefined ? '' : ` file="${escaped(location.file)}" line="${location.row ?? 1}"`
  const head = `    <testcase classname="${escaped(suite)}" name="${escaped(name)}" time="${(duration / 1e9).toFixed(6)}"${place}`
  if (skip) return `${head}><skipped/></testcase>\n`
  if (!isFailed(test)) return `${head}/>\n`
  const where = `${location.file ?? 'policies'}:${location.row ?? 1}`
  return `${head}><failure message="${escaped(`${where}: the test is not true`)}"/></testcase>\n`
}

function isFailed({ fail, error }: OpaTest): boolean {
  return fail === true || error !== undefined
}

function groupByPackage(tests: readonly OpaTest[]): ReadonlyMap<string, readonly OpaTest[]> {
  const groups = new Map<string, OpaTest[]>()
  for (const test of tests) {
    const name = test.package ?? ''
    groups.set(name, [...(groups.get(name) ?? []), test])
  }
  return groups
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[^\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
}
