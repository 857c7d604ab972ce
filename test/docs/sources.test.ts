/** The examples of docs/sources.md are configuration that starts, and its tables say what the code does. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { expect, test } from 'vitest'
import { parseConfig } from '../../src/app/config.ts'
import { createSources } from '../../src/app/sources.ts'
import { sortedEntriesMax } from '../../src/catalogue/webhdfs/webhdfs-catalogue.ts'
import { retryPausesMs } from '../../src/remote/bounded-retries.ts'
import { timeoutMsDefault } from '../../src/remote/http-client.ts'
import { fileBytesMax, resumptionsMax } from '../../src/remote/whole-bytes.ts'
import { repositoryFolder } from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'

const text = await readFile(join(repositoryFolder, 'docs/sources.md'), 'utf8')

test('the examples are accepted together', async () => {
  await using folder = await createTempFolder('sources')
  await writeFile(join(folder.path, 'payment.avsc'), '{"type": "record", "name": "Payment", "fields": []}')
  const roots = [...text.matchAll(/^```yaml\n(.*?)^```$/gmsu)].flatMap(([, yaml]) => {
    const list = yaml!.replace(/^catalogue:\n {2}roots:\n/u, '')
    return load(list) as object[]
  })
  expect(roots.length).toBeGreaterThan(5)
  const config = parseConfig(
    {
      listen: '127.0.0.1:0',
      authentication: { kind: 'none' },
      policy: { bundle: 'bundle.tar.gz' },
      directory: { kind: 'file', file: 'users.yaml' },
      catalogue: { roots },
      bus: { kind: 'embedded' },
      tokens: { kind: 'embedded' },
      audit: { folder: 'audit' },
    },
    { folder: folder.path },
  )
  const environment = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' }
  using sources = await createSources(config.catalogue.roots, {
    environment,
    now: Date.now,
    onUnnameable: () => undefined,
  })
  expect(sources.readers).toHaveLength(5)
})

test('the limits are those of the code', () => {
  expect(text).toContain(`sorted in memory, up to ${sortedEntriesMax.toLocaleString('en')} entries`)
  expect(retryPausesMs).toEqual([100, 500])
  expect(text).toContain('asked three times (after 0.1 and 0.5 s)')
  expect(text).toContain(`nothing for \`timeoutMs\` (${timeoutMsDefault / 1000} s)`)
  expect(text).toContain(`${fileBytesMax / 2 ** 40} TiB`)
  expect(resumptionsMax).toBe(5)
  expect(text).toContain('at most five times')
})
