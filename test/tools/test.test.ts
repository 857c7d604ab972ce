import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('../../tools/test.ts', import.meta.url))

test('a run without any check fails, and its last line says what was counted', async () => {
  const run = promisify(execFile)(process.execPath, ['--import', 'tsx', script, 'no-such-group'])
  await expect(run).rejects.toMatchObject({ code: 1, stdout: '0 passed, 0 failed\n' })
})
