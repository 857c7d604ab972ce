/** What is known of the access rules of this checkout, and the file of it that conftest reads. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { accessEvidence, evidencePath, evidenceSource } from '../../src/bundles/access-evidence.ts'
import { findOpa } from '../../src/bundles/opa.ts'
import { ensureTool } from '../support/ensure-tool.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const timeoutMs = 180_000

test(
  'the file that conftest reads is what the access rules and their tests give',
  async () => {
    const opa = await findOpa({ explicit: await ensureTool('opa'), root: repository })
    const evidence = await accessEvidence(opa, repository)
    expect(readFileSync(join(repository, 'policies', evidencePath), 'utf8')).toBe(
      evidenceSource(evidence).bytes.toString(),
    )
    for (const [rule, known] of Object.entries(evidence)) {
      expect(known, rule).toMatchObject({ parses: true, default: 'deny', failed_tests: 0 })
      expect(Math.min(known.positive_tests, known.negative_tests), rule).toBeGreaterThan(0)
    }
  },
  timeoutMs,
)

test(
  'a test that fails and a rule without tests are told',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-evidence-'))
    try {
      for (const part of ['policies', 'opa-tests'])
        cpSync(join(repository, part), join(folder, part), { recursive: true })
      const tests = join(folder, 'opa-tests/rules/hr/zip_code/zip_code_test.rego')
      writeFileSync(tests, `${readFileSync(tests, 'utf8')}\ntest_never if false\n`)
      rmSync(join(folder, 'opa-tests/rules/hr/nationality'), { recursive: true })
      const opa = await findOpa({ explicit: await ensureTool('opa'), root: repository })
      const evidence = await accessEvidence(opa, folder)
      expect(evidence['hr.zip_code']?.failed_tests).toBe(1)
      expect(evidence['hr.nationality']).toMatchObject({ positive_tests: 0, negative_tests: 0 })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
  timeoutMs,
)
