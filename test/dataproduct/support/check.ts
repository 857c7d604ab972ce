/** Checks of small folders by the small policy: what tests of the check have in common. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll } from 'vitest'
import type { DataproductPolicy } from '../../../src/app/dataproduct-policy.ts'
import { type CheckOptions, checkTree } from '../../../src/dataproduct/check.ts'
import type { Report } from '../../../src/dataproduct/report.ts'
import type { TempFolder } from '../../support/temp-folder.ts'
import { folderOf } from './documents.ts'
import { loadTestPolicy } from './test-policy.ts'

type Files = Readonly<Record<string, string | Uint8Array>>
type Changed = Partial<CheckOptions> & { readonly prepare?: (folder: string) => unknown }

const buildTimeoutMs = 120_000
const now = Date.UTC(2026, 10, 25, 12)

/** Built once for the tests of a file, which call this at their top. */
export function useTestPolicy() {
  let loaded: Awaited<ReturnType<typeof loadTestPolicy>>
  beforeAll(async () => {
    loaded = await loadTestPolicy()
  }, buildTimeoutMs)
  afterAll(() => loaded.folder[Symbol.asyncDispose]())

  async function checkIn(root: string, options: Partial<CheckOptions> = {}): Promise<Report> {
    const { report } = await checkTree({ paths: ['.'], cwd: root, root, ...loaded.policy, now, ...options })
    return report
  }

  return {
    policy: (): DataproductPolicy => loaded.policy,
    checkIn,
    /** Of a folder that holds these files alone, and what `prepare` adds. */
    async check(files: Files, { prepare, ...options }: Changed = {}): Promise<Report> {
      await using folder = await folderOf(files)
      await prepare?.(folder.path)
      return await checkIn(folder.path, options)
    },
  }
}

/** Findings of the rules of the small policy, as `rule file:line:column`: the schema has tests of its own. */
export function placesIn(report: Report): readonly string[] {
  return report.findings
    .filter(({ rule }) => rule !== 'INT-01')
    .map(({ rule, file, line, column }) => `${rule} ${file}:${line}:${column}`)
}

/** What git prints, run as somebody whose configuration is nobody's. */
export function git(cwd: string, ...args: readonly string[]): string {
  const settings = ['user.name=t', 'user.email=t@example.com', 'commit.gpgsign=false', 'init.defaultBranch=main']
  return execFileSync('git', [...settings.flatMap((setting) => ['-c', setting]), ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()
}

/** A repository with one commit that holds these files. */
export async function repositoryOf(files: Files): Promise<TempFolder> {
  const folder = await folderOf(files)
  git(folder.path, 'init', '-q')
  git(folder.path, 'add', '.')
  git(folder.path, 'commit', '-q', '-m', 'base')
  return folder
}
