import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { describeConfig, parseConfig, readConfig } from '../../src/app/config.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'))
})
afterEach(() => rm(folder, { recursive: true }))

const minimal = (changes: Record<string, unknown> = {}) => ({
  listen: '127.0.0.1:0',
  authentication: { kind: 'none' },
  policy: { bundle: 'access.tar.gz' },
  directory: { kind: 'file', file: 'users.yaml' },
  catalogue: { roots: [{ id: 'file:/data/', folder: 'data' }] },
  bus: { kind: 'embedded' },
  tokens: { kind: 'embedded' },
  audit: { folder: 'audit' },
  ...changes,
})
const kafka = {
  bus: { kind: 'kafka', brokers: 'localhost:9092' },
  tokens: { kind: 'redis', url: 'redis://:hunter2@localhost' },
}
const jwt = { authentication: { kind: 'jwt', issuer: 'i', audience: 'a', keys: { url: 'https://example.com/keys' } } }
const parse = (changes: Record<string, unknown>, services?: string[]) =>
  parseConfig(minimal(changes), { folder: '/etc/portcullis', services })

describe('the configuration', () => {
  test('takes paths from its own folder', () => {
    const config = parse({})
    expect([
      config.policy.bundle,
      config.directory.file,
      config.catalogue.roots[0]!.folder,
      config.audit.folder,
    ]).toEqual([
      '/etc/portcullis/access.tar.gz',
      '/etc/portcullis/users.yaml',
      '/etc/portcullis/data',
      '/etc/portcullis/audit',
    ])
  })

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

  test('reports all problems at once, each with its place', () => {
    expect(() =>
      parse({ bus: { kind: 'kafka', brokrs: 'x' }, tokens: { kind: 'x' }, extra: 1, listen: 'nonsense' }),
    ).toThrow(
      expect.objectContaining({
        code: 'config.invalid',
        message: [
          'The configuration is not valid:',
          '  /: unknown key "extra"',
          '  /listen: must match pattern "^(?:\\[[0-9a-fA-F:]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}$"',
          "  /bus: must have required property 'brokers'",
          '  /bus: unknown key "brokrs"',
          '  /tokens: kind is none of those known here',
        ].join('\n'),
      }),
    )
  })

  test.each(['0.0.0.0:80', '[::]:80', 'example.com:80', '128.0.0.1:80'])(
    'does not serve %s without authentication',
    (listen) => {
      expect(() => parse({ listen })).toThrow('kind none serves loopback only')
      expect(parse({ listen, ...jwt }).listen).toBe(listen)
    },
  )

  test('runs some services alone only over Kafka and Redis', () => {
    expect(() => parse({}, ['policy'])).toThrow('need bus.kind kafka and tokens.kind redis')
    expect(parse(kafka, ['policy', 'user']).services).toEqual(['user', 'policy'])
    expect(() => parse(kafka, ['polisy'])).toThrow('"polisy" is none of request, user,')
  })

  test.each([
    ['file:/data', 'a root ends in /'],
    ['file:/data/../', '. or .. segment'],
  ])('refuses the root %s', (id, why) => {
    expect(() => parse({ catalogue: { roots: [{ id, folder: 'x' }] } })).toThrow(why)
  })

  test('shows no secret', () => {
    const key = Buffer.alloc(32, 7).toString('base64')
    const shown = describeConfig(
      parse({ ...kafka, policy: { bundle: 'b', hashKeys: { current: 'k', keys: { k: key } } } }),
    )
    expect(shown).not.toContain('hunter2')
    expect(shown).not.toContain(key)
  })

  test('is frozen', () => {
    expect(() => Object.assign(parse({}).audit, { folder: '/tmp' })).toThrow(TypeError)
  })
})
