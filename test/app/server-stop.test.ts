/** A whole server that stops while a call is under way: the call is answered, and what belongs into a log is there. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from '../../src/app/config.ts'
import { startServer } from '../../src/app/server.ts'
import { beginCall } from '../http/support/begun-call.ts'
import { writeHrConfig } from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'

test('a decision that is asked for before the server stops, and made after, is in the decision log', async () => {
  await using folder = await createTempFolder('server-stop')
  const decisions = join(folder.path, 'decisions')
  const file = await writeHrConfig(folder.path, { changes: { decisionLog: { folder: decisions } } })
  const server = await startServer(await readConfig(file, {}), { quiet: true })
  const call = await beginCall(server.url, '/v1/data/access/user', '{"input":{}}')
  const stopped = server[Symbol.asyncDispose]()
  expect(await call.finish()).toMatch(/^HTTP\/1\.1 200 /u)
  await stopped
  const lines = await Promise.all((await readdir(decisions)).map((name) => readFile(join(decisions, name), 'utf8')))
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ path: 'access/user', input: {} }])
}, 60_000)
