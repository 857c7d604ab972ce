/** What a change is compared with, in repositories of every shape: something that can't be compared is said, never taken for unchanged. */
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { exitCodeOf, type Report } from '../../src/dataproduct/report.ts'
import { createTempFolder } from '../support/temp-folder.ts'
import { git, repositoryOf, useTestPolicy } from './support/check.ts'
import { folderOf, goodContract } from './support/documents.ts'

const { checkIn } = useTestPolicy()
const lower = goodContract.replace('version: 1.2.0', 'version: 1.0.0')
const another = goodContract.replace(/^id: .*$/mu, 'id: 5b0e8a52-6c0b-4a92-9a5e-1f2f6d3f4c09')

const changes = (report: Report) =>
  report.findings.filter(({ rule }) => rule === 'CHG-01').map(({ file, message }) => `${file} ${message}`)
const lowered = (file: string) => [`${file} 1.0.0 was 1.2.0 before.`]

afterEach(() => vi.unstubAllEnvs())

describe('a path', () => {
  test('through a link to a folder is compared with what it leads to', async () => {
    await using folder = await repositoryOf({ 'real/contract.yaml': goodContract })
    await symlink('real', join(folder.path, 'products'))
    await writeFile(join(folder.path, 'real/contract.yaml'), lower)
    const report = await checkIn(folder.path, { base: 'HEAD', paths: ['products'] })
    expect(changes(report)).toEqual(lowered('products/contract.yaml'))
  })

  test('outside of the repository could not be compared, and the others are', async () => {
    await using outside = await folderOf({ 'contract.yaml': another })
    await using folder = await repositoryOf({ 'contract.yaml': goodContract })
    await writeFile(join(folder.path, 'contract.yaml'), lower)
    const both = await checkIn(folder.path, { base: 'HEAD', paths: [outside.path, 'contract.yaml'] })
    expect(both.problems).toEqual([{ file: outside.path, message: expect.stringContaining('not in the repository') }])
    expect(changes(both)).toEqual(lowered('contract.yaml'))
    const alone = await checkIn(folder.path, { base: 'HEAD', paths: [outside.path] })
    expect(alone.states['CHG-01']).toBe('notEvaluated')
    expect(exitCodeOf(alone, 'never')).toBe(2)
  })

  test('with a submodule in it is compared but for that, and says so where documents lie in it', async () => {
    await using inner = await repositoryOf({ 'contract.yaml': another })
    await using folder = await repositoryOf({ 'contract.yaml': goodContract })
    git(folder.path, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.path, 'inner')
    git(folder.path, 'commit', '-q', '-m', 'with a submodule')
    const report = await checkIn(folder.path, { base: 'HEAD' })
    expect(report.problems).toEqual([{ file: 'inner', message: expect.stringContaining('submodule') }])
    await rm(join(folder.path, 'inner/contract.yaml'))
    expect((await checkIn(folder.path, { base: 'HEAD' })).problems).toEqual([])
  })

  test('that was renamed and changed, into another folder and with odd letters, is compared with what it was', async () => {
    await using folder = await repositoryOf({ 'a/old name.yaml': goodContract, 'a/other.yaml': another })
    await mkdir(join(folder.path, 'b'))
    await rename(join(folder.path, 'a/old name.yaml'), join(folder.path, 'b/neü "name".yaml'))
    await writeFile(join(folder.path, 'b/neü "name".yaml'), lower)
    git(folder.path, 'add', '-A')
    git(folder.path, 'commit', '-q', '-m', 'moved')
    const report = await checkIn(folder.path, { base: 'HEAD~1', paths: ['b'] })
    expect(changes(report)).toEqual(lowered('b/neü "name".yaml'))
  })
})

describe('a history', () => {
  test('without a commit has no base, and the documents are checked all the same', async () => {
    await using folder = await folderOf({ 'contract.yaml': goodContract })
    git(folder.path, 'init', '-q')
    const report = await checkIn(folder.path, { base: 'HEAD' })
    expect(report.problems).toEqual([{ message: expect.stringContaining('cannot reach the base HEAD') }])
    expect(report.states).toMatchObject({ 'CHG-01': 'notEvaluated', 'OWN-01': 'passed' })
  })

  test('that begins anew is compared with the base itself', async () => {
    await using folder = await repositoryOf({ 'contract.yaml': goodContract })
    git(folder.path, 'checkout', '-q', '--orphan', 'fresh')
    await writeFile(join(folder.path, 'contract.yaml'), lower)
    expect(changes(await checkIn(folder.path, { base: 'main' }))).toEqual(lowered('contract.yaml'))
    git(folder.path, 'commit', '-qam', 'unrelated')
    expect(changes(await checkIn(folder.path, { base: 'main' }))).toEqual(lowered('contract.yaml'))
  })

  test('that is cut off says which revision is to be fetched, and is compared once it is there', async () => {
    await using origin = await repositoryOf({ 'contract.yaml': goodContract })
    git(origin.path, 'checkout', '-q', '-b', 'topic')
    await writeFile(join(origin.path, 'contract.yaml'), lower)
    git(origin.path, 'commit', '-qam', 'lower')
    await using place = await createTempFolder('shallow')
    const clone = join(place.path, 'clone')
    git(place.path, 'clone', '-q', '--depth=1', '--branch=topic', `file://${origin.path}`, clone)
    const cut = await checkIn(clone, { base: 'origin/main' })
    expect(cut.problems).toEqual([{ message: expect.stringContaining('git fetch origin origin/main') }])
    git(clone, 'fetch', '-q', '--depth=1', 'origin', 'main:refs/remotes/origin/main')
    expect(changes(await checkIn(clone, { base: 'origin/main' }))).toEqual(lowered('contract.yaml'))
  })

  test('that git refuses to read is told in the words of git', async () => {
    await using folder = await repositoryOf({ 'contract.yaml': goodContract })
    vi.stubEnv('GIT_TEST_ASSUME_DIFFERENT_OWNER', '1')
    const report = await checkIn(folder.path, { base: 'HEAD' })
    expect(report.problems).toEqual([{ message: expect.stringContaining('dubious ownership') }])
  })

  test('is that of the folder, also in a hook of another repository', async () => {
    await using hooked = await repositoryOf({ 'contract.yaml': lower })
    await using folder = await repositoryOf({ 'contract.yaml': goodContract })
    await writeFile(join(folder.path, 'contract.yaml'), lower)
    vi.stubEnv('GIT_DIR', join(hooked.path, '.git'))
    vi.stubEnv('GIT_INDEX_FILE', join(hooked.path, '.git/index'))
    vi.stubEnv('GIT_WORK_TREE', hooked.path)
    expect(changes(await checkIn(folder.path, { base: 'HEAD' }))).toEqual(lowered('contract.yaml'))
  })

  test('with a base that is no commit has none', async () => {
    await using folder = await repositoryOf({ 'contract.yaml': goodContract })
    for (const base of ['HEAD:contract.yaml', 'HEAD^{tree}', 'HEAD~1', '--help', 'a b'])
      expect((await checkIn(folder.path, { base })).problems).toEqual([
        { message: expect.stringMatching(/^The change could not be checked: git \w/u) },
      ])
  })
})
