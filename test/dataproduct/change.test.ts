import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CheckOptions } from '../../src/dataproduct/check.ts'
import { exitCodeOf, type Report } from '../../src/dataproduct/report.ts'
import { git, repositoryOf, useTestPolicy } from './support/check.ts'
import { goodContract } from './support/documents.ts'

const { checkIn } = useTestPolicy()
const check = (root: string, base: string, options: Partial<CheckOptions> = {}) => checkIn(root, { base, ...options })

const changes = (report: Report) =>
  report.findings.filter(({ rule }) => rule === 'CHG-01').map(({ file, line, message }) => `${file}:${line} ${message}`)

const lower = goodContract.replace('version: 1.2.0', 'version: 1.0.0')
const id = '5b0e8a52-6c0b-4a92-9a5e-1f2f6d3f4c01'

describe('--base', () => {
  test('compares the documents with those of the revision, and names the commit', async () => {
    await using folder = await repositoryOf({ 'hr/contract.yaml': goodContract })
    const unchanged = await check(folder.path, 'HEAD')
    expect(changes(unchanged)).toEqual([])
    expect(unchanged).toMatchObject({ base: git(folder.path, 'rev-parse', 'HEAD'), problems: [] })
    expect(unchanged.states['CHG-01']).toBe('passed')
    await writeFile(join(folder.path, 'hr/contract.yaml'), lower)
    expect(changes(await check(folder.path, 'HEAD'))).toEqual(['hr/contract.yaml:5 1.0.0 was 1.2.0 before.'])
  })

  test('finds what was removed, at the file where it was', async () => {
    await using folder = await repositoryOf({
      'hr/contract.yaml': goodContract,
      'hr/other.yaml': goodContract.replace(id, `${id.slice(0, -1)}2`),
    })
    await rm(join(folder.path, 'hr/contract.yaml'))
    expect(changes(await check(folder.path, 'HEAD'))).toEqual([`hr/contract.yaml:1 ${id} is gone.`])
  })

  test('finds a file again that has been moved, also into the folder that is checked', async () => {
    await using folder = await repositoryOf({ 'old/contract.yaml': goodContract })
    await mkdir(join(folder.path, 'new'))
    await rename(join(folder.path, 'old/contract.yaml'), join(folder.path, 'new/contract.yaml'))
    await writeFile(join(folder.path, 'new/contract.yaml'), lower)
    git(folder.path, 'add', '-A')
    expect(changes(await check(folder.path, 'HEAD', { paths: ['new'] }))).toEqual([
      'new/contract.yaml:5 1.0.0 was 1.2.0 before.',
    ])
  })

  test('compares with where the branch left the base, not with what the base has become since', async () => {
    await using folder = await repositoryOf({ 'contract.yaml': goodContract })
    git(folder.path, 'checkout', '-q', '-b', 'topic')
    git(folder.path, 'checkout', '-q', 'main')
    await writeFile(join(folder.path, 'contract.yaml'), goodContract.replace('1.2.0', '1.9.0'))
    git(folder.path, 'commit', '-qam', 'newer')
    git(folder.path, 'checkout', '-q', 'topic')
    expect(changes(await check(folder.path, 'main'))).toEqual([])
  })

  test('works from a folder within the repository, with names from its root', async () => {
    await using folder = await repositoryOf({
      'hr/contract.yaml': goodContract,
      'it/x.yaml': goodContract.replace(id, `${id.slice(0, -1)}3`),
    })
    await writeFile(join(folder.path, 'hr/contract.yaml'), lower)
    const report = await check(folder.path, 'HEAD', { cwd: join(folder.path, 'hr') })
    expect(changes(report)).toEqual(['hr/contract.yaml:5 1.0.0 was 1.2.0 before.'])
  })

  test.each(['no-such-branch', '--output=/tmp/x', ''])(
    'a base %j that cannot be reached could not be checked, and the rest is',
    async (base) => {
      await using folder = await repositoryOf({ 'contract.yaml': goodContract })
      const report = await check(folder.path, base)
      expect(report.problems).toEqual([{ message: expect.stringMatching(/^The change could not be checked: git \w/) }])
      expect(report.states).toMatchObject({ 'CHG-01': 'notEvaluated', 'OWN-01': 'passed' })
      expect(exitCodeOf(report, 'never')).toBe(2)
    },
  )
})
