/** docs/writing-rules.md is followed step by step: its files are written, its commands run, and the mask that it promises is there. */
import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { maskActions } from '../../src/bundles/check/check-mask.ts'
import { policyFindings } from '../../src/bundles/finding.ts'
import { readAccessBundle } from '../../src/policy/opa-wasm/access-bundle.ts'
import { createCheckout, repository } from '../bundles/support/checkout.ts'
import { ensureTool } from '../support/ensure-tool.ts'

const page = join(repository, 'docs/writing-rules.md')
const run = promisify(execFile)

test('the first rule is written, tested, attached and built as the page says', async () => {
  const text = await readFile(page, 'utf8')
  const files = [...text.matchAll(/^`(\S+)`:\n\n```rego\n(.*?)^```$/gms)].map(([, path, content]) => ({
    path: path!,
    content: content!,
  }))
  const commands = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block]) => block!.trim().split('\n'))
  expect(files.map(({ path }) => path)).toEqual([
    'policies/rules/hr/grade/grade.rego',
    'opa-tests/rules/hr/grade/grade_test.rego',
  ])
  expect(commands).toHaveLength(5)

  await using checkout = await createCheckout({
    'attachments/domain/hr/data.json': (json) =>
      json.replace('["hr", "nationality"],', '["hr", "nationality"],\n["hr", "grade"],'),
  })
  await cp(join(repository, 'opa-tests'), join(checkout.path, 'opa-tests'), { recursive: true })
  for (const { path, content } of files) {
    await mkdir(dirname(join(checkout.path, path)), { recursive: true })
    await writeFile(join(checkout.path, path), content)
  }
  const opa = await ensureTool('opa')
  await run(opa, ['fmt', '--fail', 'policies', 'opa-tests'], { cwd: checkout.path })
  const said: string[] = []
  for (const command of commands) {
    const [program, ...args] = command.split(' ')
    expect(program).toBe('portcullis')
    const typed = ['--import', 'tsx', join(repository, 'src/cli/main.ts'), ...args, '--root', checkout.path]
    said.push((await run(process.execPath, typed, { cwd: repository, env: { ...process.env, OPA: opa } })).stdout)
  }
  expect(said[0]).toBe('PASS: 4/4\n')
  expect(said[1]).toBe('0 findings, 0 warnings\n')
  expect(said[4]).toMatch(/equal to a fresh build\n$/)
  const { rules } = readAccessBundle(join(checkout.path, 'bundles/access.tar.gz'))
  expect(rules.get('hr.grade')).toMatchObject({
    title: 'Grades are for HR and managers',
    code: 'hr.grade',
    place: 'policies/rules/hr/grade/grade.rego:8',
  })
}, 120_000)

test('the page names every action of a mask, which findings send people there for', async () => {
  const text = await readFile(page, 'utf8')
  const table = text.slice(text.indexOf('## Masks'), text.indexOf('## Facts'))
  for (const action of Object.keys(maskActions)) expect(table).toContain(`\`${action}\``)
  expect(
    Object.values(policyFindings).filter((remedy) => remedy.includes('docs/writing-rules.md')).length,
  ).toBeGreaterThan(0)
})
