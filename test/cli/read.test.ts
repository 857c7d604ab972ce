/** `portcullis read` as it is typed, against a running server. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { repositoryFolder, startHrPortcullis } from '../support/portcullis-process.ts'

const run = promisify(execFile)
const leaf = 'file:/data/hr/employee_file0.avro'

test('columns, a limit and another media type are asked for by name', async () => {
  await using server = await startHrPortcullis()
  const portcullis = async (...args: string[]) => {
    const program = ['--import', 'tsx', join(repositoryFolder, 'src/cli/main.ts'), ...args, '--server', server.url]
    const result = await run(process.execPath, program, { cwd: repositoryFolder }).catch(
      (thrown: { code: number; stdout: string; stderr: string }) => thrown,
    )
    return { code: 'code' in result ? result.code : 0, stdout: result.stdout, stderr: result.stderr }
  }
  const token = (await portcullis('request', 'file:/data/hr/', '--user', 'Bob', '--purpose', 'SALARY')).stdout.trim()
  const wanted = ['--accept', 'application/x-ndjson', '--columns', 'uid,taxCode', '--limit', '2']
  const { stdout, code } = await portcullis('read', token, leaf, ...wanted)
  expect(code).toBe(0)
  const records = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(records).toEqual([
    { uid: expect.stringMatching(/^\d+$/), taxCode: null },
    { uid: expect.stringMatching(/^\d+$/), taxCode: null },
  ])
  const unknown = await portcullis('read', token, leaf, '--columns', 'shoeSize')
  expect(unknown.code).not.toBe(0)
  expect(unknown.stderr).toContain('shoeSize')
}, 60_000)
