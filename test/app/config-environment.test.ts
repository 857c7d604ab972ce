/** Variables of the environment in the configuration: anywhere in a string, and whole numbers and booleans. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from '../../src/app/config.ts'
import { minimal } from './support/minimal-config.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('takes ${NAME:-default} from the environment and reports a name without either', async () => {
  const file = join(folder, 'p.yaml')
  await writeFile(
    file,
    JSON.stringify(minimal({ audit: { folder: '${WHERE:-here}/audit' }, policy: { bundle: '${BUNDLE}' } })),
  )
  expect((await readConfig(file, { BUNDLE: '/b', WHERE: '/there' })).audit.folder).toBe('/there/audit')
  expect((await readConfig(file, { BUNDLE: '/b' })).audit.folder).toBe(join(folder, 'here/audit'))
  await expect(readConfig(file, {})).rejects.toThrow('/policy/bundle: the environment variable BUNDLE is not set')
})

test('fills numbers and booleans from the environment as well', async () => {
  const file = join(folder, 'p.yaml')
  const changes = {
    bus: { kind: 'kafka', brokers: 'b:${PORT}', partitions: '${PARTITIONS:-6}' },
    tokens: { kind: 'redis', url: 'redis://localhost' },
    policy: { bundle: 'b', checkedShare: '${SHARE}' },
    requests: { clientTokens: '${CLIENT_TOKENS}' },
    limits: { reads: { perMinute: '${RATE}', burst: '1${RATE}' } },
    // a string that looks like a number stays one
    audit: { folder: '${RATE}' },
  }
  await writeFile(file, JSON.stringify(minimal(changes)))
  const environment = { PORT: '9092', SHARE: '0.25', CLIENT_TOKENS: 'true', RATE: '600' }
  expect(await readConfig(file, environment)).toMatchObject({
    bus: { brokers: 'b:9092', partitions: 6 },
    policy: { checkedShare: 0.25 },
    requests: { clientTokens: true },
    limits: { reads: { perMinute: 600, burst: 1600 } },
    audit: { folder: join(folder, '600') },
  })
  const wrong = { ...environment, SHARE: '25%', CLIENT_TOKENS: 'yes', RATE: '6.5' }
  await expect(readConfig(file, wrong)).rejects.toThrow(
    expect.objectContaining({
      message: [
        'The configuration is not valid:',
        '  /policy/checkedShare: must be number (it comes from the environment: SHARE)',
        '  /requests/clientTokens: must be boolean (it comes from the environment: CLIENT_TOKENS)',
        '  /limits/reads/perMinute: must be integer (it comes from the environment: RATE)',
        '  /limits/reads/burst: must be integer (it comes from the environment: RATE)',
      ].join('\n'),
    }),
  )
})
