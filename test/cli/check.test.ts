/** The commands on data products as a user runs them. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { badContract, folderOf, goodContract, goodProduct } from '../dataproduct/support/documents.ts'
import { buildTestPolicy, moduleOf } from '../dataproduct/support/test-policy.ts'
import { ensureTool } from '../support/ensure-tool.ts'
import { repositoryFolder } from '../support/portcullis-process.ts'
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts'

type Run = { readonly code: number; readonly stdout: string; readonly stderr: string }

// the folder a user stands in has no tsx of its own
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href

let bundle: string
let policyFolder: TempFolder
beforeAll(async () => {
  policyFolder = await createTempFolder('cli-policy')
  bundle = await buildTestPolicy(policyFolder.path)
}, 120_000)
afterAll(() => policyFolder[Symbol.asyncDispose]())

function portcullis(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> {
  const { NO_COLOR: _no, FORCE_COLOR: _force, GITHUB_STEP_SUMMARY: _summary, ...rest } = process.env
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', tsx, join(repositoryFolder, 'src/cli/main.ts'), ...args],
      { cwd, env: { ...rest, ...env } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

const check = (cwd: string, ...args: readonly string[]) => portcullis(cwd, ['check', '--policy', bundle, ...args])

function spawnCheck(cwd: string, stdout: number | 'pipe', ...args: readonly string[]) {
  const main = join(repositoryFolder, 'src/cli/main.ts')
  return spawn(process.execPath, ['--import', tsx, main, 'check', '--policy', bundle, ...args], {
    cwd,
    stdio: ['ignore', stdout, 'pipe'],
  })
}

describe('portcullis check', () => {
  test('ends with 0 when all is in order, and says what was looked at', async () => {
    await using folder = await folderOf({
      'contract.yaml': goodContract,
      'product.yaml': goodProduct,
      'README.md': '#',
    })
    const { code, stdout, stderr } = await check(folder.path)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^✓ No findings in 2 files\.\n {2}Rules: \d+ passed, 0 failed, \d+ not evaluated\./)
    expect(stdout).toContain('1 file passed over')
  })

  test('ends with 1 for an error, and shows it with its source line', async () => {
    await using folder = await folderOf({ 'hr/contract.yaml': badContract })
    const { code, stdout } = await check(folder.path)
    expect(code).toBe(1)
    expect(stdout).toContain(`hr/contract.yaml\n`)
    expect(stdout).toContain(`
  15:15  error  employee_id has no classification.  CLS-01
      15 |       - name: employee_id
         |               ^^^^^^^^^^^
         = remedy: Mend CLS-01.
         = because of: GDPR 5(2)
`)
  })

  test('--fail-on moves the line between 0 and 1', async () => {
    await using folder = await folderOf({
      'contract.yaml': goodContract.replace('  purpose: Pay people.\n', '  usage: Pay.\n'),
    })
    const codes = []
    for (const level of ['critical', 'error', 'warning', 'info', 'never'])
      codes.push((await check(folder.path, '--fail-on', level)).code)
    expect(codes).toEqual([0, 0, 1, 1, 0])
    expect((await check(folder.path, '--fail-on', 'often')).code).toBe(2)
  }, 60_000)

  test('several formats are written in one run, each to its file', async () => {
    await using folder = await folderOf({ 'contract.yaml': badContract })
    const args = ['--format', 'text', '--format', 'sarif=a.sarif', '--format', 'json=a.json']
    const { stdout } = await check(folder.path, ...args)
    expect(stdout).toContain('salary has no classification.')
    expect(JSON.parse(await readFile(join(folder.path, 'a.sarif'), 'utf8'))).toMatchObject({ version: '2.1.0' })
    expect(JSON.parse(await readFile(join(folder.path, 'a.json'), 'utf8'))).toMatchObject({
      exitCode: 1,
      rules: { failed: expect.any(Number) },
    })
    await check(folder.path, '--format', 'json', '--output', 'b.json')
    expect(existsSync(join(folder.path, 'b.json'))).toBe(true)
  })

  test('on GitHub the summary of the step is appended', async () => {
    await using folder = await folderOf({ 'contract.yaml': badContract, 'summary.md': 'before\n' })
    const summary = join(folder.path, 'summary.md')
    const { stdout } = await portcullis(folder.path, ['check', '--policy', bundle, '--format', 'github'], {
      GITHUB_STEP_SUMMARY: summary,
    })
    expect(stdout).toContain('::error file=contract.yaml,line=17')
    expect(await readFile(summary, 'utf8')).toMatch(/^before\n## Data products\n/)
  })

  test('colours follow FORCE_COLOR, NO_COLOR and --no-color, and never reach a pipe by themselves', async () => {
    await using folder = await folderOf({ 'contract.yaml': badContract })
    const args = ['check', '--policy', bundle]
    const colored = async (env: Readonly<Record<string, string>>, ...more: readonly string[]) =>
      (await portcullis(folder.path, [...args, ...more], env)).stdout.includes('\u001b[')
    expect(
      await Promise.all([
        colored({}),
        colored({ FORCE_COLOR: '1' }),
        colored({ FORCE_COLOR: '1', NO_COLOR: '1' }),
        colored({ FORCE_COLOR: '1' }, '--no-color'),
      ]),
    ).toEqual([false, true, false, false])
  }, 60_000)

  test('--data puts an organisation’s own data over that of the bundle', async () => {
    const levels = moduleOf({
      id: 'LVL-01',
      severity: 'error',
      scope: 'document',
      body: `applies if input.kind
deny contains {"path": ["kind"], "msg": concat(",", data.dataproduct.vocabulary.levels)} if applies`,
    })
    await using folder = await folderOf({
      'contract.yaml': goodContract,
      'own/dataproduct/vocabulary/data.json': '{"levels": ["green", "red"]}',
      'broken/dataproduct/data.json': '{',
    })
    await using other = await createTempFolder('cli-levels')
    const changed = await buildTestPolicy(other.path, { 'rules/lvl_01/lvl_01.rego': levels })
    const run = (...args: readonly string[]) =>
      portcullis(folder.path, ['check', 'contract.yaml', '--policy', changed, ...args])
    expect((await run()).stdout).toContain('public,secret')
    expect((await run('--data', 'own')).stdout).toContain('green,red')
    expect((await run('--data', 'broken')).code).toBe(2)
    expect((await run('--data', 'nowhere')).code).toBe(2)
  }, 60_000)

  test.each([
    ['a path that is not there', ['nowhere'], 'There is no such file or folder.'],
    ['a named file of another kind', ['other.yaml'], 'neither a data product nor a data contract'],
    ['a base outside of a repository', ['--base', 'main'], 'not in a git repository'],
    ['a bundle that is not there', ['--policy', 'nowhere.tar.gz'], 'there is no policy bundle here'],
    ['a bundle that is none', ['--policy', 'other.yaml'], 'bundle'],
    [
      'a bundle for something else',
      ['--policy', join(repositoryFolder, 'bundles/access.tar.gz')],
      'no entrypoint dataproduct/report',
    ],
    ['a format that does not exist', ['--format', 'pdf'], 'text, json, junit'],
    ['waivers that are not there', ['--waivers', 'nowhere.yaml'], 'no such file'],
    ['waivers that are none', ['--waivers', 'other.yaml'], 'other.yaml'],
    ['an output that cannot be written', ['--output', 'no/such/folder/x.txt'], 'ENOENT'],
  ])('%s ends with 2 and says so', async (_, args, said) => {
    await using folder = await folderOf({ 'contract.yaml': goodContract, 'other.yaml': 'a: 1\n' })
    const { code, stdout, stderr } = await check(folder.path, ...args)
    expect(code).toBe(2)
    expect(`${stdout}${stderr}`).toContain(said)
  })

  test('a bundle without any rule ends with 2', async () => {
    await using folder = await folderOf({ 'contract.yaml': goodContract })
    await using other = await createTempFolder('cli-empty')
    const main =
      'package dataproduct\n\nreport := {"rules": {}, "findings": []}\nvalidation := {}\ndeny := set()\nwarn := set()\n'
    const empty = await buildTestPolicy(other.path, { 'main.rego': main })
    const { code, stderr } = await portcullis(folder.path, ['check', '--policy', empty])
    expect(code).toBe(2)
    expect(stderr).toContain('holds no rules')
  }, 60_000)

  test('a file that could not be checked is told beside the findings of the others', async () => {
    await using folder = await folderOf({
      'a.yaml': goodContract.replace('name: employees\n', 'name: boom\n'),
      'contract.yaml': badContract,
    })
    const { code, stdout } = await check(folder.path)
    expect(code).toBe(2)
    expect(stdout).toContain('Could not be checked\n  a.yaml: ')
    expect(stdout).toContain('salary has no classification.')
  })

  test('where the report cannot be printed ends with 2 and one line that says why', async () => {
    await using folder = await folderOf({ 'contract.yaml': badContract })
    const full = openSync('/dev/full', 'w')
    const child = spawnCheck(folder.path, full)
    closeSync(full)
    let stderr = ''
    child.stderr!.on('data', (data: Buffer) => (stderr += data.toString()))
    const [code] = (await once(child, 'close')) as readonly unknown[]
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'portcullis: standard output cannot be written: no space left on device, write (ENOSPC)\n',
    })
  })

  test.each([
    ['1 for findings', badContract, 1],
    ['0 without any', goodContract, 0],
  ])(
    'a reader that goes away leaves the exit code as it is, %s, and the other reports whole',
    async (_, contract, expected) => {
      await using folder = await folderOf({ 'contract.yaml': contract })
      const child = spawnCheck(folder.path, 'pipe', '--format', 'text', '--format', 'json=report.json')
      child.stdout!.destroy()
      const [code] = (await once(child, 'exit')) as readonly unknown[]
      expect(code).toBe(expected)
      expect(JSON.parse(await readFile(join(folder.path, 'report.json'), 'utf8'))).toHaveProperty('findings')
    },
  )

  test('--emit-input writes what conftest needs to give the same findings', async () => {
    await using folder = await folderOf({
      'hr/contract.yaml': badContract,
      'product.yaml': goodProduct.replace('4c01', '4c99'),
    })
    await check(folder.path, '--emit-input', 'out')
    expect(JSON.parse(await readFile(join(folder.path, 'out/tree.json'), 'utf8'))).toMatchObject([
      { path: 'hr/contract.yaml' },
      { path: 'product.yaml' },
    ])
    const conftest = await ensureTool('conftest')
    const args = [
      'test',
      '--combine',
      '--policy',
      join(policyFolder.path, 'policies/dataproduct'),
      '--namespace',
      'dataproduct',
      '--output',
      'json',
      '.',
    ]
    const said = await new Promise<string>((resolve) =>
      execFile(conftest, args, { cwd: join(folder.path, 'out/documents') }, (_, stdout) => resolve(stdout)),
    )
    const [result] = JSON.parse(said) as readonly {
      readonly failures?: readonly { readonly metadata: { readonly rule: string; readonly path: unknown } }[]
    }[]
    expect(result?.failures?.map(({ metadata }) => [metadata.rule, metadata.path])).toEqual([
      ['REF-01', ['outputPorts', 0, 'contractId']],
    ])
  }, 120_000)
})

describe('portcullis init', () => {
  test('writes a product and a contract that the rules of this repository accept', async () => {
    await using folder = await createTempFolder('init')
    const { code, stdout } = await portcullis(folder.path, ['init', 'new', '--name', 'sick-leave', '--domain', 'hr'])
    expect(code).toBe(0)
    expect(stdout).toContain('portcullis check new')
    const checked = await portcullis(folder.path, ['check', 'new', '--format', 'json'])
    const { findings, problems } = JSON.parse(checked.stdout) as {
      readonly findings: readonly { readonly severity: string }[]
      readonly problems: unknown
    }
    expect({ code: checked.code, problems, grave: findings.filter(({ severity }) => severity !== 'warning') }).toEqual({
      code: 0,
      problems: [],
      grave: [],
    })
  })

  test('writes over nothing', async () => {
    await using folder = await createTempFolder('init')
    await writeFile(join(folder.path, 'my-product.contract.yaml'), 'mine')
    const { code, stderr } = await portcullis(folder.path, ['init'])
    expect(code).toBe(2)
    expect(stderr).toContain('is there already')
    expect(await readFile(join(folder.path, 'my-product.contract.yaml'), 'utf8')).toBe('mine')
  })
})

describe('portcullis rules', () => {
  test('lists every rule with severity, scope and regulation', async () => {
    const [text, json, markdown] = await Promise.all(
      ['text', 'json', 'markdown'].map((format) =>
        portcullis(repositoryFolder, ['rules', '--policy', bundle, '--format', format]),
      ),
    )
    expect(text!.stdout).toMatch(/^CLS-01 +error +document +Rule CLS-01 +GDPR 5\(2\)$/m)
    expect(JSON.parse(json!.stdout)).toContainEqual(
      expect.objectContaining({ id: 'SEC-01', severity: 'critical', remedy: 'Mend SEC-01.' }),
    )
    expect(markdown!.stdout).toContain('| CLS-01 | error | document | Rule CLS-01 | GDPR 5(2) |')
  })
})
