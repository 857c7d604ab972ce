/** `bundle log|show|checkout|sign|verify` and `policy diff` over a real git repository with three revisions of the HR policies. */
import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildAccess } from '../../src/bundles/build-access.ts'
import { foldersOf, writeFolders } from '../../src/bundles/bundle-folder.ts'
import { createCheckout, pinnedOpa, repository } from '../bundles/support/checkout.ts'
import { createTempFolder } from '../support/temp-folder.ts'

const run = promisify(execFile)
let folder: Awaited<ReturnType<typeof createCheckout>>
const revisions: string[] = []

async function portcullis(...args: string[]) {
  const program = ['--import', 'tsx', join(repository, 'src/cli/main.ts'), ...args]
  const result = await run(process.execPath, program, { cwd: repository }).catch(
    (thrown: { code: number; stdout: string; stderr: string }) => thrown,
  )
  return { code: 'code' in result ? result.code : 0, stdout: result.stdout, stderr: result.stderr }
}

async function commit(message: string, change?: { readonly file: string; edit(text: string): string }) {
  const opa = await pinnedOpa()
  if (change !== undefined) {
    const file = join(folder.path, 'policies', change.file)
    await writeFile(file, change.edit(await readFile(file, 'utf8')))
  }
  const { bundles, findings } = await buildAccess(opa, folder.path)
  expect(bundles.length, JSON.stringify(findings)).toBe(2)
  await writeFolders(folder.path, foldersOf(bundles, opa.version))
  const git = (...args: string[]) => run('git', ['-C', folder.path, ...args])
  await git('add', '.')
  await git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', 'commit', '--allow-empty', '-qm', message)
  revisions.push(bundles[0]!.revision)
}

beforeAll(async () => {
  folder = await createCheckout({})
  await run('git', ['init', '-q', '-b', 'main', folder.path])
  await commit('Write the policies')
  await commit('Let nationality be seen for salaries', {
    file: 'rules/hr/nationality/nationality.rego',
    edit: (text) => text.replace('"STAFF_REPORT"', '"SALARY"'),
  })
  await commit('Say it again')
  await commit('Detach the rule on addresses', {
    file: 'attachments/domain/hr/data.json',
    edit: (text) => text.replace('      ["hr", "zip_code"],\n', ''),
  })
}, 120_000)
afterAll(() => folder?.[Symbol.asyncDispose]())

const at = () => ['--root', folder.path]

test('a checkout in a folder of a larger repository has its history, too', async () => {
  await using larger = await createTempFolder('larger')
  const part = join(larger.path, 'services/guard')
  await cp(folder.path, part, { recursive: true, filter: (path) => !path.endsWith('/.git') })
  const git = (...args: string[]) => run('git', ['-C', larger.path, ...args])
  await git('init', '-q', '-b', 'main')
  await git('add', '.')
  await git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', 'commit', '-qm', 'Bring the guard in')
  const { stdout, code } = await portcullis('bundle', 'log', '--root', part)
  expect(code).toBe(0)
  expect(stdout).toContain('Bring the guard in')
  expect((await portcullis('policy', 'diff', 'HEAD', 'bundles/access.tar.gz', '--root', part)).stdout).toBe(
    'Nothing differs.\n',
  )
}, 60_000)

describe('the history of a bundle', () => {
  test('lists each revision once, newest first, with its commit and what it changed', async () => {
    const { stdout, code } = await portcullis('bundle', 'log', ...at(), '--format', 'json')
    expect(code).toBe(0)
    const log = JSON.parse(stdout) as {
      revision: string
      message: string
      author: string
      changes?: { sentence: string }[]
    }[]
    expect(log.map(({ message }) => message)).toEqual([
      'Detach the rule on addresses',
      'Let nationality be seen for salaries',
      'Write the policies',
    ])
    expect(log.map(({ author }) => author)).toEqual(['Ada', 'Ada', 'Ada'])
    expect(log[2]).not.toHaveProperty('changes')
    expect(log[1]!.changes!.map(({ sentence }) => sentence)).toEqual([
      'Rule hr.nationality (Nationality is for staff reports) changed: 1 line added, 1 removed.',
    ])
    expect(log[0]!.changes!.map(({ sentence }) => sentence)).toEqual([
      'Layer domain:hr: rule hr.zip_code no longer decides on records below file:/data/hr/.',
    ])
  })

  test('gives any revision back, byte for byte', async () => {
    const out = join(folder.path, 'rolled-back.tar.gz')
    const { code } = await portcullis('bundle', 'checkout', revisions[0]!.slice(0, 10), '--out', out, ...at())
    expect(code).toBe(0)
    const { stdout } = await run('git', ['-C', folder.path, 'show', 'HEAD~3:bundles/access.tar.gz'], {
      encoding: 'buffer',
      maxBuffer: 1e8,
    })
    expect((await readFile(out)).equals(stdout)).toBe(true)
    expect((await portcullis('bundle', 'show', out)).stdout).toContain(`revision ${revisions[0]}`)
  })

  test('says what it looked for where there is no such revision', async () => {
    const { code, stderr } = await portcullis('bundle', 'show', 'abcdef', ...at())
    expect(code).toBe(2)
    expect(stderr).toMatch(/abcdef: neither a file, nor a revision/)
  })
})

test('policy diff tells two revisions apart, whatever names them, and none from itself', async () => {
  const diff = await portcullis('policy', 'diff', 'HEAD~3', revisions.at(-1)!.slice(0, 8), ...at())
  expect(diff.stdout).toBe(
    [
      'Rule hr.nationality (Nationality is for staff reports) changed: 1 line added, 1 removed.',
      'Layer domain:hr: rule hr.zip_code no longer decides on records below file:/data/hr/.',
      '',
    ].join('\n'),
  )
  expect((await portcullis('policy', 'diff', 'HEAD', 'main', ...at())).stdout).toBe('Nothing differs.\n')
})

test('a bundle is signed and verified from the command line', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const file = (name: string) => join(folder.path, name)
  await writeFile(file('key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  await writeFile(file('key.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
  const bundle = join(folder.path, 'bundles/access.tar.gz')
  const key = ['--algorithm', 'EdDSA', '--key-id', 'governance']
  const sign = await portcullis(
    'bundle',
    'sign',
    bundle,
    '--out',
    file('signed.tar.gz'),
    '--key',
    file('key.pem'),
    ...key,
  )
  expect(sign.code).toBe(0)
  expect((await portcullis('bundle', 'verify', file('signed.tar.gz'), '--key', file('key.pub'), ...key)).code).toBe(0)
  const unsigned = await portcullis('bundle', 'verify', bundle, '--key', file('key.pub'), ...key)
  expect(unsigned).toMatchObject({ code: 1, stdout: expect.stringContaining('is not signed') })
})
