import { expect, test } from 'vitest'
import { describeConfig } from '../../src/app/config.ts'
import { kafka, parse } from './support/minimal-config.ts'

test('takes paths from its own folder', () => {
  const config = parse({})
  expect([config.policy.bundle, config.directory.file, config.catalogue.roots[0]!.folder, config.audit.folder]).toEqual(
    ['/etc/portcullis/access.tar.gz', '/etc/portcullis/users.yaml', '/etc/portcullis/data', '/etc/portcullis/audit'],
  )
})

test('shows no secret', () => {
  const key = Buffer.alloc(32, 7).toString('base64')
  const shown = describeConfig(
    parse({
      bus: {
        kind: 'kafka',
        brokers: 'localhost:9092',
        ssl: {},
        sasl: { mechanism: 'scram-sha-512', username: 'somebody', password: 'hunter1' },
      },
      tokens: {
        kind: 'redis',
        sentinel: { master: 'main', nodes: ['localhost:26379'], password: 'hunter3' },
        password: 'hunter4',
      },
      policy: {
        bundle: 'https://bundles.example/access.tar.gz',
        bundleService: { bearerToken: 'hunter5' },
        hashKeys: { current: 'k', keys: { k: key } },
      },
      reading: { etagKey: key },
    }),
  )
  expect(shown).not.toContain('hunter')
  expect(shown).not.toContain(key)
  expect(shown.match(/\*\*\*/gu)).toHaveLength(6)
  expect(shown).toContain('somebody')
  expect(describeConfig(parse(kafka))).not.toContain('hunter')
})

test('is frozen', () => {
  expect(() => Object.assign(parse({}).audit, { folder: '/tmp' })).toThrow(TypeError)
})
