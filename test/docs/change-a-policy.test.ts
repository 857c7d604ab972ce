/** README's "Change a policy", command by command, in a repository of its own: from the edit to the impact report, to a server that rolls out and back. */
import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { repository } from '../bundles/support/checkout.ts'
import { ensureTool } from '../support/ensure-tool.ts'
import { type PortcullisProcess, startPortcullis, writeHrConfig } from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'

const run = promisify(execFile)
const wait = { timeout: 30_000, interval: 50 } as const
let folder: Awaited<ReturnType<typeof createTempFolder>>
let server: PortcullisProcess
let opa: string
let chapter: string

beforeAll(async () => {
  opa = await ensureTool('opa')
  const readme = await readFile(join(repository, 'README.md'), 'utf8')
  chapter = /^## Change a policy\n(.*?)^## /ms.exec(readme)![1]!
  folder = await createTempFolder('change')
  for (const part of ['policies', 'opa-tests', 'bundles', 'examples/hr'])
    await cp(join(repository, part), join(folder.path, part), { recursive: true })
  await git('init', '-q', '-b', 'main')
  // so that HEAD holds what these sources build, whatever lies in bundles/
  await command('make bundles')
  await commit('Write the policies')
  await mkdir(join(folder.path, 'server'))
  const bundle = join(folder.path, 'bundles/access.tar.gz')
  server = await startPortcullis({ config: await writeHrConfig(join(folder.path, 'server'), { bundle }) })
}, 600_000)
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await folder?.[Symbol.asyncDispose]()
})

function git(...args: string[]) {
  return run('git', ['-C', folder.path, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args])
}

async function commit(message: string) {
  await git('add', 'policies', 'opa-tests', 'bundles', 'examples')
  await git('commit', '-qm', message)
}

async function command(line: string) {
  const words = line === 'make bundles' ? ['bundle', 'build'] : line.split(/\s+/).slice(1)
  const program = ['--import', import.meta.resolve('tsx'), join(repository, 'src/cli/main.ts'), ...words]
  const { HR_DATA: _, HR_AUDIT: __, ...environment } = process.env
  const result = await run(process.execPath, program, {
    cwd: folder.path,
    env: { ...environment, OPA: opa },
    maxBuffer: 64 * 1_048_576,
  }).catch((thrown: { code: number; stdout: string; stderr: string }) => thrown)
  return { code: 'code' in result ? result.code : 0, stdout: result.stdout, stderr: result.stderr }
}

/** The one command of the chapter that begins like this, without what is said of it. */
function told(beginning: string): string {
  const lines = chapter.split('\n').filter((line) => line.startsWith(beginning))
  expect(lines, beginning).toHaveLength(1)
  return lines[0]!.replace(/\s+#.*$/, '')
}

async function edit(file: string, from: string, to: string) {
  const text = await readFile(join(folder.path, file), 'utf8')
  expect(text).toContain(from)
  await writeFile(join(folder.path, file), text.replaceAll(from, to))
}

async function activeRevision(): Promise<string> {
  const response = await fetch(`${server.url}/v1/data/access/user?provenance`, { method: 'POST', body: '{"input":{}}' })
  const { provenance } = (await response.json()) as { provenance: { bundles: { access: { revision: string } } } }
  return provenance.bundles.access.revision
}

async function lockedRevision(): Promise<string> {
  const lock = JSON.parse(await readFile(join(folder.path, 'bundles/bundles.lock.json'), 'utf8')) as {
    bundles: Record<string, { revision: string }>
  }
  return lock.bundles['access.tar.gz']!.revision
}

test('every command does what README says, and the server follows there and back', async () => {
  const before = await lockedRevision()
  expect(await activeRevision()).toBe(before)
  const [, rule, from, to] = /\[`(policies\/\S+\.rego)`\][^`]*`("\w+")` becomes `("\w+")`/.exec(chapter)!
  await edit(rule!, from!, to!)

  expect(await command(told('portcullis policy lint'))).toMatchObject({ code: 0, stdout: '0 findings, 0 warnings\n' })

  const failing = await command(told('portcullis policy test'))
  expect(failing.code).toBe(1)
  expect(failing.stdout).toContain('test_hr_staff_read_nationality_for_staff_reports: FAIL')
  expect(failing.stderr).toBe('portcullis: what tests reach is told once they all pass\n')
  const ruleTest = rule!.replace('policies/', 'opa-tests/').replace('.rego', '_test.rego')
  await edit(ruleTest, '"SALARY", "DUTY_OF_CARE"', '"DUTY_OF_CARE"')
  await edit(ruleTest, from!, to!)
  const opened = 'opa-tests/access/access_test.rego'
  await edit(opened, '"/emergencyContacts", "/nationality", "/sex"}', '"/emergencyContacts", "/sex"}')
  await edit(opened, '"/emergencyContacts", "/sex"},\n\t}', '"/emergencyContacts", "/nationality", "/sex"},\n\t}')
  const passing = await command(told('portcullis policy test'))
  expect(passing, passing.stdout).toMatchObject({ code: 0 })
  expect(passing.stdout).toMatch(/tests reach [\d.]+ % of the lines/)

  expect(await command(told('make bundles'))).toMatchObject({ code: 0 })
  const after = await lockedRevision()
  expect(after).not.toBe(before)
  await vi.waitFor(async () => expect(await activeRevision()).toBe(after), wait)

  const differing = await command(told('portcullis policy diff'))
  expect(differing).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Rule hr\.nationality .* changed: .*\n$/) })

  const impact = await command(told('portcullis policy impact'))
  const [report] = /(?<=^```\n)Alice .*?(?=^```$)/ms.exec(chapter)!
  expect(impact).toMatchObject({ code: 1, stdout: report })
  expect(await command(`${told('portcullis policy impact')} --allow-widening`)).toMatchObject({ code: 0 })

  await commit('Let nationality be seen for salaries')
  const log = await command(told('portcullis bundle log'))
  expect(log.stdout.match(/^revision (\w+)$/gm)).toEqual([`revision ${after}`, `revision ${before}`])
  const back = told('portcullis bundle checkout').replace('<revision>', before.slice(0, 12))
  expect(await command(back)).toMatchObject({ code: 0 })
  await vi.waitFor(async () => expect(await activeRevision()).toBe(before), wait)
  expect(server.log()).not.toContain('policy.refused')
}, 600_000)
