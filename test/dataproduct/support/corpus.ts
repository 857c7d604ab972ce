/** The example products as cases: each folder of examples/products with the findings that are expected of it, copied so that results are fresh and changes have a base. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { repositoryFolder } from '../../support/portcullis-process.ts'
import { createTempFolder, type TempFolder } from '../../support/temp-folder.ts'

export const corpusFolder = join(repositoryFolder, 'examples/products')
const expectedFile = 'expected.json'

/** When the results of quality checks in the examples say that they ran; a copy says an hour ago. */
const written = /2026-11-25T06:00:00Z/gu
const hourMs = 3_600_000

export type Place = {
  readonly rule: string
  readonly file: string
  readonly path: readonly (string | number)[]
}
export type Case = {
  readonly name: string
  readonly conforms: boolean
  /** Has `before` and `after`, which are compared. */
  readonly changes: boolean
  readonly findings: readonly Place[]
}
export type Checked = {
  readonly code: number
  readonly ruleStates: Readonly<Record<string, 'passed' | 'failed' | 'notEvaluated'>>
  readonly findings: readonly (Place & { readonly severity: string; readonly message: string })[]
  readonly stderr: string
}

/** In the order of their names. */
export const corpus: readonly Case[] = readdirSync(corpusFolder, { recursive: true, encoding: 'utf8' })
  .map((path) => path.split(sep).join('/'))
  .filter((path) => path.endsWith(`/${expectedFile}`))
  .sort()
  .map((path) => {
    const expected = JSON.parse(readFileSync(join(corpusFolder, path), 'utf8')) as Pick<Case, 'conforms' | 'findings'>
    const name = path.slice(0, -expectedFile.length - 1)
    return { name, changes: name.startsWith('changes/'), ...expected }
  })

/** A folder that holds the case alone; with changes a repository whose HEAD is `before`. */
export async function copyCase({ name, changes }: Pick<Case, 'name' | 'changes'>): Promise<TempFolder> {
  const folder = await createTempFolder('product')
  const source = join(corpusFolder, name)
  if (changes) {
    await cp(join(source, 'before'), folder.path, { recursive: true })
    for (const args of [
      ['init', '-q'],
      ['add', '.'],
      ['commit', '-q', '-m', 'before'],
    ])
      await git(folder.path, args)
    for (const file of await readdir(folder.path))
      if (file !== '.git') await rm(join(folder.path, file), { recursive: true })
    await cp(join(source, 'after'), folder.path, { recursive: true })
  } else {
    await cp(source, folder.path, { recursive: true })
    await rm(join(folder.path, expectedFile), { force: true })
  }
  await refresh(folder.path)
  return folder
}

/** The files of a folder that hold documents, from the folder. */
export async function documentFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && /\.(?:ya?ml|json)$/u.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.startsWith('.git/'))
    .sort()
}

// the folder a case is in has no tsx of its own
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href

export type Run = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** The command as a process, from the sources. */
export function portcullis(cwd: string, args: readonly string[]): Promise<Run> {
  const { NO_COLOR: _no, FORCE_COLOR: _force, GITHUB_STEP_SUMMARY: _summary, ...env } = process.env
  const program = ['--import', tsx, join(repositoryFolder, 'src/cli/main.ts')]
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...program, ...args],
      { cwd, env, maxBuffer: 64 * 1_048_576 },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

/** `portcullis check` of a copied case. */
export async function checkCase(
  folder: string,
  { changes }: Pick<Case, 'changes'>,
  ...more: readonly string[]
): Promise<Checked> {
  const base = changes ? ['--base', 'HEAD'] : []
  const { code, stdout, stderr } = await portcullis(folder, ['check', '.', '--format', 'json', ...base, ...more])
  return { code, stderr, ...(JSON.parse(stdout) as Pick<Checked, 'ruleStates' | 'findings'>) }
}

/** Each place once, in one order, so that two lists of them can be compared. */
export function placesOf(findings: readonly Place[]): readonly Place[] {
  const places = new Map(
    findings.map(({ rule, file, path }) => [JSON.stringify([file, rule, path]), { rule, file, path }]),
  )
  return [...places].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, place]) => place)
}

async function refresh(folder: string): Promise<void> {
  const now = new Date(Date.now() - hourMs).toISOString().replace(/\.\d+Z$/u, 'Z')
  for (const file of await documentFiles(folder)) {
    const path = join(folder, file)
    const text = await readFile(path, 'utf8')
    const fresh = text.replace(written, now)
    if (fresh !== text) await writeFile(path, fresh)
  }
}

async function git(cwd: string, args: readonly string[]): Promise<void> {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false']
  await promisify(execFile)('git', [...identity, '-c', 'init.defaultBranch=main', ...args], { cwd })
}
