import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createTempFolder } from './temp-folder.ts'

test('a temporary folder and what is in it are gone when its scope ends', async () => {
  let path: string
  {
    await using folder = await createTempFolder('mine')
    path = folder.path
    await writeFile(join(path, 'file'), 'x')
    expect(existsSync(join(path, 'file'))).toBe(true)
  }
  expect(existsSync(path)).toBe(false)
})

test('a temporary folder that nobody disposed of is gone when the process exits', async () => {
  const module = new URL('temp-folder.ts', import.meta.url).href
  const program = `const { createTempFolder } = await import('${module}'); console.log((await createTempFolder()).path)`
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    program,
  ])
  expect(stdout).toContain('portcullis-test-')
  expect(existsSync(stdout.trim())).toBe(false)
})
