/** `portcullis policy` and `portcullis bundle` as they are typed: what they say, and the exit code. */
import { execFile } from 'node:child_process'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { createCheckout, repository } from '../bundles/support/checkout.ts'
import { ensureTool } from '../support/ensure-tool.ts'

let opa: string
beforeAll(async () => {
  opa = await ensureTool('opa')
})

type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string }

function portcullis(...args: readonly string[]): Promise<Outcome> {
  const command = ['--import', 'tsx', join(repository, 'src/cli/main.ts'), ...args]
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      command,
      { cwd: repository, env: { ...process.env, OPA: opa } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

const openDenial = {
  'rules/hr/nationality/nationality.rego': (text: string) =>
    `${text}\ndeny contains "hr.nationality" if input.user.suspended\n`,
}

describe('policy lint', () => {
  test('finds nothing in the policies as they are', async () => {
    expect(await portcullis('policy', 'lint')).toEqual({ code: 0, stdout: '0 findings, 0 warnings\n', stderr: '' })
  })

  test('says file, line and remedy of what would fail open', async () => {
    await using checkout = await createCheckout(openDenial)
    const { code, stdout } = await portcullis('policy', 'lint', '--root', checkout.path)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^policies\/rules\/hr\/nationality\/nationality\.rego:\d+: rule\.can_be_undefined: /)
    expect(stdout).toContain('what is missing in the input must not hide a denial or a mask')
    expect(stdout).toMatch(/\d+ findings, 0 warnings\n$/)
  })

  test('without policies it could not check, which is not the same as nothing found', async () => {
    const { code, stdout, stderr } = await portcullis('policy', 'lint', '--root', join(repository, 'docs'))
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('(bundle.missing)')
  })

  test('without OPA it says how to name it', async () => {
    const { code, stderr } = await portcullis('policy', 'lint', '--opa', '/nowhere/opa')
    expect(code).toBe(2)
    expect(stderr).toContain('--opa')
    expect(stderr).toContain('(tool.missing)')
  })
})

describe('policy test', () => {
  test('runs the tests of the policies', async () => {
    const { code, stdout } = await portcullis('policy', 'test', '--run', 'test.rules.hr.bank_details')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^PASS: (\d+)\/\1\n$/)
  })

  test('fails where one fails', async () => {
    await using checkout = await createCheckout({
      'rules/hr/nationality/nationality.rego': (text) => text.replace('"HR"', '"IT"'),
    })
    await cp(join(repository, 'opa-tests'), join(checkout.path, 'opa-tests'), { recursive: true })
    const { code, stdout } = await portcullis('policy', 'test', '--root', checkout.path)
    expect(code).toBe(1)
    expect(stdout).toContain('test_hr_staff_read_nationality_for_staff_reports: FAIL')
  })

  test('fails where there is none', async () => {
    expect((await portcullis('policy', 'test', '--run', 'no such test')).code).toBe(1)
  })
})

describe('bundle', () => {
  test('build writes what verify then finds equal, and verify finds what was changed since', async () => {
    await using checkout = await createCheckout({})
    const place = ['--root', checkout.path]
    const built = await portcullis('bundle', 'build', ...place)
    expect(built.code).toBe(0)
    expect(built.stdout).toMatch(/^bundles\/access\.tar\.gz: \d+ bytes\n/)
    expect((await portcullis('bundle', 'verify', ...place)).code).toBe(0)
    await rm(join(checkout.path, 'bundles/access-rego.tar.gz'))
    await writeFile(join(checkout.path, 'schemas/access/user.json'), '{}')
    const { code, stdout } = await portcullis('bundle', 'verify', ...place)
    expect(code).toBe(1)
    expect(stdout).toContain('bundles/access-rego.tar.gz: missing')
    expect(stdout).toContain('schemas/access/user.json: different')
  })

  test('build writes nothing where a finding forbids it', async () => {
    await using checkout = await createCheckout(openDenial)
    const { code, stdout, stderr } = await portcullis('bundle', 'build', '--root', checkout.path)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('rule.can_be_undefined')
    expect(stderr).toMatch(/nothing was built: \d+ findings\n$/)
  })
})

describe('policy lint and test besides', () => {
  test('a rule without a test and a file that opa fmt would change are findings', async () => {
    await using checkout = await createCheckout({
      'rules/org/active/active.rego': (text) => text.replace('default _active := false', 'default   _active := false'),
    })
    await cp(join(repository, 'opa-tests'), join(checkout.path, 'opa-tests'), { recursive: true })
    await rm(join(checkout.path, 'opa-tests/rules/org/purpose'), { recursive: true })
    const { code, stdout } = await portcullis('policy', 'lint', '--root', checkout.path)
    expect(code).toBe(1)
    expect(stdout).toMatch(/policies\/rules\/org\/active\/active\.rego:1: source\.unformatted/)
    expect(stdout).toMatch(/policies\/rules\/org\/purpose\/purpose\.rego:\d+: rule\.untested: org\.purpose has no test/)
    expect(stdout).toContain('2 findings, 0 warnings')
  })

  test('a report in JUnit XML holds every test, and too little coverage is exit code 1', async () => {
    await using checkout = await createCheckout({})
    await cp(join(repository, 'opa-tests'), join(checkout.path, 'opa-tests'), { recursive: true })
    // coverage of all the rules for data products takes half a minute
    for (const folder of ['policies', 'opa-tests'])
      await rm(join(checkout.path, folder, 'dataproduct'), { recursive: true })
    const junit = join(checkout.path, 'junit.xml')
    const enough = await portcullis('policy', 'test', '--root', checkout.path, '--junit', junit, '--threshold', '1')
    expect(enough).toMatchObject({ code: 0, stdout: expect.stringContaining('of the lines') })
    const xml = await readFile(junit, 'utf8')
    expect(xml.match(/<testcase /g)!.length).toBe(Number(/PASS: (\d+)\//.exec(enough.stdout)![1]))
    expect(xml).toMatch(
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="opa test" tests="\d+" failures="0">/,
    )
    expect((await portcullis('policy', 'test', '--root', checkout.path, '--threshold', '101')).code).toBe(1)
  }, 120_000)
})
