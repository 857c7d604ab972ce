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

  test('reports all problems at once, each with its place: of the schema, of what does not fit together, of the environment', async () => {
    const file = join(folder, 'p.yaml')
    const changes = {
      bus: { kind: 'kafka', brokrs: 'x', sasl: { mechanism: 'plain', username: 'u' } },
      tokens: { kind: 'x' },
      extra: 1,
      listen: '${WHERE}:80',
      log: { level: 'verbose' },
      limits: { read: {} },
      requests: { extraHeaders: ['cookie'] },
      trustedProxies: ['10.0.0.0/8', '10.0.0.0/33', '::/0', 'proxy'],
      catalogue: {
        roots: [
          { id: 'file:/data/', folder: 'data' },
          { id: 'file:/data/', folder: 5 },
          { id: 'file:/data/hr/', folder: 'data', s3: { bucket: 'hr-data' } },
          'nonsense',
        ],
      },
      policy: { bundle: '${BUNDLE}', hashKeys: { current: 'k', keys: { l: 'c2hvcnQ=' } } },
    }
    await writeFile(file, JSON.stringify(minimal(changes)))
    await expect(readConfig(file, { WHERE: '0.0.0.0' }, { services: ['polisy'] })).rejects.toThrow(
      expect.objectContaining({
        code: 'config.invalid',
        message: [
          'The configuration is not valid:',
          '  /policy/bundle: the environment variable BUNDLE is not set',
          '  --services: "polisy" is none of request, user, resource, policy, masking, delivery, data, audit',
          '  /: unknown key "extra"',
          '  /catalogue/roots/1/folder: must be string',
          '  /catalogue/roots/3: must be object',
          "  /bus: must have required property 'brokers'",
          '  /bus: unknown key "brokrs"; did you mean "brokers"?',
          '  /tokens/kind: must be one of "embedded", "redis"',
          '  /limits: unknown key "read"; did you mean "reads"?',
          '  /log/level: must be one of "silent", "error", "warn", "info", "debug"',
          '  /authentication: kind none serves loopback only; use kind jwt, or listen on 127.0.0.1 or [::1]',
          '  /trustedProxies/1: must be an address, or a network such as 10.0.0.0/8',
          '  /trustedProxies/3: must be an address, or a network such as 10.0.0.0/8',
          '  /requests/extraHeaders: cookie cannot ride along',
          '  /policy/hashKeys/current: names no key',
          '  /policy/hashKeys/keys/l: needs at least 32 bytes, in base64',
          '  /catalogue/roots/2: needs one of folder, s3, http, hdfs, kafka',
          '  /catalogue/roots/1/id: is that of /catalogue/roots/0, too',
          '  /catalogue/roots: file:/data/hr/ lies below another root',
        ].join('\n'),
      }),
    )
  })

  test.each([[undefined], [null], [5], ['text'], [[]], [{}]])(
    'that is %j is refused, and nothing else happens',
    (document) => {
      expect(() => parseConfig(document, { folder })).toThrow(expect.objectContaining({ code: 'config.invalid' }))
    },
  )

  test('is accepted or refused, whatever stands in any one place of it', () => {
    const whole = minimal({
      ...jwt,
      ...kafka,
      bus: {
        kind: 'kafka',
        brokers: 'b:1',
        ssl: { ca: 'ca.pem' },
        sasl: { mechanism: 'plain', username: 'u', password: 'p' },
      },
      policy: { bundle: 'b', hashKeys: { current: 'k', keys: { k: Buffer.alloc(32, 7).toString('base64') } } },
      requests: { extraHeaders: ['traceparent'] },
      reading: { etagKey: Buffer.alloc(32, 7).toString('base64') },
      trustedProxies: ['10.0.0.0/8'],
    })
    const places: string[][] = []
    const collect = (value: unknown, path: readonly string[]) => {
      if (typeof value !== 'object' || value === null) return
      for (const [key, item] of Object.entries(value)) {
        places.push([...path, key])
        collect(item, [...path, key])
      }
    }
    collect(whole, [])
    expect(parseConfig(structuredClone(whole), { folder }).bus.kind).toBe('kafka')
    const wrongs = [null, 5, '', 'x', [], {}, [null], { kind: 'kafka' }, '${UNSET}']
    for (const path of places)
      for (const wrong of wrongs) {
        const changed = structuredClone(whole) as Record<string, unknown>
        const parent = path.slice(0, -1).reduce((value, key) => value[key] as Record<string, unknown>, changed)
        parent[path.at(-1)!] = structuredClone(wrong)
        try {
          parseConfig(changed, { folder, environment: {} })
        } catch (thrown) {
          expect([path, wrong, thrown]).toEqual([path, wrong, expect.objectContaining({ code: 'config.invalid' })])
        }
      }
  })

  test('says what an address to listen on looks like', () => {
    expect(() => parse({ listen: 'nonsense' })).toThrow('(host:port; port 0 takes a free one)')
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
})

const kafkaBus = (more: object) => ({ ...kafka, bus: { kind: 'kafka', brokers: 'b:1', ...more } })
const redis = (tokens: object) => ({ ...kafka, tokens: { kind: 'redis', ...tokens } })
const sasl = { mechanism: 'plain', username: 'u', password: 'p' }
const sentinel = { master: 'main', nodes: ['s:26379'] }

describe('the way to the broker and the store', () => {
  test.each([
    [kafkaBus({ brokers: 'a:1, b' }), '/bus/brokers: must be host:port, several separated by commas'],
    [
      kafkaBus({ sasl }),
      '/bus/sasl: the password and all messages would go out in clear; add ssl, or say insecure: true',
    ],
    [kafkaBus({ ssl: {}, sasl: { ...sasl, passwordFile: 'f' } }), '/bus/sasl: takes one of password, passwordFile'],
    [
      kafkaBus({ ssl: {}, sasl: { mechanism: 'plain', username: 'u' } }),
      '/bus/sasl: needs one of password, passwordFile',
    ],
    [kafkaBus({ ssl: { cert: 'c' } }), '/bus/ssl: cert and key belong together'],
    [kafkaBus({ ssl: {}, sasl: { ...sasl, mechanism: 'gssapi' } }), '/bus/sasl/mechanism: must be one of "plain"'],
    [redis({}), '/tokens: needs one of url, sentinel'],
    [redis({ url: 'redis://r', sentinel }), '/tokens: needs one of url, sentinel'],
    [redis({ url: 'http://r' }), '/tokens/url: must begin with redis:// or rediss://'],
    [redis({ url: 'redis://r', tls: {} }), '/tokens/tls: belongs to a url that begins with rediss://'],
    [redis({ url: 'rediss://r', tls: { key: 'k' } }), '/tokens/tls: cert and key belong together'],
    [redis({ url: 'rediss://r', username: 'u' }), '/tokens: needs one of password, passwordFile'],
    [redis({ sentinel: { ...sentinel, username: 'u' } }), '/tokens/sentinel: needs one of password, passwordFile'],
    [redis({ sentinel: { ...sentinel, nodes: ['s'] } }), '/tokens/sentinel/nodes/0: must match pattern'],
  ])('%j is refused: %s', (changes, why) => {
    expect(() => parse(changes)).toThrow(why)
  })

  test('names its files relative to the configuration', () => {
    const { bus, tokens } = parse({
      bus: {
        kind: 'kafka',
        brokers: 'b:1',
        insecure: true,
        ssl: { ca: 'ca', cert: 'tls/c', key: '/abs/k' },
        sasl: { mechanism: 'plain', username: 'u', passwordFile: 'secret' },
      },
      tokens: { kind: 'redis', sentinel: { ...sentinel, passwordFile: 's' }, passwordFile: 'p', tls: { ca: 'ca' } },
    })
    expect(bus).toMatchObject({
      ssl: { ca: '/etc/portcullis/ca', cert: '/etc/portcullis/tls/c', key: '/abs/k' },
      sasl: { passwordFile: '/etc/portcullis/secret' },
    })
    expect(tokens).toMatchObject({
      sentinel: { passwordFile: '/etc/portcullis/s', nodes: ['s:26379'] },
      passwordFile: '/etc/portcullis/p',
      tls: { ca: '/etc/portcullis/ca' },
    })
  })
})
