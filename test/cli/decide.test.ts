/** `portcullis decide`, `explain`, and the reports on policies, as they are typed: what they say, and the exit code. */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readTarGz } from '../../src/policy/opa-wasm/index.ts'
import { tarGz } from '../policy/support/opa.ts'
import { accessBundle, repositoryFolder } from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'

const timeoutMs = 120_000
type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string }

function portcullis(args: readonly string[], input = ''): Promise<Outcome> {
  const command = ['--import', 'tsx', join(repositoryFolder, 'src/cli/main.ts'), ...args]
  return new Promise((resolve) => {
    const child = execFile(process.execPath, command, { cwd: repositoryFolder }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
    // a command that has no use for its input may be gone already
    child.stdin!.on('error', () => undefined)
    child.stdin!.end(input)
  })
}

const config = ['--config', 'examples/hr/portcullis.yaml']
const file = 'file:/data/hr/employee_file0.avro'
const asking = (user: string, purpose: string, resource = file) => [
  ...config,
  ...['--user', user, '--resource', resource, '--purpose', purpose],
]
const question = {
  user: { id: 'Eve', active: true, roles: ['IT'], attributes: {} },
  context: { purpose: 'SALARY' },
  resource: { id: file, type: 'Employee', format: 'avro/binary', attributes: {} },
  record: { manager: [] },
}

describe('decide', { timeout: timeoutMs }, () => {
  test('permits with exit code 0, and names the masks and where their rules stand', async () => {
    const { code, stdout, stderr } = await portcullis(['decide', ...asking('Alice', 'SALARY')])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`PERMITTED  Alice asks for ${file}, purpose "SALARY"; 4 fields are masked\n`)
    expect(stdout).toMatch(
      /\n {2}\/nationality +null +hr\.nationality +policies\/rules\/hr\/nationality\/nationality\.rego:12\n/,
    )
  })

  test('denies with exit code 1, and names the rule, its title, and its line', async () => {
    const { code, stdout } = await portcullis(['decide', ...asking('Eve', 'SALARY'), '--record', '-'], '{"manager":[]}')
    expect(code).toBe(1)
    expect(stdout).toContain('DENIED  Eve asks for')
    expect(stdout).toMatch(
      /hr\.record_masking +The user has nothing to do with this employee +policies\/rules\/hr\/record_masking\/record_masking\.rego:16 +\(record decision\)/,
    )
  })

  test('of a folder makes the user decision', async () => {
    const { code, stdout } = await portcullis(['decide', ...asking('Mallory', 'SALARY', 'file:/data/hr/')])
    expect(code).toBe(1)
    expect(stdout).toMatch(/user\.suspended .*\(user decision\)/)
  })

  test('gives the same as JSON', async () => {
    const { code, stdout } = await portcullis(['decide', ...asking('Bob', 'SALARY'), '--format', 'json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      decision: 'permit',
      stage: 'resource',
      dependsOn: ['hr.record_masking/manages'],
      fired: expect.arrayContaining([expect.objectContaining({ rule: 'org.active', kind: 'permit' })]) as unknown,
    })
  })

  test('takes a bundle and a whole question, without a configuration', async () => {
    await using folder = await createTempFolder()
    const input = join(folder.path, 'question.json')
    await writeFile(input, JSON.stringify(question))
    const { code, stdout } = await portcullis(['decide', '--bundle', accessBundle, '--input', input])
    expect(code).toBe(1)
    expect(stdout).toContain('hr.record_masking')
  })

  test.each([
    ['an unknown user', asking('Nobody', 'SALARY'), '(user.unknown)'],
    ['an unknown leaf', asking('Alice', 'SALARY', 'file:/data/hr/none.avro'), '(resource.unknown)'],
    ['what is missing', [...config, '--user', 'Alice'], '--resource, --purpose: missing'],
    ['a pair that is none', [...asking('Alice', 'x'), '--context', 'novalue'], '--context novalue: expected key=value'],
    [
      'a record that is no JSON',
      [...asking('Alice', 'x'), '--record', '-'],
      '--record: standard input does not hold one',
    ],
    ['a purpose beside the purpose', [...asking('Alice', 'x'), '--context', 'purpose=y'], 'by --purpose alone'],
    ['a day that is none', [...asking('Alice', 'x'), '--at', '2026-02-30T09:00:00Z'], '--at 2026-02-30T09:00:00Z'],
    [
      'a record that is not there',
      [...asking('Alice', 'x'), '--record', 'none.json'],
      '--record: none.json cannot be read',
    ],
    [
      'no configuration',
      ['--user', 'A', '--resource', file, '--purpose', 'x', '--config', 'none.yaml'],
      '(config.invalid)',
    ],
  ])('cannot decide with exit code 2: %s', async (_, args, says) => {
    const { code, stdout, stderr } = await portcullis(['decide', ...args], 'not JSON')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(says)
  })

  test.each([
    ['with a member twice', '{"manager":[{"uid":"a","\\u0075id":"b"}]}', 'names a member of an object twice'],
    ['with a number that would be rounded', '{"uid":9007199254740993}', 'more digits than can be kept'],
    ['that is a list', '[1]', 'a record is an object'],
  ])('cannot decide about a record %s, which a server reads otherwise', async (_, record, says) => {
    const { code, stderr } = await portcullis(['decide', ...asking('Eve', 'SALARY'), '--record', '-'], record)
    expect(code).toBe(2)
    expect(stderr).toContain(says)
  })

  test('says loudly that the reasons do not hold where the plan is not the one of the engine', async () => {
    await using folder = await createTempFolder()
    const files = readTarGz(await readFile(accessBundle))
    const plan = files.get('plan.json')!.toString('utf8').replaceAll('"ESTATES"', '"IT"')
    const [bundle, input] = [join(folder.path, 'b.tar.gz'), join(folder.path, 'q.json')]
    await writeFile(bundle, tarGz(Object.fromEntries([...files, ['plan.json', Buffer.from(plan)]])))
    await writeFile(input, JSON.stringify(question))
    const { code, stdout, stderr } = await portcullis(['decide', '--bundle', bundle, '--input', input])
    expect(code).toBe(1)
    expect(stdout).toContain('DENIED')
    expect(stderr).toContain('WARNING')
    expect(stderr).toContain('ANOTHER answer at the record than the engine')
  })
})

describe('explain', { timeout: timeoutMs }, () => {
  test('says which conditions failed, with their values, and the smallest change', async () => {
    const { code, stdout } = await portcullis(
      ['explain', ...asking('Eve', 'SALARY'), '--record', '-'],
      '{"manager":[]}',
    )
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /fails {2}users\.has_role\(input\.user, "ESTATES"\) +user\.roles is \["IT"\] +record_masking\.rego:35/,
    )
    expect(stdout).toContain('To be permitted: one change is enough\n    - "HR" in user.roles\n')
    expect(stdout).toMatch(/tried: \d+ decisions by the engine; each of \d+ changes/)
  })

  test('as JSON holds the trace and the search', async () => {
    const { code, stdout } = await portcullis(['explain', ...asking('Alice', 'STAFF_REPORT'), '--format', 'json'])
    expect(code).toBe(0)
    const { stages, search } = JSON.parse(stdout) as { stages: { agreement: string }[]; search: { complete: unknown } }
    expect(stages.map(({ agreement }) => agreement)).toEqual(['agrees', 'agrees'])
    expect(search.complete).toMatchObject({ one: true })
  })

  test('of a rule of portcullis check says what it asks for', async () => {
    const { code, stdout } = await portcullis(['explain', 'own-01'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^OWN-01 {2}/)
    expect((await portcullis(['explain', 'NONE-99'])).code).toBe(2)
  })
})

describe('policy coverage and fields', { timeout: timeoutMs }, () => {
  test('coverage names the rules that recorded decisions never fired', async () => {
    await using folder = await createTempFolder()
    const inputs = join(folder.path, 'inputs.ndjson')
    const bob = { ...question, user: { ...question.user, id: 'Bob', roles: ['ESTATES'] } }
    await writeFile(inputs, `${JSON.stringify(question)}\n\n${JSON.stringify(bob)}\n`)
    const { code, stdout } = await portcullis(['policy', 'coverage', '--on', inputs])
    expect(code).toBe(0)
    expect(stdout).toContain('2 decisions, 1 permitted')
    expect(stdout).toMatch(/8 of 16 rules never fired:\n +0 of 2 +hr\.first_resource deny/)
    const json = await portcullis(['policy', 'coverage', '--on', inputs, '--format', 'json'])
    expect(JSON.parse(json.stdout)).toMatchObject({ decisions: 2, permits: 1, differing: 0, unfollowed: 0 })
  })

  test('coverage takes an audit log, with the users and leaves of a configuration', async () => {
    await using folder = await createTempFolder()
    const log = join(folder.path, 'audit.ndjson')
    const event = {
      kind: 'request.registered',
      userId: 'Mallory',
      resourceId: 'file:/data/hr/',
      context: { purpose: 'SALARY' },
    }
    await writeFile(
      log,
      `${JSON.stringify(event)}\n${JSON.stringify({ ...event, userId: 'Gone' })}\n${JSON.stringify({ kind: 'service.failed' })}\n`,
    )
    const { code, stdout, stderr } = await portcullis(['policy', 'coverage', ...config, '--on', log])
    expect(code).toBe(0)
    expect(stdout).toContain('1 decision, 0 permitted')
    expect(stderr).toContain('left out, their user or resource being unknown here: 1 lines')
    expect(stdout).toMatch(/1 of 1 +org\.active deny/)
  })

  test('coverage of nothing, or of a line that is no decision, is not measured', async () => {
    await using folder = await createTempFolder()
    const inputs = join(folder.path, 'inputs.ndjson')
    await writeFile(inputs, '')
    expect(await portcullis(['policy', 'coverage', '--on', inputs])).toMatchObject({ code: 2, stdout: '' })
    await writeFile(inputs, `${JSON.stringify(question)}\n{"user": "Alice"}\n`)
    const { code, stderr } = await portcullis(['policy', 'coverage', '--on', inputs])
    expect(code).toBe(2)
    expect(stderr).toContain('inputs.ndjson:2: user: expected an object')
  })

  test('fields maps rules to fields and back', async () => {
    const { code, stdout } = await portcullis(['policy', 'fields'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/ {2}hr\.bank_details +context\.purpose, user\.attributes\.training, user\.roles\n/)
    expect(stdout).toMatch(/ {2}user\.attributes\.training +hr\.bank_details\n/)
    const json = await portcullis(['policy', 'fields', '--format', 'json'])
    expect(JSON.parse(json.stdout)).toContainEqual({
      rule: 'hr.zip_code',
      fields: ['context.purpose', 'facts["hr.zip_code"].manages', 'user.roles'],
      facts: [{ name: 'hr.zip_code/manages', path: '/manager/**/uid', reference: 'user.id' }],
    })
  })
})
