/** What is wrong with a configuration is told at once and with its place, whatever stands there. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseConfig, readConfig } from '../../src/app/config.ts'
import { jwt, kafka, minimal, parse } from './support/minimal-config.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'))
})
afterEach(() => rm(folder, { recursive: true }))

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
        '  /trustedProxies/2: is everybody; name the proxies',
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

test.each([
  ['/policy/bundle', { policy: { bundle: 'https://u:hunter2@example.com/b' } }],
  ['/policy/productBundle', { policy: { bundle: 'b', productBundle: 'http://hunter2@example.com/b' } }],
  [
    '/authentication/keys/url',
    { authentication: { ...jwt.authentication, keys: { url: 'https://u:hunter2@example.com/keys' } } },
  ],
])('a password in the address %s is refused, and not repeated', (at, changes) => {
  const message = `The configuration is not valid:\n  ${at}: must not have a user or a password in it, which are not sent`
  expect(() => parse(changes)).toThrow(expect.objectContaining({ message }))
})
