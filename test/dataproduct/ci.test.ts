/** What docs/check-in-ci.md gives to paste: the commands in it are taken out of the files and run on example products. */
import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { load } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { repositoryFolder } from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'
import { corpusFolder, documentFiles } from './support/corpus.ts'

type Step = { readonly run?: string; readonly uses?: string; readonly env?: Readonly<Record<string, string>> }
type Workflow = { readonly jobs: { readonly check: { readonly steps: readonly Step[] } } }
type Action = {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>
  readonly runs: { readonly steps: readonly Step[] }
}
type Gitlab = {
  readonly 'data-products': {
    readonly script: readonly string[]
    readonly artifacts: { readonly reports: Readonly<Record<string, string>> }
  }
}
type Hook = { readonly entry: string; readonly args: readonly string[]; readonly files: string }

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const read = async <Content>(file: string) => load(await readFile(join(repositoryFolder, file), 'utf8')) as Content

function bash(cwd: string, script: string, env: Readonly<Record<string, string>>) {
  const { NO_COLOR: _no, FORCE_COLOR: _force, GITHUB_STEP_SUMMARY: _summary, ...own } = process.env
  const path = `${join(cwd, '.tool/bin')}${delimiter}${own['PATH']}`
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(
      'bash',
      ['-euo', 'pipefail', '-c', script],
      { cwd, env: { ...own, PATH: path, ...env } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

/** A checkout as CI has it: `main` at origin, and a branch that adds `added` to the products. */
async function checkout(added?: string) {
  const folder = await createTempFolder('ci')
  const bin = join(folder.path, '.tool/bin')
  await mkdir(bin, { recursive: true })
  const program = `#!/bin/sh\nexec '${process.execPath}' --import '${tsx}' '${join(repositoryFolder, 'src/cli/main.ts')}' "$@"\n`
  await writeFile(join(bin, 'portcullis'), program, { mode: 0o755 })
  const products = join(folder.path, 'products')
  await cp(join(corpusFolder, 'help-desk-agent'), join(products, 'help-desk-agent'), { recursive: true })
  const identity = '-c user.name=t -c user.email=t@example.com -c commit.gpgsign=false -c init.defaultBranch=main'
  const git = (...args: readonly string[]) => args.map((each) => `git ${identity} ${each}`).join(' && ')
  const commit = 'add products'
  await bash(folder.path, git('init -q', commit, 'commit -q -m main', 'remote add origin .', 'fetch -q origin'), {})
  if (added !== undefined) await cp(join(corpusFolder, added), join(products, added), { recursive: true })
  await bash(folder.path, git('checkout -q -b change', commit, 'commit -q --allow-empty -m change'), {})
  return folder
}

async function artefacts(folder: string, names: readonly string[]) {
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return texts.map((text) => {
    if (text.startsWith('<?xml')) return /<testsuites/u.test(text) ? 'junit' : 'xml'
    const value = JSON.parse(text) as { readonly version?: string; readonly runs?: readonly unknown[] }
    if (Array.isArray(value))
      return value.every((each) => 'fingerprint' in each && 'location' in each) ? 'gitlab' : 'list'
    return value.version === '2.1.0' && value.runs?.length === 1 ? 'sarif' : 'json'
  })
}

/** A branch in order, and one with findings. */
const branches = [
  { added: undefined, code: 0 },
  { added: 'leads', code: 1 },
] as const

describe('ready to paste', () => {
  test.each(branches)(
    'the GitHub workflow ends with $code when a pull request adds $added',
    async ({ added, code }) => {
      await using folder = await checkout(added)
      const { steps } = (await read<Workflow>('examples/ci/github-workflow.yml')).jobs.check
      const runs = steps.flatMap(({ run }) => run ?? [])
      expect(runs.filter((run) => !run.startsWith('npm install'))).toHaveLength(1)
      const ended = await bash(folder.path, runs.at(-1)!, { BASE: 'origin/main' })
      expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code, stderr: '' })
      expect(ended.stdout.includes('::error file=products/leads/')).toBe(code === 1)
      expect(await artefacts(folder.path, ['portcullis.sarif', 'portcullis.xml'])).toEqual(['sarif', 'junit'])
      expect(JSON.stringify(steps)).toContain('"sarif_file":"portcullis.sarif"')
    },
    60_000,
  )

  test.each(branches)(
    'the action ends with $code when a pull request adds $added',
    async ({ added, code }) => {
      await using folder = await checkout(added)
      const { inputs, runs } = await read<Action>('action.yml')
      const step = runs.steps.find(({ run }) => run?.includes('portcullis" check'))!
      const given: Readonly<Record<string, string>> = { paths: 'products', base: 'origin/main' }
      const env = Object.entries(step.env!).map(([name, expression]) => {
        const input = /^\$\{\{ inputs\.([a-z-]+) \}\}$/u.exec(expression)![1]!
        return [name, given[input] ?? inputs[input]!.default]
      })
      const ended = await bash(folder.path, step.run!, {
        GITHUB_ACTION_PATH: join(folder.path, '.tool'),
        ...(Object.fromEntries(env) as Record<string, string>),
      })
      expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code, stderr: '' })
      expect(await artefacts(folder.path, ['portcullis.sarif', 'portcullis.xml'])).toEqual(['sarif', 'junit'])
    },
    60_000,
  )

  test.each(branches)(
    'the GitLab job ends with $code when a merge request adds $added',
    async ({ added, code }) => {
      await using folder = await checkout(added)
      const { script, artifacts } = (await read<Gitlab>('examples/ci/gitlab-ci.yml'))['data-products']
      const ended = await bash(folder.path, script.join('\n'), {
        CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
        BASE: 'origin/main',
      })
      expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code, stderr: '' })
      const { codequality, junit } = artifacts.reports
      expect(await artefacts(folder.path, [codequality!, junit!])).toEqual(['gitlab', 'junit'])
    },
    60_000,
  )

  test.each(branches)(
    'the pre-commit hook ends with $code when a commit holds $added',
    async ({ added, code }) => {
      await using folder = await checkout(added)
      const [hook] = await read<readonly [Hook]>('.pre-commit-hooks.yaml')
      const files = (await documentFiles(folder.path)).filter((file) => new RegExp(hook.files, 'u').test(file))
      expect(files.length).toBeGreaterThanOrEqual(2)
      const { code: ended, stdout } = await bash(folder.path, [hook.entry, ...hook.args, ...files].join(' '), {})
      expect({ ended, leads: stdout.includes('products/leads/') }).toEqual({ ended: code, leads: code === 1 })
    },
    60_000,
  )

  test('the page shows the files as they are', async () => {
    const page = await readFile(join(repositoryFolder, 'docs/check-in-ci.md'), 'utf8')
    for (const file of ['examples/ci/github-workflow.yml', 'examples/ci/gitlab-ci.yml'])
      expect(page).toContain(await readFile(join(repositoryFolder, file), 'utf8'))
    for (const name of Object.keys((await read<Action>('action.yml')).inputs)) expect(page).toContain(`\`${name}\``)
  })
})
