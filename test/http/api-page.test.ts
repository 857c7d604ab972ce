/** docs/api.md: its commands are run as they stand there, and must answer what it says. */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { readConfig } from '../../src/app/config.ts'
import { startServer } from '../../src/app/server.ts'
import { repositoryFolder } from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'

test('the examples of the page answer what the page says', async () => {
  await using folder = await createTempFolder('page')
  const file = join(repositoryFolder, 'examples/hr/portcullis.yaml')
  const config = await readConfig(file, { HR_AUDIT: folder.path }, { listen: '127.0.0.1:0', services: undefined })
  await using server = await startServer(config, { quiet: true })
  const page = await readFile(join(repositoryFolder, 'docs/api.md'), 'utf8')
  const blocks = [...page.matchAll(/```(sh|text)\n([\s\S]*?)```/gu)].map(([, kind, text]) => ({ kind, text: text! }))
  const script = join(folder.path, 'page.sh')
  const commands = blocks.filter(({ kind }) => kind === 'sh').map(({ text }) => text)
  // a problem has no line end
  await writeFile(script, `set -euo pipefail\n${commands.join('echo\n')}`)
  const env = { ...process.env, SERVER: server.url }
  const { stdout } = await promisify(execFile)('bash', [script], { cwd: folder.path, env })
  const said = blocks.filter(({ kind }) => kind === 'text').map(({ text }) => text)
  expect(said.length).toBeGreaterThan(5)
  expect(linesOf(stdout)).toEqual(linesOf(said.join('')))
})

function linesOf(text: string): string[] {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/gu, 'UUID')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/gu, 'TIME')
    .split('\n')
    .filter((line) => line !== '')
}
