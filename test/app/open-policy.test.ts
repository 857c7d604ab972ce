import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { parseConfig } from '../../src/app/config.ts'
import { openPolicy } from '../../src/app/open-policy.ts'
import { repacked } from '../bundles/support/repack.ts'
import { createTempFolder } from '../support/temp-folder.ts'

test.each([
  ['is said in the log, since each record then costs an evaluation', { 'plan.json': '{}' }, ['policy.plan_unusable']],
  ['says nothing where it can be used', {}, []],
])('a plan that does not belong to the policies %s', async (_, changes, warnings) => {
  await using folder = await createTempFolder('open-policy')
  const bundle = join(folder.path, 'access.tar.gz')
  await writeFile(bundle, repacked('one', changes).bytes)
  const lines: string[] = []
  const log = pino(new Writable({ write: (line, _encoding, done) => done(void lines.push(String(line))) }))
  const config = parseConfig(
    {
      listen: '127.0.0.1:0',
      authentication: { kind: 'none' },
      policy: { bundle },
      directory: { kind: 'file', file: 'users.yaml' },
      catalogue: { roots: [{ id: 'file:/data/', folder: 'data' }] },
      bus: { kind: 'embedded' },
      tokens: { kind: 'embedded' },
      audit: { folder: 'audit' },
    },
    { folder: folder.path },
  )
  using _held = await openPolicy(config, log)
  const said = lines.map((line) => JSON.parse(line) as { level: number; msg: string })
  expect(said.filter(({ level }) => level >= 40).map(({ msg }) => msg)).toEqual(warnings)
})
