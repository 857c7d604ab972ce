import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { createTempFolder } from '../support/temp-folder.ts'

const script = fileURLToPath(new URL('../../tools/ensure', import.meta.url))

test('an opa of the pinned version on PATH is taken', async () => {
  const folder = await folderWithProgram('opa', `printf 'Version: 1.22.2\\nWebAssembly: available\\n'`)
  expect(await ensure('opa', { PATH: pathWith(folder) })).toEqual({
    code: 0,
    stdout: `${join(folder, 'opa')}\n`,
    stderr: '',
  })
})

test('an opa of another version on PATH is passed over for the one in the cache', async () => {
  const folder = await folderWithProgram('opa', `printf 'Version: 1.0.0\\nWebAssembly: available\\n'`)
  const cached = join(folder, 'bin', 'opa-1.22.2')
  await writeProgram(cached, 'opa', 'exit 0')
  expect(await ensure('opa', { PATH: pathWith(folder), PORTCULLIS_CACHE: folder })).toEqual({
    code: 0,
    stdout: `${join(cached, 'opa')}\n`,
    stderr: '',
  })
})

test.each([
  ['of another version', `printf 'Version: 1.22.1\\nWebAssembly: available\\n'`],
  ['built without WebAssembly', `printf 'Version: 1.22.2\\nWebAssembly: unavailable\\n'`],
  ['that fails', 'exit 3'],
])('an override %s is refused, not replaced', async (_name, body) => {
  const folder = await folderWithProgram('opa', body)
  expect(await ensure('opa', { OPA: join(folder, 'opa') })).toEqual({
    code: 1,
    stdout: '',
    stderr: 'ensure: opa: the override is not version 1.22.2 (for opa: built with -tags=opa_wasm)\n',
  })
})

test.each([
  ['opa', 'OPA', 'opa: the override names no program that can be run'],
  ['redis', 'REDIS_SERVER', 'redis: the override names no program that can be run'],
  ['chromium', 'CHROMIUM', 'chromium: the override names no program that can be run'],
  ['kafka', 'KAFKA_HOME', 'KAFKA_HOME holds no libs folder'],
])('an override for %s that names nothing is refused', async (tool, variable, message) => {
  expect(await ensure(tool, { [variable]: '/nowhere' })).toEqual({
    code: 1,
    stdout: '',
    stderr: `ensure: ${message}\n`,
  })
})

test('a Kafka installation of one’s own is taken', async () => {
  const folder = await ownFolder()
  await mkdir(join(folder, 'libs'))
  expect(await ensure('kafka', { KAFKA_HOME: folder })).toEqual({
    code: 0,
    stdout: `${join(folder, 'libs')}\n`,
    stderr: '',
  })
})

test('a Go too old to fetch a newer one is refused with what is needed', async () => {
  const folder = await folderWithProgram('go', 'echo go1.19.8')
  expect(await ensure('go', { PATH: pathWith(folder) })).toEqual({
    code: 1,
    stdout: '',
    stderr: 'ensure: Go 1.21 or later is needed, this is go1.19.8\n',
  })
})

test('a tool that nobody knows is refused', async () => {
  expect((await ensure('sword', {})).code).toBe(1)
})

async function ensure(tool: string, env: Record<string, string>) {
  const inherited = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' }
  try {
    const { stdout, stderr } = await promisify(execFile)(script, [tool], { env: { ...inherited, ...env } })
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, stdout, stderr }
  }
}

function pathWith(folder: string): string {
  return [folder, process.env.PATH].join(delimiter)
}

async function ownFolder(): Promise<string> {
  const folder = await createTempFolder('ensure')
  onTestFinished(() => folder[Symbol.asyncDispose]())
  return folder.path
}

async function folderWithProgram(name: string, body: string): Promise<string> {
  const folder = await ownFolder()
  await writeProgram(folder, name, body)
  return folder
}

async function writeProgram(folder: string, name: string, body: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 })
}
