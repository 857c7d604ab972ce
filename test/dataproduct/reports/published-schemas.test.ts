/** Every format that has a published schema is held against it. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Ajv } from 'ajv'
import Ajv4Formats from 'ajv-formats'
import { beforeAll, describe, expect, test } from 'vitest'
import { formatGitlab } from '../../../src/dataproduct/reports/gitlab.ts'
import { formatJson } from '../../../src/dataproduct/reports/json.ts'
import { formatJunit } from '../../../src/dataproduct/reports/junit.ts'
import { formatSarif } from '../../../src/dataproduct/reports/sarif.ts'
import { repositoryFolder } from '../../support/portcullis-process.ts'
import { createTempFolder } from '../../support/temp-folder.ts'
import { context, emptyReport, fullReport } from '../support/reports.ts'

const run = promisify(execFile)
const reports = [
  ['with everything', fullReport],
  ['without findings', emptyReport],
] as const

let schemas: string
beforeAll(async () => {
  const { stdout } = await run(join(repositoryFolder, 'tools/report-schemas'), { timeout: 300_000 })
  schemas = stdout.trim()
}, 300_000)

function errorsOf(schema: object, value: unknown) {
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false, unicodeRegExp: false })
  Ajv4Formats.default(ajv)
  const validate = ajv.compile(schema)
  return validate(value) ? [] : validate.errors
}

describe.each(reports)('a report %s', (_, report) => {
  test('is SARIF 2.1.0', () => {
    const {
      $schema: _draft,
      id: _id,
      ...schema
    } = JSON.parse(readFileSync(join(schemas, 'sarif.json'), 'utf8')) as Record<string, unknown>
    expect(Object.keys(schema)).toContain('definitions')
    expect(errorsOf(schema, JSON.parse(formatSarif(report, context)))).toEqual([])
    expect(errorsOf(schema, { version: '2.1.0', runs: [{}] })).not.toEqual([])
  })

  test('is JUnit XML as Jenkins reads it, but for the file and line of a case, which GitLab reads too', async () => {
    await using folder = await createTempFolder('junit')
    const file = join(folder.path, 'report.xml')
    const xml = formatJunit(report, context).replaceAll(/(<testcase [^>]*?) file="[^"]*"(?: line="\d+")?/g, '$1')
    await writeFile(file, xml)
    expect(await xmlErrors(file)).toBe('')
    await writeFile(file, '<testsuites><testcase/></testsuites>')
    expect(await xmlErrors(file)).not.toBe('')
  }, 120_000)

  test('is JSON of our own published schema', () => {
    const schema = JSON.parse(readFileSync(join(repositoryFolder, 'schemas/dataproduct/report.json'), 'utf8')) as object
    expect(errorsOf(schema, JSON.parse(formatJson(report, context)))).toEqual([])
  })

  test("is code quality as GitLab's documentation describes it", () => {
    const text = { type: 'string', minLength: 1 }
    const issue = {
      type: 'object',
      required: ['description', 'check_name', 'fingerprint', 'severity', 'location'],
      properties: {
        description: text,
        check_name: text,
        fingerprint: text,
        severity: { enum: ['info', 'minor', 'major', 'critical', 'blocker'] },
        location: {
          type: 'object',
          required: ['path', 'lines'],
          properties: {
            path: { type: 'string', pattern: '^(?!\\./|/)' },
            lines: { type: 'object', required: ['begin'], properties: { begin: { type: 'integer', minimum: 1 } } },
          },
        },
      },
    }
    const issues = JSON.parse(formatGitlab(report, context)) as readonly { readonly fingerprint: string }[]
    expect(errorsOf({ type: 'array', items: issue }, issues)).toEqual([])
    expect(new Set(issues.map(({ fingerprint }) => fingerprint)).size).toBe(issues.length)
  })
})

/** Empty when the file is valid. */
async function xmlErrors(file: string): Promise<string> {
  const script =
    'import sys, xmlschema\nfor error in xmlschema.XMLSchema(sys.argv[1]).iter_errors(sys.argv[2]): print(error.reason, error.path)'
  const { stdout } = await run('python3', ['-c', script, join(schemas, 'junit.xsd'), file], {
    env: { ...process.env, PYTHONPATH: join(schemas, 'python') },
  })
  return stdout
}
